import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainOf, parseAddress } from './mailbox-address.ts';

describe('parseAddress', () => {
  test.each([
    ['Susan@Company.com', 'susan@company.com'],
    ['\u00A0susan@company.com ', 'susan@company.com'],
    [' "susan@company.com" ', 'susan@company.com'],
    ["'susan@company.com", 'susan@company.com'],
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
    ['susan@company.com\u200B', 'invisible'],
    ['\u202Emoc.ynapmoc@nasus', 'invisible'],
    ['su\u200Dsan@company.com', 'invisible'],
    ['susan@com\u00ADpany.com', 'invisible'],
    ['zoë@company.com', 'not_ascii'],
    ['susan\uFFFD@company.com', 'not_ascii'],
    ["''susan@company.com", 'not_an_address'],
    ['ｓusan@company.com', 'look_alike'],
    ['susan@соmpany.com', 'look_alike'],
    ['susаn@company.com', 'look_alike'],
  ])('%j: %s', (text, problem) => {
    expect(parseAddress(text)).toEqual({ ok: false, problem });
  });

  test('reading what was read changes nothing', () => {
    const address = fc.string({ unit: fc.constantFrom(...'aZ0.-_+\'="@ ,'), maxLength: 24 });
    fc.assert(
      fc.property(fc.oneof(address, fc.emailAddress()), (text) => {
        const once = parseAddress(text);
        if (once.ok) expect(parseAddress(once.address)).toEqual(once);
      }),
      { numRuns: 5_000 },
    );
  });

  test('domainOf', () => {
    const parsed = parseAddress('Susan@Company.com');
    expect(parsed.ok && domainOf(parsed.address)).toBe('company.com');
  });
});
