import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AppCaller, appCallers, type CallerRefusal, type CallerSettings } from './app-caller.ts';
import { AppTokenError } from './app-token.ts';
import { NoAnswer, type Transport } from './transport.ts';

const TENANT = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const OTHER = '7a1e5c90-3b2d-4f68-8c17-9d0e4a6b2f53';
const CLIENT = '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05';
const APP = '8e1f6c02-4b7d-4a35-9c60-2d5b9a7e13f4';
const PRINCIPAL = 'c0a8012e-5a1b-4d37-8e94-6f2b7c3d1a05';
const NOW = new Date('2026-11-21T12:00:00Z');
const ISSUER = `https://login.example/${TENANT}/v2.0`;

const pairs = {
  first: await generateKeyPair('RS256'),
  second: await generateKeyPair('RS256'),
  foreign: await generateKeyPair('RS256'),
};
type Key = keyof typeof pairs;

const CLAIMS = {
  tid: TENANT,
  oid: PRINCIPAL,
  sub: PRINCIPAL,
  azp: APP,
  ver: '2.0',
  roles: ['Mapping.Propose', 'Else'],
};

interface Made {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: Key;
  readonly kid?: string;
  readonly issuer?: string;
  readonly audience?: string;
  /** seconds from now */
  readonly from?: number;
  readonly until?: number;
}

function token({ claims = {}, key = 'first', kid = key, issuer = ISSUER, audience = CLIENT, ...times }: Made = {}) {
  const now = NOW.getTime() / 1000;
  const all = Object.entries({ ...CLAIMS, ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(all))
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now + (times.from ?? 0))
    .setExpirationTime(now + (times.until ?? 3600))
    .sign(pairs[key].privateKey);
}

/** Entra ID as these tests want it: the keys that it names, and how often it was asked. */
function entra(settings: Partial<CallerSettings> = {}) {
  const named: Key[] = ['first'];
  const asked = { keys: 0, endpoints: [] as string[] };
  const transport: Transport = async () => {
    asked.keys += 1;
    const keys = await Promise.all(
      named.map(async (kid) => ({ ...(await exportJWK(pairs[kid].publicKey)), kid, use: 'sig', alg: 'RS256' })),
    );
    return { status: 200, headers: {}, text: JSON.stringify({ keys }) };
  };
  const callers = appCallers({
    organizations: [TENANT],
    clientId: CLIENT,
    endpointsOf: async (tenantId) => {
      asked.endpoints.push(tenantId);
      return { issuer: `https://login.example/${tenantId}/v2.0`, jwksUri: 'https://login.example/keys' };
    },
    transport,
    now: () => NOW,
    ...settings,
  });
  const call = (text: string): Promise<AppCaller | CallerRefusal> => callers(`Bearer ${text}`);
  return { call, callers, named, asked };
}

it('is who the token says, with the roles that the tenant has granted', async () => {
  expect(await entra().call(await token())).toEqual({
    organizationId: TENANT,
    appId: APP,
    objectId: PRINCIPAL,
    roles: ['Mapping.Propose', 'Else'],
  });
  expect(await entra().call(await token({ claims: { roles: undefined } }))).toMatchObject({ roles: [] });
});

describe('a token is refused', () => {
  it.each<[string, Made, CallerRefusal]>([
    ['of another issuer', { issuer: `https://login.example/${OTHER}/v2.0` }, 'invalid_token'],
    ['of version 1.0', { issuer: `https://sts.windows.net/${TENANT}/`, claims: { ver: '1.0' } }, 'invalid_token'],
    ['for Graph', { audience: 'https://graph.microsoft.com' }, 'invalid_token'],
    ['of a tenant that is not listed', { claims: { tid: OTHER } }, 'invalid_token'],
    ['that is over', { until: -301 }, 'invalid_token'],
    ['that is not valid yet', { from: 301 }, 'invalid_token'],
    ['signed by nobody whom the tenant names', { key: 'foreign', kid: 'first' }, 'invalid_token'],
    ['signed by a key that is unknown', { key: 'foreign' }, 'invalid_token'],
    ['without the program', { claims: { azp: undefined } }, 'invalid_token'],
    ['on behalf of a person', { claims: { scp: 'user_impersonation' } }, 'not_an_application'],
    ['of a person', { claims: { idtyp: 'user' } }, 'not_an_application'],
    ['whose subject is somebody else', { claims: { sub: 'somebody' } }, 'not_an_application'],
  ])('%s', async (_name, made, refusal) => {
    expect(await entra().call(await token(made))).toBe(refusal);
  });

  it('that nobody signed, or that was signed with the public key as a secret', async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await token()).split('.')[1]}.`;
    expect(await entra().call(none)).toBe('invalid_token');
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pairs.first.publicKey)));
    const confused = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .setIssuer(ISSUER)
      .setAudience(CLIENT)
      .setExpirationTime('1h')
      .sign(secret);
    expect(await entra().call(confused)).toBe('invalid_token');
  });

  it.each([null, '', 'Basic YTpi', 'Bearer', 'Bearer a b'])('where there is none: %s', async (header) => {
    expect(await entra().callers(header)).toBe('no_token');
  });

  it.each(['x', 'a.b.c', `a.${'b'.repeat(20_000)}.c`])('where it is no token', async (text) => {
    expect(await entra().call(text)).toBe('invalid_token');
  });

  it('of a tenant that is not listed without asking anybody', async () => {
    const { call, asked } = entra();
    await call(await token({ claims: { tid: OTHER } }));
    expect(asked).toEqual({ keys: 0, endpoints: [] });
  });
});

describe('the keys', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    return () => vi.useRealTimers();
  });
  afterEach(() => vi.useRealTimers());

  it('are remembered, and read again where one is unknown, but not at every call', async () => {
    const { call, named, asked } = entra();
    for (let call_ = 0; call_ < 3; call_++) await call(await token());
    expect(asked.keys).toBe(1);
    // Entra ID changes its keys.
    named.splice(0, 1, 'second');
    const next = await token({ key: 'second' });
    expect(await call(next)).toBe('invalid_token');
    expect(asked.keys).toBe(1);
    vi.setSystemTime(NOW.getTime() + 31_000);
    expect(await call(next)).toMatchObject({ appId: APP });
    expect(asked.keys).toBe(2);
    expect(await call(await token())).toBe('invalid_token');
    expect(asked.keys).toBe(2);
  });

  it.each<[string, Transport]>([
    ['no answer', () => Promise.reject(new NoAnswer('reset'))],
    ['an error', async () => ({ status: 503, headers: {}, text: '' })],
    ['no JSON', async () => ({ status: 200, headers: {}, text: '<html>' })],
    ['no keys', async () => ({ status: 200, headers: {}, text: '{}' })],
  ])('that cannot be read say nothing about the token: %s', async (_name, transport) => {
    expect(await entra({ transport }).call(await token())).toBe('unreachable');
  });

  it('nor does a tenant that cannot be described', async () => {
    const endpointsOf = () => Promise.reject(new AppTokenError('unreachable', 'away'));
    expect(await entra({ endpointsOf }).call(await token())).toBe('unreachable');
  });
});
