import { describe, expect, it } from 'vitest';
import { type FaultRule, faultRegistry, faultRuleSchema } from './faults.ts';

const refuse = { kind: 'refuse', status: 503, code: 'x' } as const;
const rule = (change: Partial<FaultRule> = {}): FaultRule =>
  faultRuleSchema.parse({ service: 'graph', fault: refuse, ...change });
const get = { service: 'graph', method: 'GET', path: '/v1.0/users' } as const;

const strikes = (
  change: Partial<FaultRule>,
  target: { service: 'graph' | 'entra' | 'telemessage'; method: string; path: string },
): boolean => {
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
  ])('with the route %s: %s', (route, expected) => expect(strikes({ route }, get)).toBe(expected));

  it('strikes one mailbox, however its address is written', () => {
    const mailbox = 'Lena.Fischer@alderbyrne.example';
    expect(strikes({ mailbox }, { ...get, path: '/v1.0/users/lena.fischer%40alderbyrne.example/messages' })).toBe(true);
    expect(strikes({ mailbox }, { ...get, path: '/v1.0/users/ben.carter@alderbyrne.example/messages' })).toBe(false);
    expect(strikes({ mailbox }, get)).toBe(false);
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
    expect(faults.strike({ ...target, path: '/v1/archives/o2-network/items' })).toEqual({ kind: 'duplicate' });
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
  ])('that could never strike is refused: %s', (_name, change, path) => {
    const parsed = faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change });
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

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
