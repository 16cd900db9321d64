/** The telephone numbers that digits can be, in a region and internationally, by libphonenumber. Pure. */
import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { internationalAtSight, nationalAtSight } from './numbering-plans.ts';

declare const e164: unique symbol;
/** `+` and 7 to 15 digits. Made by this file only. */
export type E164 = string & { readonly [e164]: 'E164' };

/** Whether a text is a number in E.164 already, as our database holds them. */
export function isE164(text: string): text is E164 {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** A way to read digits, whose length is possible in its country. */
export interface Reading {
  readonly number: E164;
  /** whether the numbering plan has handed out such digits; this takes the library's time */
  handedOut(): boolean;
}

/** `digits` with their `+`. @returns null where no number is as long */
export function readInternational(digits: string): Reading | null {
  const number = internationalAtSight(digits.slice(1));
  if (number === null) return settled(read(digits, undefined));
  return isE164(number) ? { number, handedOut: () => read(digits, undefined)?.handedOut() ?? false } : null;
}

/** Digits as somebody dials them in a country, with or without what stands before a national or international number. */
export function readNational(digits: string, country: CountryCode): Reading | null {
  const number = nationalAtSight(digits, country);
  if (number === 'impossible') return null;
  if (number === null || !isE164(number)) return settled(read(digits, country));
  return settled({ number, handedOut: () => read(digits, country)?.handedOut() ?? false });
}

/**
 * A reading whose number is read as itself again. Others are none: the library takes one 0 of several off, and seven digits
 * that Canada dials at home are no number from abroad. What we store must come back the same when it is uploaded again.
 */
function settled(reading: Reading | null): Reading | null {
  if (reading === null || internationalAtSight(reading.number.slice(1)) !== null) return reading;
  return read(reading.number, undefined)?.number === reading.number ? reading : null;
}

function read(digits: string, country: CountryCode | undefined): Reading | null {
  const phone = parsePhoneNumberFromString(digits, {
    ...(country === undefined ? {} : { defaultCountry: country }),
    extract: false,
  });
  return phone?.isPossible() ? readingOf(phone) : null;
}

function readingOf(phone: PhoneNumber): Reading | null {
  const { number } = phone;
  return isE164(number) ? { number, handedOut: () => phone.isValid() } : null;
}
