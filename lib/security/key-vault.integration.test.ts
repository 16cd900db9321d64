/** Azure Key Vault's REST API on this machine, as the product's client speaks it: a challenge, a token, a secret, over TLS. */
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyVault, readSecretSources } from './secret-sources.ts';

const VERSION = '0123456789abcdef0123456789abcdef';
const VALUE = 'a value that only the vault has';
let certificate: string;
let vault: Server;
let host: string;
/** `authorization` of each request, and its path */
const asked: (readonly [string | undefined, string | undefined])[] = [];
const trusted = getCACertificates('default');

beforeAll(async () => {
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  certificate = made.cert;
  vault = createServer({ key: made.private, cert: made.cert }, (request, response) => {
    asked.push([request.headers.authorization, request.url]);
    response.setHeader('content-type', 'application/json');
    if (request.headers.authorization === undefined) {
      response.setHeader(
        'www-authenticate',
        'Bearer authorization="https://login.microsoftonline.com/00000000-0000-4000-8000-000000000000", resource="https://localhost"',
      );
      response.writeHead(401).end('{"error":{"code":"Unauthorized","message":"AKV10000"}}');
    } else if (request.url?.startsWith('/secrets/database/')) {
      response.end(JSON.stringify({ value: VALUE, id: `https://${host}/secrets/database/${VERSION}`, attributes: {} }));
    } else {
      response.writeHead(403).end('{"error":{"code":"Forbidden","message":"not yours"}}');
    }
  });
  await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
  host = `localhost:${(vault.address() as AddressInfo).port}`;
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  vault.close();
});

const credential = { getToken: async () => ({ token: 'a token', expiresOnTimestamp: Date.now() + 3_600_000 }) };
/** The vault is no domain under its resource here, which the client would insist on. */
const ask = () =>
  keyVault({ credential, options: { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } } });

it('is not believed while nobody trusts its certificate', async () => {
  await expect(readSecretSources({ A: `keyvault://${host}/database` }, ['A'], ask())).rejects.toThrow(
    /did not give database \(.*CERT/i,
  );
  expect(asked).toEqual([]);
});

it('gives the newest version, or the one that is named, for a token', async () => {
  setDefaultCACertificates([...trusted, certificate]);
  const source = { A: `keyvault://${host}/database`, B: `keyvault://${host}/database/${VERSION}` };
  expect(await readSecretSources(source, ['A', 'B'], ask())).toEqual({ A: VALUE, B: VALUE });
  const paths = asked.filter(([token]) => token === 'Bearer a token').map(([, url]) => url?.split('?')[0]);
  expect(paths).toEqual(['/secrets/database/', `/secrets/database/${VERSION}`]);
});

it('and its refusal stops the start with a sentence', async () => {
  setDefaultCACertificates([...trusted, certificate]);
  await expect(readSecretSources({ A: `keyvault://${host}/other` }, ['A'], ask())).rejects.toThrow(
    `A: the vault ${host} did not give other (403 Forbidden).`,
  );
});

it('a vault whose challenge names another domain gets no token', async () => {
  setDefaultCACertificates([...trusted, certificate]);
  const before = asked.length;
  const strict = keyVault({ credential, options: { retryOptions: { maxRetries: 0 } } });
  await expect(readSecretSources({ A: `keyvault://${host}/database` }, ['A'], strict)).rejects.toThrow('did not give');
  expect(asked.slice(before).map(([token]) => token)).toEqual([undefined]);
});
