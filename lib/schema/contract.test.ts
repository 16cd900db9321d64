import { expect, test } from 'vitest';
import { contractedFor, isOlder, parseVersion } from './contract.ts';

test('what takes something away says by its name who lives with that', () => {
  expect(contractedFor('20270101000000_contract_0_2_10_old_column')).toEqual([0, 2, 10]);
  expect(contractedFor('20270101000000_contracts')).toBeNull();
  expect(contractedFor('20270101000000_retention')).toBeNull();
});

test('versions are compared by their numbers', () => {
  const older = (a: string, b: string): boolean => isOlder(parseVersion(a), parseVersion(b));
  expect([
    older('0.9.0', '0.10.0'),
    older('0.10.0', '0.9.0'),
    older('1.0.0', '1.0.0'),
    older('0.9.9', '1.0.0'),
  ]).toEqual([true, false, false, true]);
  // A pre-release comes before its version, and lives with what the version before it lived with.
  expect([
    older('1.2.0-rc.1', '1.2.0'),
    older('1.2.0', '1.2.0-rc.1'),
    older('1.2.0-rc.1', '1.2.0-rc.1+build.5'),
    older('1.2.0-rc.1', '1.1.9'),
    older('1.2.0+build.5', '1.2.0'),
  ]).toEqual([true, false, false, false, false]);
  expect(isOlder(parseVersion('1.2.0-rc.1'), contractedFor('20270101000000_contract_1_2_0_x') ?? [0, 0, 0])).toBe(true);
  expect(isOlder(parseVersion('1.2.0'), contractedFor('20270101000000_contract_1_2_0_x') ?? [0, 0, 0])).toBe(false);
  expect(() => parseVersion('next')).toThrow(RangeError);
});
