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
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { remembered } from './remembered.ts';

declare const e164: unique symbol;
/** `+` and 7 to 15 digits. Made by this file only. */
export type E164 = string & { readonly [e164]: 'E164' };

/** ISO 3166-1 alpha-2, in capitals, one that has a numbering plan. */
export type Region = CountryCode;

export type NumberProblem =
  | 'empty'
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
  const cleaned = unwrap(withoutInvisible(text.normalize('NFKC'))).trim();
  const problem = formProblem(cleaned);
  if (problem !== null) return refused(problem);
  const readings = readingsOf(cleaned, region);
  const sure = readings.filter((reading) => reading.isValid());
  if (sure.length === 0 && isShort(cleaned)) return refused('not_possible');
  const candidates = distinct(sure.length > 0 ? sure : readings);
  const [number] = candidates;
  if (number === undefined) return refused('not_possible');
  return candidates.length === 1 ? { ok: true, number } : { ok: false, problem: 'ambiguous', readings: candidates };
}

/** Reading a number takes 20 microseconds; a day's messages name the same ones over and over. */
const NUMBERS_REMEMBERED = 20_000;

/**
 * Reads a number as a phone knew it: `+…` as it is, a national one in the region given. Null for short codes,
 * alphanumeric senders, e-mail addresses and whatever else is no number.
 */
export const parsePartyNumber = remembered(NUMBERS_REMEMBERED, readPartyNumber);

function readPartyNumber(mobile: string, region: Region): E164 | null {
  const cleaned = unwrap(withoutInvisible(mobile.normalize('NFKC'))).trim();
  if (formProblem(cleaned) !== null || isShort(cleaned)) return null;
  const readings = readingsOf(cleaned, region);
  // The region's reading comes first: a phone's address book knows nothing of digits without a plus.
  const best = readings.find((reading) => reading.isValid()) ?? readings[0];
  return best === undefined ? null : numberOf(best);
}

/** The region whose numbering plan a number belongs to; `fallback` where it shares the calling code or none is known. */
export const regionOf = remembered(NUMBERS_REMEMBERED, findRegion);

function findRegion(number: E164, fallback: Region): Region {
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  if (parsed === undefined) return fallback;
  if (parsed.country !== undefined) return parsed.country;
  if (getCountryCallingCode(fallback) === parsed.countryCallingCode) return fallback;
  return getCountries().find((country) => getCountryCallingCode(country) === parsed.countryCallingCode) ?? fallback;
}

/** Whether a text is a number in E.164 already, as our database holds them. */
export function isE164(text: string): text is E164 {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** Removes what cannot be seen and comes along when people copy: zero-width characters, direction marks, soft hyphens. */
export function withoutInvisible(text: string): string {
  return text.replace(/[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g, '');
}

/** `="445204334324"` and `'445204334324`: how spreadsheets are told that a cell is text; `.0`: how some export numbers. */
function unwrap(text: string): string {
  const trimmed = text.trim();
  const quoted = /^="(.*)"$/s.exec(trimmed)?.[1] ?? (trimmed.startsWith("'") ? trimmed.slice(1) : trimmed);
  const plain = quoted.replace(/^tel:/i, '');
  return /^\d{7,15}\.0+$/.test(plain) ? plain.slice(0, plain.indexOf('.')) : plain;
}

function formProblem(text: string): NumberProblem | null {
  if (text === '') return 'empty';
  if (/^[+-]?\d+(?:[.,]\d+)?E[+-]?\d+$/i.test(text)) return 'scientific_notation';
  if (text.startsWith('=') || text.startsWith('@')) return 'formula';
  if (!/^\+?[\p{Nd}\s().\-/‐-―·]+$/u.test(text)) return 'not_a_number';
  // 1234567.89 is a calculated value, not two groups of digits
  if (/^\d{7,}\.\d{1,2}$/.test(text)) return 'not_a_number';
  return null;
}

/** The possible readings, the region's first. */
function readingsOf(text: string, region: Region): PhoneNumber[] {
  const digits = text.replace(/[^\p{Nd}+]/gu, '');
  if (digits.startsWith('+')) return possible([read(text, undefined)]);
  const national = read(text, region);
  // 00 is how most of the world dials abroad, also where the region's own prefix is another.
  if (digits.startsWith('00')) return possible([national, read(`+${digits.slice(2)}`, undefined)]);
  // A leading 0 is the trunk prefix; with parentheses the area code is named: both are national for certain.
  if (digits.startsWith('0') || text.startsWith('(') || isShort(text)) return possible([national]);
  return possible([national, read(`+${digits}`, undefined)]);
}

function isShort(text: string): boolean {
  return !text.startsWith('+') && text.replace(/\P{Nd}/gu, '').length < SHORTEST_NUMBER;
}

function read(text: string, region: Region | undefined): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text, {
    ...(region === undefined ? {} : { defaultCountry: region }),
    extract: false,
  });
}

function possible(readings: readonly (PhoneNumber | undefined)[]): PhoneNumber[] {
  return readings
    .filter((reading) => reading !== undefined)
    .filter((reading) => reading.isPossible() && isE164(reading.number));
}

function distinct(readings: readonly PhoneNumber[]): E164[] {
  return [...new Set(readings.map(numberOf).filter((number) => number !== null))];
}

function numberOf(reading: PhoneNumber): E164 | null {
  return isE164(reading.number) ? reading.number : null;
}

function refused(problem: NumberProblem): NumberResult {
  return { ok: false, problem, readings: [] };
}
