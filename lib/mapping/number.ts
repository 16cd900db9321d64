/**
 * Telephone numbers as people, phones and spreadsheets write them, to E.164. Pure; runs in the browser too.
 *
 * A reading counts when its length is possible in its country; among several readings those win whose digits the
 * numbering plan has handed out. Asking for the latter alone would refuse ranges that are newer than the metadata.
 */
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { cellText } from './cell-text.ts';
import { hasInvisible, withoutInvisible } from './invisible.ts';
import { internationalAtSight } from './numbering-plans.ts';
import { type E164, isE164, type Reading, readInternational, readNational } from './readings.ts';
import { remembered } from './remembered.ts';

export { type E164, isE164 } from './readings.ts';

/** ISO 3166-1 alpha-2, in capitals, one that has a numbering plan. */
export type Region = CountryCode;

export type NumberProblem =
  | 'empty'
  /** zero-width characters, direction marks, control characters: what is read may not be what is seen */
  | 'invisible'
  /** a spreadsheet's 4.45204E+11: the digits behind are gone */
  | 'scientific_notation'
  /** a cell that a spreadsheet would calculate */
  | 'formula'
  /** letters, or signs that no number has */
  | 'not_a_number'
  /** neither with nor without the region's reading as long as a number is there */
  | 'not_possible'
  /** valid as a number of the region and as an international one: `readings` has both */
  | 'ambiguous';

export type NumberResult =
  | { readonly ok: true; readonly number: E164 }
  | { readonly ok: false; readonly problem: NumberProblem; readonly readings: readonly E164[] };

/**
 * Fewer digits than this, without a `+`, are a short code. Some small countries do have such numbers: in a mapping file,
 * where nobody writes short codes, the numbering plan decides; in a message they are never read as a subscriber's.
 */
const SHORTEST_NUMBER = 7;

/** Whether a text names a region that numbers can be read in. */
export function isRegion(text: string): text is Region {
  return isSupportedCountry(text);
}

/**
 * Reads a number from a mapping file.
 *
 * @param region in which national numbers are read
 */
export function parseNumber(text: string, region: Region): NumberResult {
  if (hasInvisible(text)) return refused('invisible');
  const form = formOf(text);
  if (!form.ok) return refused(form.problem);
  const readings = readingsOf(form, region);
  const [only, other] = readings;
  if (only === undefined) return refused('not_possible');
  // A single reading leaves nothing to choose.
  if (other === undefined && !isShort(form.digits)) return { ok: true, number: only.number };
  const sure = readings.filter((reading) => reading.handedOut());
  if (sure.length === 0 && isShort(form.digits)) return refused('not_possible');
  const candidates = (sure.length > 0 ? sure : readings).map(({ number }) => number);
  const [number] = candidates;
  return candidates.length === 1 && number !== undefined
    ? { ok: true, number }
    : { ok: false, problem: 'ambiguous', readings: candidates };
}

/**
 * Reads a number as a phone knew it: `+…` as it is, a national one in the region given. Null for short codes,
 * alphanumeric senders, e-mail addresses and whatever else is no number.
 */
export function parsePartyNumber(mobile: string, region: Region): E164 | null {
  return isE164(mobile) && internationalAtSight(mobile.slice(1)) !== null ? mobile : rememberedNumber(mobile, region);
}

/** Reading a number takes up to 20 microseconds; a day's messages name the same ones over and over. */
const NUMBERS_REMEMBERED = 20_000;

const rememberedNumber = remembered(NUMBERS_REMEMBERED, (mobile: string, region: Region): E164 | null => {
  const form = formOf(withoutInvisible(mobile));
  if (!form.ok || isShort(form.digits)) return null;
  // The region's reading comes first: a phone's address book knows nothing of digits without a plus.
  const readings = readingsOf(form, region);
  const [first] = readings;
  const best = readings.length > 1 ? (readings.find((reading) => reading.handedOut()) ?? first) : first;
  return best?.number ?? null;
});

