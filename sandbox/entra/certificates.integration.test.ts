/** The app proves itself by a certificate: msal-node where it can, assertions by hand where they are to be wrong. */
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { decodeJwt, type JWTHeaderParameters, SignJWT } from 'jose';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signInAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { portalApp } from '../world/portal-app.ts';
import { kestrelBank } from '../world/tenants.ts';

const scopes = ['https://graph.microsoft.com/.default'];
const DAY = 86_400_000;

interface Made {
  readonly cert: string;
  readonly private: string;
  readonly thumbprint: string;
}

let now: Date | undefined;
let sandbox: TestSandbox;
let made: Made;

const make = async (): Promise<Made> => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'portal' }], {
    keySize: 2048,
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + 30 * DAY),
  });
  return { cert, private: key, thumbprint: new X509Certificate(cert).fingerprint256.replaceAll(':', '') };
};
const control = (method: string, path = '', body?: object) =>
  fetch(`${sandbox.urls.http}/sandbox/control/app/certificates${path}`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  sandbox = await startTestSandbox({}, () => now ?? new Date());
  made = await make();
});
beforeEach(async () => {
  now = undefined;
  await control('DELETE');
  expect((await control('POST', '', { pem: made.cert })).status).toBe(201);
});
afterAll(() => sandbox.stop());

const msal = (tenant = alderByrne, one = made, tenantName: string = tenant.id): ConfidentialClientApplication =>
  new ConfidentialClientApplication({
    auth: {
      clientId: portalApp.clientId,
      authority: `${sandbox.urls.entra}/${tenantName}`,
      knownAuthorities: [new URL(sandbox.urls.entra).host],
      clientCertificate: { thumbprintSha256: one.thumbprint, privateKey: one.private, x5c: one.cert },
    },
  });

describe('an app with a registered certificate, by msal-node', () => {
  it('gets app tokens, as often as it asks', async () => {
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All']);
    const client = msal();
    const first = await client.acquireTokenByClientCredential({ scopes, skipCache: true });
    expect(decodeJwt(first?.accessToken ?? '')).toMatchObject({
      idtyp: 'app',
      appidacr: '2',
      tid: alderByrne.id,
      roles: ['User.Read.All'],
    });
    // msal sends the assertion of the first request again
    const second = await client.acquireTokenByClientCredential({ scopes, skipCache: true });
    expect(second?.accessToken).not.toBe(first?.accessToken);
  });

  it('gets them in each tenant, and by a domain', async () => {
    const there = await msal(kestrelBank).acquireTokenByClientCredential({ scopes });
    expect(decodeJwt(there?.accessToken ?? '').tid).toBe(kestrelBank.id);
    const byDomain = await msal(alderByrne, made, 'alderbyrne.example').acquireTokenByClientCredential({ scopes });
    expect(decodeJwt(byDomain?.accessToken ?? '').tid).toBe(alderByrne.id);
  });

  it('redeems codes', async () => {
    const account = 'grace.adeyemi@alderbyrne.example';
    const { accessToken } = await signInAs(sandbox, { account, scopes: ['User.Read'], msal: msal() });
    expect(decodeJwt(accessToken)).toMatchObject({ idtyp: 'user', appidacr: '2' });
  });

  it('is refused once the certificate is taken away, or is another', async () => {
    const other = msal(alderByrne, await make()).acquireTokenByClientCredential({ scopes });
    await expect(other).rejects.toMatchObject({
      errorCode: 'invalid_client',
      errorMessage: expect.stringContaining('AADSTS700027'),
    });
    expect((await control('DELETE', `/${made.thumbprint}`)).status).toBe(204);
    await expect(msal().acquireTokenByClientCredential({ scopes })).rejects.toMatchObject({
      errorMessage: expect.stringMatching(new RegExp(`not registered on application.*'${made.thumbprint}'`)),
    });
  });

  it('is refused once the certificate has expired', async () => {
    now = new Date(Date.now() + 31 * DAY);
    await expect(msal().acquireTokenByClientCredential({ scopes })).rejects.toMatchObject({
      errorMessage: expect.stringMatching(/AADSTS700027.*is expired on application/),
    });
  });
});

