/** MAPI properties in Graph's notation: `Integer 0x0E07`, `String {GUID} Name x`, `String {GUID} Id 0x8233`. */
import { GraphError } from './errors.ts';

const TYPES: ReadonlySet<string> = new Set([
  'ApplicationTime',
  'Binary',
  'Boolean',
  'CLSID',
  'Currency',
  'Double',
  'Error',
  'Float',
  'Integer',
  'Long',
  'Short',
  'String',
  'SystemTime',
]);

/** Magnitudes of the whole numbers. */
const LARGEST: ReadonlyMap<string, number> = new Map([
  ['Short', 2 ** 15],
  ['Integer', 2 ** 31],
  ['Long', 2 ** 63],
]);

/** Property tags that the store keeps in columns of its own. */
export const MESSAGE_FLAGS = 'Integer 0xe07';
export const CLIENT_SUBMIT_TIME = 'SystemTime 0x39';
export const MESSAGE_DELIVERY_TIME = 'SystemTime 0xe06';
export const MESSAGE_CLASS = 'String 0x1a';

/** bit of the message flags that makes a message a draft */
export const UNSENT = 8;
export const READ = 1;

/** by the writing of clients, which have a few ids for all of their messages */
const known = new Map<string, string>();
const KNOWN_AT_MOST = 1_000;
const LONGEST_KNOWN = 200;

/**
 * The canonical writing of a property id: GUIDs in lower case, tags without leading zeros. Names keep their case,
 * which counts.
 * @throws {GraphError} 400 for anything that is no property id
 */
export function canonicalPropertyId(id: string): string {
  const before = known.get(id);
  if (before !== undefined) return before;
  const canonical = canonicalWriting(id);
  if (known.size >= KNOWN_AT_MOST) known.clear();
  if (id.length <= LONGEST_KNOWN) known.set(id, canonical);
  return canonical;
}

function canonicalWriting(id: string): string {
  const tag = /^(\w+) 0x([0-9a-f]{1,8})$/i.exec(id);
  if (tag?.[1] && tag[2] && TYPES.has(tag[1])) return `${tag[1]} 0x${hexadecimal(tag[2])}`;
  const named = /^(\w+) \{([0-9a-f-]{36})\} (Name|Id) (.+)$/is.exec(id);
  if (named?.[1] && named[2] && named[3] && named[4] && TYPES.has(named[1])) {
    const guid = `{${named[2].toLowerCase()}}`;
    if (named[3].toLowerCase() === 'name') return `${named[1]} ${guid} Name ${named[4]}`;
    const number = /^0x([0-9a-f]{1,8})$/i.exec(named[4]);
    if (number?.[1]) return `${named[1]} ${guid} Id 0x${hexadecimal(number[1])}`;
  }
  throw invalidPropertyId();
}

/**
 * As `canonicalPropertyId`, for a property with many values.
 * @throws {GraphError} 400
 */
export function canonicalArrayId(id: string): string {
  if (!/^\w+Array /.test(id)) throw invalidPropertyId();
  return canonicalPropertyId(id.replace('Array ', ' ')).replace(' ', 'Array ');
}

function invalidPropertyId(): GraphError {
  return new GraphError(
    400,
    'ErrorInvalidPropertyId',
    "PropertyId values may only be in one of the following formats: 'MapiPropertyType namespaceGuid Name propertyName', 'MapiPropertyType namespaceGuid Id propertyId' or 'MapiPropertyType propertyTag'.",
  );
}

/**
 * The properties of a body by canonical id, each with a value that fits its type. One without a value is none.
 * @throws {GraphError} 400
 */
export function singleValues(
  input: readonly { readonly id: string; readonly value?: string | null | undefined }[] = [],
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { id, value } of input) {
    const canonical = canonicalPropertyId(id);
    if (value !== null && value !== undefined) values.set(canonical, propertyValue(canonical, value));
  }
  return values;
}

/**
 * As `singleValues`, for properties whose type is an array, such as `StringArray {GUID} Name x`.
 * @throws {GraphError} 400
 */
export function multiValues(
  input: readonly { readonly id: string; readonly value: readonly string[] }[] = [],
): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { id, value } of input) {
    const canonical = canonicalArrayId(id);
    const element = canonical.replace('Array ', ' ');
    values.set(
      canonical,
      value.map((one) => propertyValue(element, one)),
    );
  }
  return values;
}

/** Whether this is a property by name, the kind that is searched for. */
export function isNamedProperty(canonicalId: string): boolean {
  return canonicalId.includes('} Name ');
}

/**
 * The value as the store keeps it.
 * @throws {GraphError} 400 when it does not fit the property's type
 */
export function propertyValue(canonicalId: string, value: string): string {
  const type = canonicalId.slice(0, canonicalId.indexOf(' '));
  const largest = LARGEST.get(type);
  const time = type === 'SystemTime' ? instant(value) : undefined;
  const fits =
    largest !== undefined
      ? /^-?\d{1,19}$/.test(value) && Math.abs(Number(value)) <= largest
      : type === 'SystemTime'
        ? time !== undefined
        : type !== 'Boolean' || /^(true|false)$/i.test(value);
  if (!fits) {
    throw new GraphError(
      400,
      'ErrorInvalidExtendedPropertyValue',
      `The value '${value}' does not fit the extended property '${canonicalId}'.`,
    );
  }
  return time === undefined ? value : graphTime(time);
}

const FIRST_INSTANT = Date.UTC(1601, 0, 1);

/** Epoch milliseconds of an ISO 8601 time, UTC unless it says otherwise; MAPI's times begin with the year 1601. */
function instant(value: string): number | undefined {
  const match = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(value);
  const time = match ? Date.parse(match[1] === undefined ? `${value}Z` : value) : Number.NaN;
  return time >= FIRST_INSTANT ? time : undefined;
}

/** The times of a message are mostly one and the same. */
let lastTime = { epochMs: 0, text: '1970-01-01T00:00:00Z' };

/** Exchange keeps whole seconds of mail times in Graph's answers. */
export function graphTime(epochMs: number): string {
  if (epochMs !== lastTime.epochMs) lastTime = { epochMs, text: `${new Date(epochMs).toISOString().slice(0, 19)}Z` };
  return lastTime.text;
}

function hexadecimal(digits: string): string {
  return Number.parseInt(digits, 16).toString(16);
}
