/** HTTPS_PROXY, NO_PROXY and NODE_EXTRA_CA_CERTS hold for every client that speaks HTTPS: each in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type ConnectProxy, environmentOfProbe, startConnectProxy } from './connect-proxy.fixture.ts';

/** Nobody but the proxy knows where these are. */
const DOMAIN = 'outside.test';
const CLIENTS = ['blob', 'entra', 'graph', 'heartbeat', 'hook', 'reach', 'signin', 'telemessage', 'vault'];

let server: Server;
let proxy: ConnectProxy;
let port: string;
let folder: string;
let authority: string;
/** host of each request that arrived */
const arrived: string[] = [];

beforeAll(async () => {
  const names = ['localhost', ...CLIENTS.map((name) => `${name}.${DOMAIN}`)];
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
  folder = mkdtempSync(join(tmpdir(), 'outgoing-'));
  authority = join(folder, 'ca.pem');
  writeFileSync(authority, made.cert);
  server = createServer({ key: made.private, cert: made.cert }, (request, response) => {
    arrived.push(request.headers.host ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = String((server.address() as AddressInfo).port);
  proxy = await startConnectProxy();
});
afterAll(() => {
  proxy.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  arrived.length = 0;
  proxy.tunnels.length = 0;
});

const probe = (domain: string, environment: Readonly<Record<string, string>>) =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'outgoing-probe.fixture.ts'), port, domain], {
    env: { ...environmentOfProbe(), ...environment },
  });
const each = (hosts: readonly string[]): readonly string[] => [...new Set(hosts)].toSorted();

it('everything goes by the proxy, which alone knows the names', async () => {
  await probe(DOMAIN, { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: authority });
  expect(each(proxy.tunnels)).toEqual(CLIENTS.map((name) => `${name}.${DOMAIN}:${port}`));
  // Whether TeleMessage's host answers is asked without a request.
  const asking = CLIENTS.filter((name) => name !== 'reach');
  expect(each(arrived)).toEqual(asking.map((name) => `${name}.${DOMAIN}:${port}`));
});

it('what NO_PROXY names goes straight', async () => {
  await probe('localhost', { HTTPS_PROXY: proxy.url, NO_PROXY: 'localhost', NODE_EXTRA_CA_CERTS: authority });
  expect(proxy.tunnels).toEqual([]);
  expect(arrived.length).toBeGreaterThanOrEqual(CLIENTS.length - 1);
});

it('a certificate of an authority that nobody named is refused by every client', async () => {
  await probe(DOMAIN, { HTTPS_PROXY: proxy.url });
  expect(each(proxy.tunnels)).toEqual(CLIENTS.map((name) => `${name}.${DOMAIN}:${port}`));
  expect(arrived).toEqual([]);
});