describe('an assertion', () => {
  const seconds = (ms = Date.now()): number => Math.floor(ms / 1_000);
  const sha1 = (): string =>
    Buffer.from(new X509Certificate(made.cert).fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  const assertion = (
    claims: Record<string, unknown> = {},
    header: Partial<JWTHeaderParameters> = {},
    key = made.private,
  ): Promise<string> =>
    new SignJWT({
      iss: portalApp.clientId,
      sub: portalApp.clientId,
      aud: `${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/token`,
      jti: randomUUID(),
      nbf: seconds(),
      exp: seconds() + 600,
      ...claims,
    })
      .setProtectedHeader({
        alg: 'PS256',
        'x5t#S256': Buffer.from(made.thumbprint, 'hex').toString('base64url'),
        ...header,
      })
      .sign(createPrivateKey(key));
  const send = async (clientAssertion: string): Promise<{ status: number; codes: readonly number[] }> => {
    const response = await fetch(`${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: portalApp.clientId,
        scope: 'https://graph.microsoft.com/.default',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: clientAssertion,
      }),
    });
    const body = await response.json();
    return { status: response.status, codes: body.error_codes ?? [] };
  };

  it.each([
    ['PS256 with SHA-256', {}, {}],
    ['RS256', {}, { alg: 'RS256' }],
    ['the issuer as its audience', { aud: 'issuer' }, {}],
    ['clocks four minutes apart', { nbf: seconds() + 240 }, {}],
  ])('is taken with %s', async (_, claims, header) => {
    const aud = 'aud' in claims ? { aud: `${sandbox.urls.entra}/${alderByrne.id}/v2.0` } : {};
    expect(await send(await assertion({ ...claims, ...aud }, header))).toEqual({ status: 200, codes: [] });
  });

  it('is taken with the SHA-1 thumbprint of older clients', async () => {
    const header = { alg: 'RS256', 'x5t#S256': undefined, x5t: sha1() };
    expect(await send(await assertion({}, header))).toEqual({ status: 200, codes: [] });
  });

  it.each([
    ['no longer valid', 700_024, { nbf: seconds() - 1_200, exp: seconds() - 600 }],
    ['not yet valid', 700_024, { nbf: seconds() + 600, exp: seconds() + 1_200 }],
    ['without an end', 50_027, { exp: undefined }],
    ['for another endpoint', 700_023, { aud: 'https://login.example/token' }],
    ['for another tenant', 700_023, { aud: 'kestrel' }],
    ['of another app', 700_021, { iss: randomUUID() }],
    ['about another app', 700_021, { sub: randomUUID() }],
  ])('is refused %s with %i', async (_, code, claims) => {
    const aud =
      'aud' in claims && claims.aud === 'kestrel'
        ? { aud: `${sandbox.urls.entra}/${kestrelBank.id}/oauth2/v2.0/token` }
        : {};
    expect(await send(await assertion({ ...claims, ...aud }))).toEqual({ status: 401, codes: [code] });
  });

  it('is refused with a signature by another key', async () => {
    const signed = await assertion({}, {}, (await make()).private);
    expect(await send(signed)).toEqual({ status: 401, codes: [700_027] });
  });

  it.each(['nonsense', 'a.b.c', ''])('is refused when it is %j', async (text) => {
    expect(await send(text)).toEqual(
      text === '' ? { status: 400, codes: [900_144] } : { status: 401, codes: [50_027] },
    );
  });

  it('is refused without a thumbprint, and with another algorithm', async () => {
    expect((await send(await assertion({}, { 'x5t#S256': undefined }))).codes).toEqual([50_027]);
    expect((await send(await assertion({}, { alg: 'RS512' }))).codes).toEqual([50_027]);
  });
});

describe('the control API', () => {
  it('shows certificates, takes one twice, and forgets them on reset', async () => {
    await control('POST', '', { pem: made.cert });
    const { certificates } = await (await control('GET')).json();
    expect(certificates).toEqual([
      { thumbprint: made.thumbprint, subject: 'CN=portal', validFrom: expect.any(String), validTo: expect.any(String) },
    ]);
    await fetch(`${sandbox.urls.http}/sandbox/control/reset`, { method: 'POST' });
    expect(await (await control('GET')).json()).toEqual({ certificates: [] });
    expect((await control('DELETE', `/${made.thumbprint}`)).status).toBe(404);
  });

  it.each([
    ['no PEM', () => 'nonsense'],
    ['a private key beside it', () => `${made.cert}\n${made.private}`],
  ])('refuses %s', async (_, pem) => {
    expect((await control('POST', '', { pem: pem() })).status).toBe(400);
  });
});
