import { beforeEach, describe, expect, it } from 'vitest';
import { actorOf, SESSION_SECONDS, signInOptions } from './sign-in.ts';

const ours = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const second = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';
const stranger = 'e2946c07-5b8f-4d3a-a1c6-70f3d85b2e19';
const oid = '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05';

const SIGNED_IN = Date.parse('2026-11-22T06:00:00Z');
let now = SIGNED_IN;
beforeEach(() => {
  now = SIGNED_IN;
});

const welcomed: string[] = [];
const heard: string[] = [];
const refused: unknown[] = [];
const options = signInOptions({
  organizations: [ours, second],
  authority: 'https://login.example',
  clientId: 'c',
  clientSecret: 's',
  secret: 'x'.repeat(32),
  clock: () => new Date(now),
  welcome: async (organizationId, address) => void welcomed.push(`${organizationId} ${address}`),
  heard: async ({ organizationId, userId, roles }, what) =>
    void heard.push(`${what} ${organizationId} ${userId} ${roles.join()}`),
  refused: (person) => void refused.push(person),
});
const claims = {
  tid: ours.toUpperCase(),
  oid,
  name: 'Grace',
  preferred_username: 'grace@example.com',
  roles: ['DataConnectors.Admin', 'Something.Else'],
};

function allows(profile: Readonly<Record<string, unknown>>, provider: string): unknown {
  const account = { provider, providerAccountId: '1', type: 'oauth' } as const;
  return options.callbacks?.signIn?.({ user: { id: '1' }, account, profile });
}

describe('signing in', () => {
  it('has one provider a listed organization, each with that tenant’s own keys and issuer', () => {
    expect(options.providers.map(({ id }) => id)).toEqual([ours, second]);
    expect(options.providers.map((provider) => Reflect.get(provider.options ?? {}, 'wellKnown'))).toEqual(
      [ours, second].map((id) => `https://login.example/${id}/v2.0/.well-known/openid-configuration`),
    );
  });

  it('lets in who belongs to the tenant that was asked, and nobody else', () => {
    expect(allows(claims, ours)).toBe(true);
    expect(allows(claims, second)).toBe('/sign-in?error=organization');
    expect(allows({ ...claims, tid: stranger }, stranger)).toBe('/sign-in?error=organization');
    expect(allows({ oid }, ours)).toBe('/sign-in?error=organization');
    expect(refused).toContainEqual({ organizationId: stranger, userId: oid });
  });

  it('keeps of the ID token who it is and which roles, and makes the organization known', async () => {
    const account = { provider: ours, providerAccountId: '1', type: 'oauth' } as const;
    const token = await options.callbacks?.jwt?.({ token: {}, user: { id: '1' }, account, profile: claims });
    expect(actorOf(token, [ours], new Date(now))).toEqual({
      organizationId: ours,
      userId: oid,
      name: 'Grace',
      address: 'grace@example.com',
      roles: ['DataConnectors.Admin'],
    });
    expect(welcomed).toEqual([`${ours} grace@example.com`]);
  });

  it('goes nowhere but to itself afterwards', async () => {
    const go = (url: string) => options.callbacks?.redirect?.({ url, baseUrl: 'https://portal.example' });
    expect(await go('/data-connectors?x=1')).toBe('https://portal.example/data-connectors?x=1');
    expect(await go('https://evil.example/')).toBe('https://portal.example');
    expect(await go('//evil.example/')).toBe('https://portal.example');
  });

  it('ends eight hours after signing in, however often a page asks for the session meanwhile', async () => {
    expect(SESSION_SECONDS).toBe(8 * 60 * 60);
    const account = { provider: ours, providerAccountId: '1', type: 'oauth' } as const;
    const user = { id: '1' };
    let token = await options.callbacks?.jwt?.({ token: {}, user, account, profile: claims });
    const personAt = async (seconds: number) => {
      now = SIGNED_IN + seconds * 1000;
      // What GET /api/auth/session does: the token goes through the callback and is encoded with a new lifetime.
      const renewed = { ...token, iat: now / 1000, exp: now / 1000 + SESSION_SECONDS };
      token = await options.callbacks?.jwt?.({ token: renewed, user, account: null });
      return actorOf(token, [ours], new Date(now));
    };
    for (const hour of [1, 4, 7]) expect((await personAt(hour * 3600))?.userId).toBe(oid);
    expect((await personAt(SESSION_SECONDS - 1))?.userId).toBe(oid);
    expect(await personAt(SESSION_SECONDS)).toBeNull();
  });
});

it('says who signed in, and who signed out', async () => {
  heard.length = 0;
  const account = { provider: ours, providerAccountId: '1', type: 'oauth' } as const;
  const token = await options.callbacks?.jwt?.({ token: {}, user: { id: '1' }, account, profile: claims });
  const session = { user: {}, expires: '', actor: null };
  await options.events?.signOut?.({ session, token: token ?? {} });
  await options.events?.signOut?.({ session, token: {} });
  const person = `${ours} ${oid} DataConnectors.Admin,Something.Else`;
  expect(heard).toEqual([`session.signed-in ${person}`, `session.signed-out ${person}`]);
});

describe('the person of a session', () => {
  const signedInAt = SIGNED_IN / 1000;
  const token = { organizationId: ours, userId: oid, name: 'Grace', address: 'g@example.com', roles: [], signedInAt };
  const at = new Date(SIGNED_IN);

  it('is nobody as soon as the operator takes the organization off the list', () => {
    expect(actorOf(token, [ours], at)?.userId).toBe(oid);
    expect(actorOf(token, [second], at)).toBeNull();
  });

  it('is nobody for a token of another shape', () => {
    expect(actorOf({ ...token, userId: 'x' }, [ours], at)).toBeNull();
    expect(actorOf({ ...token, signedInAt: undefined }, [ours], at)).toBeNull();
    expect(actorOf(undefined, [ours], at)).toBeNull();
  });
});
