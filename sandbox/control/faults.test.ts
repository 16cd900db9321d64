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

  it.each([
    { rate: 2 },
    { count: 0 },
    { fault: { kind: 'nonsense' } },
    { fault: { ...refuse, status: 200 } },
    { service: 'other' },
  ])('is refused with %j', (change) =>
    expect(faultRuleSchema.safeParse({ service: 'graph', fault: refuse, ...change }).success).toBe(false),
  );
});
