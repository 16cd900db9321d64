import fc from 'fast-check';
import { getCountries, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { type E164, isE164, isRegion, parseNumber, parsePartyNumber, regionOf } from './number.ts';

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
    ['+44\u00A020\u20097946\u20110000', '+442079460000'],
    ['(+44) 20 7946 0000', '+442079460000'],
    ['+(44) 20 7946 0000', '+442079460000'],
    ['445,204,334,324', '+445204334324'],
    ['"445204334324"', '+445204334324'],
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
    ['\u200B ', 'invisible'],
    ['\u202A+44 20 7946 0000\u202C', 'invisible'],
    ['\u200F+442079460000', 'invisible'],
    ['+44207946\u200B0000', 'invisible'],
    ['+442079460000\u2060', 'invisible'],
    ['+4420\u00AD79460000', 'invisible'],
    ['+4420\u000179460000', 'invisible'],
    ['4.45204E+11', 'scientific_notation'],
    ['4,45204E+11', 'scientific_notation'],
    ['445E9', 'scientific_notation'],
    ['4.45204 E+11', 'scientific_notation'],
    ['4.45204E11', 'scientific_notation'],
    ['="4.45204E+11"', 'scientific_notation'],
    ['=1+1', 'formula'],
    ['+1+1', 'not_a_number'],
    ['-2125550101', 'not_a_number'],
    ['@SUM(A1)', 'formula'],
    ['########', 'not_a_number'],
    ['+12125550101 +12125550102', 'not_a_number'],
    ['1234567,000', 'not_a_number'],
    ['=HYPERLINK("http://x")', 'formula'],
    ['Susan', 'not_a_number'],
    ['susan@company.com', 'not_a_number'],
    ['+44 20 7946 0000 ext 5', 'not_a_number'],
    ['445204334.32', 'not_a_number'],
    ['62626', 'not_possible'],
    ['+64 000 4446', 'not_possible'],
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

test('normalizing is idempotent, however a number is written', () => {
  const regions = getCountries().filter(isRegion);
  const text = fc.string({
    unit: fc.constantFrom(...'0123456789012345678901234567890123456789+()-. /="\''),
    maxLength: 20,
  });
  let read = 0;
  fc.assert(
    fc.property(text, fc.constantFrom(...regions), fc.constantFrom(...regions), (written, region, other) => {
      const once = parseNumber(written, region);
      if (!once.ok) return;
      read += 1;
      expect(parseNumber(once.number, other)).toEqual(once);
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(1_000);
});

function readAgain(number: string): string | undefined {
  const phone = parsePhoneNumberFromString(number, { extract: false });
  return phone?.isPossible() ? phone.number : undefined;
}

test('every reading is one of the library', () => {
  const regions = getCountries().filter(isRegion);
  const forms = regions.flatMap((country) => {
    const example = getExampleNumber(country, examples);
    return example ? [example.number.slice(1), example.nationalNumber, example.formatNational()] : [];
  });
  fc.assert(
    fc.property(fc.constantFrom(...forms), fc.constantFrom(...regions), (written, region) => {
      const result = parseNumber(written, region);
      const byTheLibrary = [
        parsePhoneNumberFromString(written, { defaultCountry: region, extract: false }),
        ...(/^[0(]/.test(written) ? [] : [parsePhoneNumberFromString(`+${written}`, { extract: false })]),
      ].filter((phone) => phone?.isPossible() && isE164(phone.number) && readAgain(phone.number) === phone.number);
      const sure = byTheLibrary.filter((phone) => phone?.isValid());
      const numbers = new Set((sure.length > 0 ? sure : byTheLibrary).map((phone) => phone?.number));
      const digits = written.replace(/\D/g, '');
      if (numbers.size === 1 && digits.length > 6) expect(result).toEqual({ ok: true, number: [...numbers][0] });
      else if (numbers.size > 1) expect(result).toEqual({ ok: false, problem: 'ambiguous', readings: [...numbers] });
    }),
    { numRuns: 5_000 },
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

  test('what nobody sees is left out: a phone shows no errors', () => {
    expect(parsePartyNumber('\u202A+44 20 7946 0000\u202C', 'US')).toBe('+442079460000');
  });

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
