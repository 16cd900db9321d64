import { describe, expect, it } from 'vitest';
import { type FaultRule, faultRuleSchema } from './fault-rule.ts';
import { type FaultTarget, faultRegistry } from './faults.ts';

const refuse = { kind: 'refuse', status: 503, code: 'x' } as const;
const rule = (change: Partial<FaultRule> = {}): FaultRule =>
  faultRuleSchema.parse({ service: 'graph', fault: refuse, ...change });
const get = { service: 'graph', method: 'GET', path: '/v1.0/users' } as const;

const strikes = (change: Partial<FaultRule>, target: FaultTarget): boolean => {
  const faults = faultRegistry(1);
  faults.add(rule(change));
  return faults.strike(target) !== undefined;
};

describe('a fault rule', () => {
  it('strikes its service only', () => {
    expect(strikes({}, get)).toBe(true);
    expect(strikes({}, { ...get, service: 'entra' })).toBe(false);
  });

  it.each([
    ['*', true],
    ['GET /v1.0/users', true],
    ['get /V1.0/USERS', true],
    ['POST /v1.0/users', false],
    ['GET /v1.0/user', false],
    ['* /v1.0/*', true],
    ['GET /v1x0/users', false],
    ['*/users', true],
  ])('with the route %s: %s', (route, expected) => expect(strikes({ route }, get)).toBe(expected));

  it('strikes one mailbox by any name that the directory knows it by, and by the one that it had', () => {
    const faults = faultRegistry(1, (name) => (name === 'Lena@b.example' ? 'id-of-lena' : undefined));
    expect(faults.asksMailbox()).toBe(false);
    faults.add(rule({ mailbox: 'Lena@b.example' }));
    faults.add(rule({ mailbox: 'Gone@b.example' }));
    expect(faults.asksMailbox()).toBe(true);
    const struck = (mailbox?: string): boolean => faults.strike({ ...get, mailbox }) !== undefined;
    expect([struck('id-of-lena'), struck('gone@b.example')]).toEqual([true, true]);
    expect([struck('id-of-ben'), struck()]).toEqual([false, false]);
  });

  it('is not used up by a strike that is taken back, however often it is', () => {
    const faults = faultRegistry(1);
    faults.add(rule({ count: 1 }));
    const strike = faults.strike(get);
    strike?.forgive();
    strike?.forgive();
    expect(faults.rules()).toMatchObject([{ seen: 1, struck: 0 }]);
    expect(faults.strike(get)?.fault).toEqual(refuse);
    expect(faults.strike(get)).toBeUndefined();
  });

  it('lets the first pass, strikes so many, and counts', () => {
    const faults = faultRegistry(1);
    faults.add(rule({ after: 2, count: 3 }));
    const struck = Array.from({ length: 8 }, () => faults.strike(get) !== undefined);
    expect(struck).toEqual([false, false, true, true, true, false, false, false]);
    expect(faults.rules()).toMatchObject([{ seen: 8, struck: 3 }]);
  });

  it('strikes the share that it says, the same ones for the same seed', () => {
    const run = (seed: number): string => {
      const faults = faultRegistry(seed);
      faults.add(rule({ rate: 0.25 }));
      return Array.from({ length: 2_000 }, () => (faults.strike(get) ? 'x' : '.')).join('');
    };
    const first = run(7);
    expect(run(7)).toBe(first);
    expect(run(8)).not.toBe(first);
    expect(first.replaceAll('.', '').length).toBeGreaterThan(400);
    expect(first.replaceAll('.', '').length).toBeLessThan(600);
  });

  it('ends when it is removed', () => {
    const faults = faultRegistry(1);
    const { id } = faults.add(rule());
    expect(faults.remove(id)).toBe(true);
    expect(faults.remove(id)).toBe(false);
    expect(faults.strike(get)).toBeUndefined();
  });

  it('takes the place of all others, and strikes as after a start', () => {
    const faults = faultRegistry(7);
    const run = (): string => Array.from({ length: 50 }, () => (faults.strike(get) ? 'x' : '.')).join('');
    faults.replace([rule({ rate: 0.5 })]);
    const first = run();
    faults.add(rule({ route: 'POST *' }));
    expect(faults.replace([rule({ rate: 0.5 })])).toMatchObject([{ seen: 0, struck: 0 }]);
    expect(run()).toBe(first);
  });

  it('sees only requests that it can do something to', () => {
    const faults = faultRegistry(1);
    faults.add(rule({ service: 'telemessage', fault: { kind: 'duplicate' } }));
    const target = { service: 'telemessage', method: 'GET' } as const;
    expect(faults.strike({ ...target, path: '/v1/archives/o2-network/users' })).toBeUndefined();
    expect(faults.rules()).toMatchObject([{ seen: 0 }]);
    expect(faults.strike({ ...target, path: '/v1/archives/o2-network/items' })?.fault).toEqual({
      kind: 'duplicate',
    });
  });

  it.each<[string, object, string[]]>([
    ['a kind that the service does not know', { service: 'entra', fault: { kind: 'duplicate' } }, ['fault', 'kind']],
    [
      'a route on which the kind means nothing',
      { service: 'telemessage', route: 'POST *', fault: { kind: 'duplicate' } },
      ['route'],
    ],
    [
      'another such route',
      { service: 'entra', route: 'GET */adminconsent', fault: { kind: 'commit-late', ms: 1 } },
      ['route'],
    ],
    ['a mailbox where there are none', { service: 'entra', mailbox: 'a@b.example' }, ['mailbox']],
    ['a rate of nothing', { rate: 0 }, ['rate']],
    ['a method that there is none of', { route: 'NOPE /zzz' }, ['route']],
    ['a route without a method', { route: '/v1.0/users' }, ['route']],
    ['a route without a path', { route: 'GET' }, ['route']],
    ['a route with a space before it', { route: ' GET /v1.0/users' }, ['route']],
    ['a path that begins with a word', { route: 'GET v1.0/users' }, ['route']],
    ['a route with a query', { route: 'GET /v1.0/users?*' }, ['route']],
    ['a route that is too long', { route: `GET /${'a'.repeat(296)}` }, ['route']],
    ['a mailbox on a route that is about none', { route: 'GET /v1.0/organization', mailbox: 'a' }, ['mailbox']],
    ['a mailbox on the list of all users', { route: 'GET /v1.0/users', mailbox: 'a' }, ['mailbox']],
    ['a mailbox of a batch as a whole', { route: 'POST /v1.0/$batch', mailbox: 'a' }, ['mailbox']],
    [
      'a route that TeleMessage does not have, to expire',
      { service: 'telemessage', route: 'GET /v1/archives/x', fault: { kind: 'expire' } },
      ['route'],
    ],
    [
      'a route that TeleMessage does not have, to duplicate',
      { service: 'telemessage', route: 'GET /v1/archives/x/y/items', fault: { kind: 'duplicate' } },
      ['route'],
    ],
  ])('that could never strike is refused: %s', (_name, change, path) => {
    const parsed = faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change });
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it.each([
    [{ route: 'NOPE /zzz' }, 'There is no method NOPE, only GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE.'],
    [{ route: '/v1.0/users' }, 'A route is a method and a path, such as POST /v1.0/*, or only *.'],
    [{ route: ' GET /' }, 'A route is a method and a path, such as POST /v1.0/*, or only *.'],
    [{ route: 'GET v1.0' }, 'The path of a route begins with / or with *.'],
    [{ route: 'GET /x?y' }, 'The query of a request does not count: leave out ? and what follows.'],
    // not looked at any further, or a very long one would take very long
    [{ route: `NOPE ${'*a'.repeat(150)}` }, 'A route has at most 300 characters.'],
    [
      { route: 'GET /v1.0/organization', mailbox: 'a' },
      'Requests on this route are about no one mailbox; those inside a batch have routes of their own.',
    ],
    [
      { service: 'telemessage', route: 'GET *', fault: { kind: 'duplicate' }, mailbox: 'a' },
      'TeleMessage has no mailboxes: leave it out.',
    ],
    [
      { service: 'entra', route: 'GET *', fault: { kind: 'expire' } },
      'At Entra ID, expire strikes POST /*/oauth2/v2.0/token only, and this route is none of that.',
    ],
  ])('says what is wrong with %j', (change, sentence) => {
    const parsed = faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([sentence]);
  });

  it('for a mailbox is refused where the directory has nobody of that name', () => {
    const { ruleSchema } = faultRegistry(1, (name) => (name === 'lena' ? 'id-of-lena' : undefined));
    const read = (mailbox: string) => ruleSchema.safeParse({ service: 'graph', mailbox, fault: refuse }).error?.issues;
    expect(read('lena')).toBeUndefined();
    expect(read('nobody')).toMatchObject([
      { path: ['mailbox'], message: 'Nobody has this object id, user principal name or address.' },
    ]);
  });

  it.each([
    { mailbox: 'a', route: 'PUT /uploads/*' },
    { mailbox: 'a', route: 'GET /v1.0/me' },
    { mailbox: 'a', route: "GET /beta/users('x')/messages" },
    { mailbox: 'a', route: 'GET //v1.0//users/x' },
    { mailbox: 'a', route: 'POST *' },
    { route: 'P* /x' },
    { route: 'G*' },
    { service: 'telemessage', route: 'GET /v1/archives/*', fault: { kind: 'expire' } },
    { service: 'telemessage', route: '*', fault: { kind: 'expire' } },
  ])('that could strike is taken: %j', (change) =>
    expect(faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change }).error).toBeUndefined(),
  );

  it('says which kinds a service takes', () => {
    const parsed = faultRuleSchema.safeParse({ service: 'entra', fault: { kind: 'duplicate' } });
    expect(parsed.error?.issues[0]?.message).toBe(
      'duplicate means nothing to Entra ID, which takes refuse, throttle, delay, reset-before, reset-after, answer-late, commit-late, no-answer, truncate, stall, expire.',
    );
  });

  it.each([
    { rate: 2 },
    { colour: 'red' },
    { fault: { kind: 'reset-after', ms: 5 } },
    { count: 0 },
    { fault: { kind: 'nonsense' } },
    { fault: { ...refuse, status: 200 } },
    { service: 'other' },
  ])('is refused with %j', (change) =>
    expect(faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change }).success).toBe(false),
  );
});
