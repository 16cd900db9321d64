/** Query options of a Graph request: which of them a route takes, and how they are read. */
import { errors, type GraphError } from '../errors.ts';
import { type Filter, parseFilter } from './filter.ts';

export interface Expansion {
  readonly name: string;
  readonly filter: Filter | undefined;
  readonly select: readonly string[] | undefined;
}

export interface QueryOptions {
  readonly select: readonly string[] | undefined;
  readonly filter: Filter | undefined;
  readonly top: number | undefined;
  readonly skip: number;
  readonly count: boolean;
  readonly expand: readonly Expansion[];
  readonly orderBy: readonly { readonly path: string; readonly descending: boolean }[];
  readonly skipToken: string | undefined;
}

const KNOWN: ReadonlySet<string> = new Set([
  'select',
  'filter',
  'top',
  'skip',
  'count',
  'expand',
  'orderby',
  'skiptoken',
  'search',
  'format',
]);

const NO_OPTIONS: QueryOptions = {
  select: undefined,
  filter: undefined,
  top: undefined,
  skip: 0,
  count: false,
  expand: [],
  orderBy: [],
  skipToken: undefined,
};

/**
 * Reads the OData options of a query; names are taken with or without `$`, in any case, as Graph does.
 * @throws {GraphError} 400 BadRequest for an unknown `$` option or a value that cannot be read
 */
export function queryOptions(
  query: URLSearchParams,
  limits: {
    readonly maxTop: number;
    /** the refusal of a `$top` that is a number and too small or too large */
    readonly outOfRange?: (top: string) => GraphError;
  },
): QueryOptions {
  if (query.size === 0) return NO_OPTIONS;
  const options = new Map<string, string>();
  for (const [key, value] of query) {
    const name = key.replace(/^\$/, '').toLowerCase();
    if (KNOWN.has(name)) options.set(name, value);
    else if (key.startsWith('$')) throw errors.badRequest(`The query parameter '${key}' is not supported.`);
  }
  if (options.has('search')) throw errors.badRequest("The query parameter '$search' is not supported by the sandbox.");

  const top = options.get('top');
  if (
    limits.outOfRange &&
    top !== undefined &&
    /^-?\d+$/.test(top) &&
    !(Number(top) >= 1 && Number(top) <= limits.maxTop)
  ) {
    throw limits.outOfRange(top);
  }

  const filter = options.get('filter');
  return {
    select: names(options.get('select')),
    filter: filter === undefined ? undefined : parseFilter(filter),
    top: integer('$top', top, 1, limits.maxTop),
    skip: integer('$skip', options.get('skip'), 0, Number.MAX_SAFE_INTEGER) ?? 0,
    count: boolean(options.get('count')),
    expand: splitOutside(options.get('expand') ?? '', ',').map(expansion),
    orderBy: splitOutside(options.get('orderby') ?? '', ',').map(ordering),
    skipToken: options.get('skiptoken'),
  };
}

function names(value: string | undefined): readonly string[] | undefined {
  const list = (value ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return list.length > 0 ? list : undefined;
}

function integer(name: string, value: string | undefined, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(number) || number < min || number > max) {
    throw errors.badRequest(
      `Invalid value '${value}' for ${name} query option found. The ${name} query option requires an integer between ${min} and ${max}.`,
    );
  }
  return number;
}

function boolean(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw errors.badRequest(`Invalid value '${value}' for $count query option found.`);
}

/** `attachments($select=id,name)`, `singleValueExtendedProperties($filter=id eq '…')` */
function expansion(text: string): Expansion {
  const match = /^([A-Za-z.]+(?:\/[A-Za-z]+)?)(?:\((.*)\))?$/s.exec(text);
  if (!match?.[1]) throw errors.badRequest(`Parsing OData Select and Expand failed: Syntax error in '${text}'.`);
  let filter: Filter | undefined;
  let select: readonly string[] | undefined;
  for (const option of splitOutside(match[2] ?? '', ';')) {
    const [key = '', ...value] = option.split('=');
    const name = key.trim().replace(/^\$/, '').toLowerCase();
    if (name === 'filter') filter = parseFilter(value.join('='));
    else if (name === 'select') select = names(value.join('='));
    else
      throw errors.badRequest(`Parsing OData Select and Expand failed: Found an unknown query option '${key.trim()}'.`);
  }
  return { name: match[1], filter, select };
}

function ordering(text: string): { path: string; descending: boolean } {
  const match = /^([A-Za-z/]+)(?:\s+(asc|desc))?$/i.exec(text);
  if (!match?.[1]) throw errors.badRequest(`Invalid orderby clause: Syntax error in '${text}'.`);
  return { path: match[1], descending: match[2]?.toLowerCase() === 'desc' };
}

/** The parts between separators that are outside parentheses and outside quoted text. */
function splitOutside(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at];
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === '(') depth += 1;
    else if (!quoted && character === ')') depth -= 1;
    if (at === text.length || (character === separator && depth === 0 && !quoted)) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return parts.filter((part) => part !== '');
}
