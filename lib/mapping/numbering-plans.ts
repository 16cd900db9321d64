/**
 * What the numbering plans of libphonenumber say of digits at first sight. Pure; runs in the browser too.
 *
 * Reading one number costs the library some thirty regular expressions that it compiles anew, for questions (which of 25
 * countries, which type) that nobody here asks. The plans' lengths and prefixes, compiled once, settle nearly every row of
 * a file. Where they leave a doubt the answer is null and the library is asked: a test holds both to the same answers.
 */
import { type CountryCode, getCountryCallingCode, Metadata } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';

interface Plan {
  readonly callingCode: string;
  /** national lengths that are possible in every country with this calling code, and in at least one */
  readonly everywhere: ReadonlySet<number>;
  readonly anywhere: ReadonlySet<number>;
  readonly longest: number;
  /** may stand in front of a national number and be no part of it; null: nothing does */
  readonly nationalPrefix: RegExp | null;
}

interface Region extends Plan {
  /** dials abroad */
  readonly internationalPrefix: RegExp;
}

const MOST_CODE_DIGITS = 3;
const codes = metadata.country_calling_codes;

/**
 * The number that `+` and these digits are for certain: possible in length, and written without a national prefix.
 *
 * @returns null where only the library can tell
 */
export function internationalAtSight(digits: string): string | null {
  for (let length = 1; length <= MOST_CODE_DIGITS; length += 1) {
    const plan = planFor(digits.slice(0, length));
    if (plan === null) continue;
    const national = digits.slice(length);
    return plan.everywhere.has(national.length) && !isPrefixed(plan, national) ? `+${digits}` : null;
  }
  return null;
}

/**
 * What digits without a `+` are in a region: the number, or `impossible` where their length rules it out.
 *
 * @returns null where only the library can tell
 */
export function nationalAtSight(digits: string, country: CountryCode): string | 'impossible' | null {
  const region = regionFor(country);
  if (region === null || region.internationalPrefix.test(digits)) return null;
  const prefix = region.nationalPrefix?.exec(digits) ?? null;
  if (digits.startsWith(region.callingCode)) {
    // May be the calling code without its plus, and is where there are more digits than a national number has. In North
    // America calling code and national prefix are the same 1.
    const isCode = !prefix?.[0] || (prefix.length === 1 && prefix[0] === region.callingCode);
    return isCode && digits.length > region.longest ? internationalAtSight(digits) : null;
  }
  if (prefix?.[0]) return null;
  if (region.everywhere.has(digits.length)) return `+${region.callingCode}${digits}`;
  return region.anywhere.has(digits.length) ? null : 'impossible';
}

function isPrefixed(plan: Plan, national: string): boolean {
  return Boolean(plan.nationalPrefix?.exec(national)?.[0]);
}

const plans = new Map<string, Plan | null>();

/** Of a calling code; null where there is no country with it. */
function planFor(callingCode: string): Plan | null {
  const known = plans.get(callingCode);
  if (known !== undefined) return known;
  const countries = Object.hasOwn(codes, callingCode) ? (codes[callingCode] ?? []) : [];
  // The first country is the one whose rules hold for international numbers.
  const [main] = countries;
  const plan = main === undefined ? null : planOf(callingCode, countries, main);
  plans.set(callingCode, plan);
  return plan;
}

const regions = new Map<CountryCode, Region | null>();

function regionFor(country: CountryCode): Region | null {
  const known = regions.get(country);
  if (known !== undefined) return known;
  const callingCode = getCountryCallingCode(country);
  const plan = planOf(callingCode, codes[callingCode] ?? [], country);
  const abroad = numberingPlan(country)?.IDDPrefix();
  const region =
    plan === null || abroad === undefined ? null : { ...plan, internationalPrefix: new RegExp(`^(?:${abroad})`) };
  regions.set(country, region);
  return region;
}

/** @param country one of `countries`, whose national prefix counts */
function planOf(callingCode: string, countries: readonly CountryCode[], country: CountryCode): Plan | null {
  const lengths = countries.map((one) => new Set(numberingPlan(one)?.possibleLengths() ?? []));
  const prefix = nationalPrefixOf(country);
  if (prefix === undefined) return null;
  const anywhere = new Set(lengths.flatMap((some) => [...some]));
  return {
    callingCode,
    anywhere,
    longest: Math.max(...anywhere),
    everywhere: new Set([...anywhere].filter((length) => lengths.every((some) => some.has(length)))),
    nationalPrefix: prefix === null ? null : new RegExp(`^(?:${prefix})`),
  };
}

function numberingPlan(country: CountryCode): NonNullable<Metadata['numberingPlan']> | null {
  const reader = new Metadata();
  reader.selectNumberingPlan(country);
  return reader.numberingPlan ?? null;
}

/** The library has this and its types do not. @returns null for none; undefined where the library says it no longer */
function nationalPrefixOf(country: CountryCode): string | null | undefined {
  const plan = numberingPlan(country);
  if (plan === null || !('nationalPrefixForParsing' in plan) || typeof plan.nationalPrefixForParsing !== 'function')
    return undefined;
  const prefix: unknown = plan.nationalPrefixForParsing();
  if (prefix === undefined || prefix === null || prefix === 0 || prefix === '') return null;
  return typeof prefix === 'string' ? prefix : undefined;
}