/** The region whose numbering plan a number belongs to; `fallback` where it shares the calling code or none is known. */
export const regionOf = remembered(NUMBERS_REMEMBERED, findRegion);

function findRegion(number: E164, fallback: Region): Region {
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  if (parsed === undefined) return fallback;
  if (parsed.country !== undefined) return parsed.country;
  if (getCountryCallingCode(fallback) === parsed.countryCallingCode) return fallback;
  return getCountries().find((country) => getCountryCallingCode(country) === parsed.countryCallingCode) ?? fallback;
}

/** What is written, as far as it is a number: its digits, with a `+` where there is one. */
interface Form {
  readonly digits: string;
  /** begins with an area code in parentheses: whoever writes so dials from home */
  readonly areaCode: boolean;
}

type FormResult = ({ readonly ok: true } & Form) | { readonly ok: false; readonly problem: NumberProblem };

/** The usual form of a database's export: nothing to clean. */
const PLAIN = /^\+?\d{7,15}$/;
const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?\s*E\s*[+-]?\d+$/i;
/** Digits, and what people set between them. A minus in front makes a calculated value of them. */
const WRITTEN = /^\(?\+?[\d٠-٩۰-۹\s(][\d٠-٩۰-۹\s().\-/‐-―·]*$/;

function formOf(text: string): FormResult {
  if (PLAIN.test(text)) return { ok: true, digits: text, areaCode: false };
  const cleaned = unwrap(text.normalize('NFKC'));
  if (cleaned === '') return { ok: false, problem: 'empty' };
  if (SCIENTIFIC.test(cleaned)) return { ok: false, problem: 'scientific_notation' };
  if (/^[=@]/.test(cleaned)) return { ok: false, problem: 'formula' };
  if (!WRITTEN.test(cleaned)) return { ok: false, problem: 'not_a_number' };
  // 1234567.89 is a calculated value, not two groups of digits
  if (/^\d{7,}\.\d{1,2}$/.test(cleaned)) return { ok: false, problem: 'not_a_number' };
  const digits = cleaned.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf)).replace(/[^\d+]/g, '');
  return { ok: true, digits, areaCode: cleaned.startsWith('(') && !digits.startsWith('+') };
}

/** Digits out of what databases and spreadsheets make of numbers. */
function unwrap(text: string): string {
  const plain = cellText(text).replace(/^tel:/i, '').trim();
  // 445204334324.0: a column of decimals
  if (/^\d{7,15}[.,]00?$/.test(plain)) return plain.slice(0, plain.search(/[.,]/));
  // 445,204,334,324: a column that is shown with thousands
  return /^\d{1,3}(?:,\d{3}){2,4}$/.test(plain) ? plain.replaceAll(',', '') : plain;
}

/** The possible readings, the region's first. */
function readingsOf({ digits, areaCode }: Form, region: Region): readonly Reading[] {
  if (digits.startsWith('+')) return distinct(readInternational(digits));
  const national = readNational(digits, region);
  // 00 is how most of the world dials abroad, also where the region's own prefix is another.
  if (digits.startsWith('00')) return distinct(national, readInternational(`+${digits.slice(2)}`));
  // A leading 0 is the trunk prefix; with parentheses the area code is named: both are national for certain.
  if (digits.startsWith('0') || areaCode || isShort(digits)) return distinct(national);
  return distinct(national, readInternational(`+${digits}`));
}

function distinct(first: Reading | null, second: Reading | null = null): readonly Reading[] {
  if (first === null) return second === null ? [] : [second];
  return second === null || second.number === first.number ? [first] : [first, second];
}

function isShort(digits: string): boolean {
  return !digits.startsWith('+') && digits.length < SHORTEST_NUMBER;
}

function refused(problem: NumberProblem): NumberResult {
  return { ok: false, problem, readings: [] };
}
