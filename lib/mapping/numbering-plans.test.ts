import fc from 'fast-check';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';
import { describe, expect, test } from 'vitest';
import { internationalAtSight, nationalAtSight } from './numbering-plans.ts';

const codes = Object.keys(metadata.country_calling_codes);
const digitsOf = (least: number, most: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: least, maxLength: most }).map((some) => some.join(''));

/** What the library says: the number, or `impossible`. */
function asked(text: string, country?: CountryCode): string {
  const phone = parsePhoneNumberFromString(text, { ...(country && { defaultCountry: country }), extract: false });
  return phone?.isPossible() ? phone.number : 'impossible';
}

describe('what is said at sight is what the library says', () => {
  test('of international numbers', () => {
    let said = 0;
    fc.assert(
      fc.property(fc.constantFrom(...codes), digitsOf(3, 13), (code, national) => {
        const atSight = internationalAtSight(code + national);
        if (atSight === null) return;
        said += 1;
        expect(atSight).toBe(asked(`+${code}${national}`));
      }),
      { numRuns: 20_000 },
    );
    expect(said).toBeGreaterThan(2_000);
  });

  test('of digits in a region', () => {
    const said = { number: 0, impossible: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...getCountries()),
        fc.oneof(digitsOf(3, 15), digitsOf(5, 11)),
        fc.constantFrom('', 'code', '00', '011', '0', '1', '8'),
        (country, digits, before) => {
          const text = (before === 'code' ? getCountryCallingCode(country) : before) + digits;
          const atSight = nationalAtSight(text, country);
          if (atSight === null) return;
          said[atSight === 'impossible' ? 'impossible' : 'number'] += 1;
          expect(atSight).toBe(asked(text, country));
        },
      ),
      { numRuns: 20_000 },
    );
    expect(said.number).toBeGreaterThan(1_000);
    expect(said.impossible).toBeGreaterThan(1_000);
  });
});

test('the numbers of most countries are said at sight', () => {
  const known = getCountries().filter((country) => {
    const lengths = Array.from({ length: 14 }, (_, index) => '2'.repeat(index + 1));
    return lengths.some((national) => internationalAtSight(getCountryCallingCode(country) + national) !== null);
  });
  expect(known.length).toBeGreaterThan(200);
});
