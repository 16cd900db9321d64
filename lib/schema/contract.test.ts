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
  expect(() => parseVersion('next')).toThrow(RangeError);
});
