import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { type E164, isRegion, parseNumber, parsePartyNumber, regionOf } from './number.ts';

function number(text: string, region: 'US' | 'GB' | 'DE' = 'US'): string {
  const result = parseNumber(text, region);
  if (!result.ok) throw new Error(`refused: ${result.problem}`);
  return result.number;
}

function problem(text: string, region: 'US' | 'GB' | 'DE' = 'US'): string {
  const result = parseNumber(text, region);
  return result.ok ? `read as ${result.number}` : result.problem;
}

describe('parseNumber reads a number as people and spreadsheets write it', () => {
  test.each([
    ['+44 20 7946 0000', '+442079460000'],
    ['+44 (0) 20 7946 0000', '+442079460000'],
    ['0044 20 7946 0000', '+442079460000'],
    ['011 44 20 7946 0000', '+442079460000'],
    ['(555) 010-0100', '+15550100100'],
    ['212-555-0101', '+12125550101'],
    ['212.555.0101', '+12125550101'],
    ['1 212 555 0101', '+12125550101'],
    ['445204334324', '+445204334324'],
    ['="445204334324"', '+445204334324'],
    ["'+445204334324", '+445204334324'],
    ['tel:+445204334324', '+445204334324'],
    ['445204334324.0', '+445204334324'],
    ['  +44 20 7946 0000  ', '+442079460000'],
    ['\u202A+44 20 7946 0000\u202C', '+442079460000'],
    ['+44\u00A020\u200B7946\u20110000', '+442079460000'],
    ['＋44２０７９４６００００', '+442079460000'],
    ['+44 ٢٠٧٩٤٦٠٠٠٠', '+442079460000'],
  ])('%j', (text, expected) => {
    expect(number(text, 'US')).toBe(expected);
  });

  test('a national number is read in the region', () => {
    expect(number('020 7946 0000', 'GB')).toBe('+442079460000');
    expect(number('0176 04069002', 'DE')).toBe('+4917604069002');
  });
});

describe('parseNumber refuses what it cannot be sure of', () => {
  test.each([
    ['', 'empty'],
    ['\u200B ', 'empty'],
    ['4.45204E+11', 'scientific_notation'],
    ['4,45204E+11', 'scientific_notation'],
    ['445E9', 'scientific_notation'],
    ['=1+1', 'formula'],
    ['=HYPERLINK("http://x")', 'formula'],
    ['Susan', 'not_a_number'],
    ['susan@company.com', 'not_a_number'],
    ['+44 20 7946 0000 ext 5', 'not_a_number'],
    ['445204334.32', 'not_a_number'],
    ['62626', 'not_possible'],
    ['+1', 'not_possible'],
    ['12345678901234567890', 'not_possible'],
  ])('%j: %s', (text, expected) => {
    expect(problem(text)).toBe(expected);
  });

  test('digits that are valid with and without the region show both readings', () => {
    // 17 604 069 002 … the German mobile range read at home, and a number of the United States with its 1 in front
    const ambiguous = getCountries().flatMap((country) => {
      const example = getExampleNumber(country, examples);
      const digits = example?.number.slice(1) ?? '';
      const result = parseNumber(digits, 'DE');
      return result.ok || result.problem !== 'ambiguous' ? [] : [result.readings];
    });
    expect(ambiguous.length).toBeGreaterThan(0);
    for (const readings of ambiguous) expect(new Set(readings).size).toBe(2);
    expect(parseNumber('447700900123', 'GB')).toMatchObject({ ok: true, number: '+447700900123' });
  });
});

test('normalizing what is normalized changes nothing', () => {
  const regions = getCountries().filter(isRegion);
  const numbers = regions.flatMap((country) => getExampleNumber(country, examples)?.number ?? []);
  fc.assert(
    fc.property(fc.constantFrom(...numbers), fc.constantFrom(...regions), (written, region) => {
      const once = parseNumber(written, region);
      if (!once.ok) throw new Error(`${written} was refused: ${once.problem}`);
      expect(parseNumber(once.number, region)).toEqual(once);
    }),
  );
});

test('no text makes it throw, and what it gives is E.164', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'+0123456789()-. =\'"E') })), (text) => {
      const result = parseNumber(text, 'GB');
      if (result.ok) expect(result.number).toMatch(/^\+[1-9]\d{6,14}$/);
    }),
    { numRuns: 1000 },
  );
});

describe('parsePartyNumber', () => {
  test('+… as it is, national in the region', () => {
    expect(parsePartyNumber('+12125550101', 'GB')).toBe('+12125550101');
    expect(parsePartyNumber('07700 900103', 'GB')).toBe('+447700900103');
  });

  test.each(['62626', '12345', 'VERIZON', 'Amazon', 'ben@homemail.example', '', 'unknown'])(
    '%j is no number',
    (mobile) => {
      expect(parsePartyNumber(mobile, 'DE')).toBeNull();
    },
  );

  test('the region wins where both readings are valid', () => {
    expect(parsePartyNumber('2079460000', 'GB')).toBe('+442079460000');
  });
});

test('regionOf tells the country, and takes the fallback where it shares the calling code', () => {
  const e164 = (text: string): E164 => {
    const result = parseNumber(text, 'US');
    if (!result.ok) throw new Error(result.problem);
    return result.number;
  };
  expect(regionOf(e164('+4917604069002'), 'US')).toBe('DE');
  expect(regionOf(e164('+447700900103'), 'GB')).toBe('GB');
  expect(regionOf(e164('+15550100100'), 'CA')).toBe('CA');
});

const shared = new URL('../../../shared/data/libphonenumber-examples/examples.mobile.json', import.meta.url);
test.skipIf(!existsSync(shared))('a mobile number of each of 245 regions, in every form (needs ../shared/data)', () => {
  const data: unknown = JSON.parse(readFileSync(shared, 'utf8'));
  const refused: string[] = [];
  let read = 0;
  for (const [region, national] of Object.entries(data ?? {})) {
    if (!isRegion(region) || typeof national !== 'string') continue;
    const expected = getExampleNumber(region, { ...examples, [region]: national });
    if (expected === undefined) continue;
    read += 1;
    for (const text of [
      expected.number,
      expected.formatInternational(),
      `00${expected.number.slice(1)}`,
      `="${expected.number}"`,
      expected.formatNational(),
    ]) {
      const result = parseNumber(text, region);
      if (!(result.ok && result.number === expected.number))
        refused.push(`${region} ${text}: ${JSON.stringify(result)}`);
    }
  }
  expect(read).toBeGreaterThan(240);
  // what is refused is refused for being readable in two ways, never read as another number
  expect(refused.filter((line) => !line.includes('"ambiguous"'))).toEqual([]);
});
