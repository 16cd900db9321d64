import { encode } from 'next-auth/jwt';
import { describe, expect, it } from 'vitest';
import type { Actor } from './actor.ts';
import { signInAddress } from './redirect-addresses.ts';
import { type SignInSettings, sessionIdIn, signInOptions } from './sign-in.ts';

const ours = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const second = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';
const stranger = 'e2946c07-5b8f-4d3a-a1c6-70f3d85b2e19';
const oid = '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05';
const sessionId = '8a1f6c52-7d3e-4b90-a6c4-2e5f9d0b7318';

const heard: string[] = [];
const refused: unknown[] = [];
const grace: Actor = { organizationId: ours, userId: oid, name: 'Grace', address: 'grace@example.com', roles: [] };
const settings: SignInSettings = {
  portalUrl: 'https://portal.example',
  organizations: [ours, second],
  authority: 'https://login.example',
  clientId: 'c',
  clientSecret: 's',
  secret: 'x'.repeat(32),
  welcome: async (organizationId, address) => void heard.push(`welcome ${organizationId} ${address}`),
  begin: async ({ organizationId, userId, roles }, refreshToken) => {
    heard.push(`begin ${organizationId} ${userId} ${roles.join()} ${refreshToken}`);
    return sessionId;
  },
  end: async (id) => void heard.push(`end ${id}`),
  actorOf: async (id) => (id === sessionId ? grace : null),
  refused: (person) => void refused.push(person),
};
const options = signInOptions(settings);
const claims = {
  tid: ours.toUpperCase(),
  oid,
  name: 'Grace',
  preferred_username: 'grace@example.com',
  roles: ['DataConnectors.Admin', 'Something.Else'],
};
const user = { id: oid };

function allows(profile: Readonly<Record<string, unknown>>, provider: string): unknown {
  const account = { provider, providerAccountId: '1', type: 'oauth' } as const;
  return options.callbacks?.signIn?.({ user, account, profile });
}

describe('signing in', () => {
  it('has one provider a listed organization, each with that tenant’s own keys and issuer', () => {
    expect(options.providers.map(({ id }) => id)).toEqual([ours, second]);
    // next-auth's rule for the address that the registration must list.
    for (const { id } of options.providers) {
      expect(signInAddress(settings.portalUrl, id)).toBe(`https://portal.example/api/auth/callback/${id}`);
    }
    expect(options.providers.map((provider) => Reflect.get(provider.options ?? {}, 'wellKnown'))).toEqual(
      [ours, second].map((id) => `https://login.example/${id}/v2.0/.well-known/openid-configuration`),
    );
  });

  it('lets in who belongs to the tenant that was asked, and nobody else', () => {
    expect(allows(claims, ours)).toBe(true);
    expect(allows(claims, second)).toBe('/sign-in?error=organization');
    expect(allows({ ...claims, tid: stranger }, stranger)).toBe('/sign-in?error=organization');
    expect(refused).toContainEqual({ organizationId: stranger, userId: oid });
    expect(allows({ oid }, ours)).toBe('/sign-in?error=organization');
  });

  it('puts into the cookie which session it is, and nothing of the person', async () => {
    heard.length = 0;
    const account = { provider: ours, providerAccountId: '1', type: 'oauth', refresh_token: 'r' } as const;
    const token = await options.callbacks?.jwt?.({ token: {}, user, account, profile: claims });
    expect(token).toEqual({ sessionId });
    expect(heard).toEqual([
      `welcome ${ours} grace@example.com`,
      `begin ${ours} ${oid} DataConnectors.Admin,Something.Else r`,
    ]);
    expect(await options.callbacks?.jwt?.({ token: { sessionId }, user, account: null })).toEqual({ sessionId });
  });

  it('says who a cookie stands for, and that one of another shape stands for nobody', async () => {
    const personOf = async (token: Record<string, unknown>): Promise<unknown> => {
      const session = { user: {}, expires: '', actor: null };
      const given = await options.callbacks?.session?.({
        session,
        token,
        user: { id: '', email: '', emailVerified: null },
        newSession: null,
        trigger: 'update',
      });
      return Reflect.get(given ?? {}, 'actor');
    };
    expect(await personOf({ sessionId })).toEqual(grace);
    expect(await personOf({ sessionId: stranger })).toBeNull();
    expect(await personOf({ organizationId: ours, userId: oid, roles: ['DataConnectors.Admin'] })).toBeNull();
  });

  it('ends the session of who signs out', async () => {
    heard.length = 0;
    const session = { user: {}, expires: '', actor: null };
    await options.events?.signOut?.({ session, token: { sessionId } });
    await options.events?.signOut?.({ session, token: {} });
    expect(heard).toEqual([`end ${sessionId}`]);
  });

  it('goes back to itself only, whatever the address says', async () => {
    const baseUrl = 'https://portal.example';
    const to = (url: string): unknown => options.callbacks?.redirect?.({ url, baseUrl });
    expect(await to('/connectors?a=1')).toBe('https://portal.example/connectors?a=1');
    for (const url of [
      'https://evil.example/',
      '//evil.example',
      'https://portal.example.evil.example',
      '\\\\evil.example',
      'javascript:alert(1)',
    ]) {
      expect(await to(url), url).toMatch(/^https:\/\/portal\.example(\/|$)/);
    }
  });
});

describe('the cookies of a sign-in', () => {
  const cookiesOf = (portalUrl: string) => Object.values(signInOptions({ ...settings, portalUrl }).cookies ?? {});

  it('are of this host alone, over TLS alone, and no script reads them', () => {
    const cookies = cookiesOf('https://portal.example');
    expect(cookies).toHaveLength(6);
    for (const { name, options: flags } of cookies) {
      expect(name).toMatch(/^__Host-next-auth\./);
      expect(flags).toMatchObject({ httpOnly: true, secure: true, sameSite: 'lax', path: '/' });
      expect(flags).not.toHaveProperty('domain');
    }
  });

  it('have names that a browser takes without TLS, on a machine of one’s own', () => {
    for (const { name, options: flags } of cookiesOf('http://localhost:3000')) {
      expect(name).toMatch(/^next-auth\./);
      expect(flags).toMatchObject({ httpOnly: true, secure: false, sameSite: 'lax' });
    }
  });

  it('of a sign-in under way are checked when its answer comes: PKCE, state and nonce', () => {
    expect(options.providers.map((provider) => Reflect.get(provider.options ?? {}, 'checks'))).toEqual(
      [ours, second].map(() => ['pkce', 'state', 'nonce']),
    );
  });
});

it('a session is found in its own cookie, and in none that somebody made up or another secret sealed', async () => {
  const secret = 'x'.repeat(32);
  const cookie = await encode({ token: { sessionId }, secret });
  expect(await sessionIdIn(cookie, secret)).toBe(sessionId);
  expect(await sessionIdIn(cookie, 'y'.repeat(32))).toBeNull();
  expect(await sessionIdIn(await encode({ token: { sessionId: 'x' }, secret }), secret)).toBeNull();
  for (const value of [undefined, '', 'a.b.c', sessionId]) expect(await sessionIdIn(value, secret)).toBeNull();
});
