import { expect, test } from 'vitest';
import { testSeed } from './seed.ts';

test('a given seed is used, in decimal and in hexadecimal', () => {
  expect(testSeed({ TEST_SEED: '42' })).toBe(42);
  expect(testSeed({ TEST_SEED: '0xdeadbeef' })).toBe(0xdeadbeef);
});

test('a seed that is no 32-bit number is refused by name', () => {
  for (const seed of ['soon', '-1', '1.5', '0x100000000']) {
    expect(() => testSeed({ TEST_SEED: seed })).toThrow(/TEST_SEED/);
  }
});

test('without one, the commit decides, the same on every call', () => {
  const seed = testSeed({});
  expect(Number.isInteger(seed)).toBe(true);
  expect(testSeed({})).toBe(seed);
});
