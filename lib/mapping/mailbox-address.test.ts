import { describe, expect, test } from 'vitest';
import { domainOf, parseAddress } from './mailbox-address.ts';

describe('parseAddress', () => {
  test.each([
    ['Susan@Company.com', 'susan@company.com'],
    ['  susan@company.com\u200B ', 'susan@company.com'],
    ['\u202Asusan@company.com\u202C', 'susan@company.com'],
    ["o'brien@company.com", "o'brien@company.com"],
    ['mailto:susan@company.com', 'susan@company.com'],
    ['="susan@company.com"', 'susan@company.com'],
    ["'+susan@company.com", '+susan@company.com'],
  ])('%j', (text, address) => {
    expect(parseAddress(text)).toEqual({ ok: true, address });
  });

  test.each([
    ['', 'empty'],
    ['=A1', 'formula'],
    ['susan', 'not_an_address'],
    ['susan@company', 'not_an_address'],
    ['susan@@company.com', 'not_an_address'],
    ['susan@company.com, ben@company.com', 'not_an_address'],
    ['Susan <susan@company.com>', 'not_an_address'],
    [`${'a'.repeat(65)}@company.com`, 'not_an_address'],
    ['susan@соmpany.com', 'look_alike'],
    ['susаn@company.com', 'look_alike'],
  ])('%j: %s', (text, problem) => {
    expect(parseAddress(text)).toEqual({ ok: false, problem });
  });

  test('domainOf', () => {
    const parsed = parseAddress('Susan@Company.com');
    expect(parsed.ok && domainOf(parsed.address)).toBe('company.com');
  });
});
