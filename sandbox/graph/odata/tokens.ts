/** Splits an OData expression (`$filter`, the options inside `$expand`) into tokens. */
import { errors, type GraphError } from '../errors.ts';

export type Token =
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'datetime'; readonly value: number; readonly at: number }
  | { readonly kind: 'guid'; readonly value: string; readonly at: number }
  | { readonly kind: 'name'; readonly value: string; readonly at: number }
  | { readonly kind: 'symbol'; readonly value: '(' | ')' | ',' | ':'; readonly at: number };

const patterns = {
  space: /\s+/y,
  string: /'((?:[^']|'')*)'/y,
  datetime: /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:Z|[+-]\d{2}:\d{2}))?(?![\w-])/y,
  guid: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy,
  number: /-?\d+(?:\.\d+)?(?![\w-])/y,
  /** property paths such as `from/emailAddress/address` are one name */
  name: /[A-Za-z_][\w.]*(?:\/[A-Za-z_][\w.]*)*/y,
  symbol: /[(),:]/y,
} as const;

/**
 * The tokens of `text`.
 * @throws {GraphError} 400 BadRequest at the first character that begins no token
 */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };

  while (at < text.length) {
    const space = take(patterns.space);
    if (space) {
      at += space[0].length;
      continue;
    }
    const [length, token] = next(take, at) ?? [0, undefined];
    if (!token) throw syntaxError(text, at);
    tokens.push(token);
    at += length;
  }
  return tokens;
}

/** Graph's answer to an expression that it cannot read. */
export function syntaxError(text: string, at: number): GraphError {
  return errors.badRequest(`Invalid filter clause: Syntax error at position ${at} in '${text}'.`);
}

function next(take: (pattern: RegExp) => RegExpExecArray | null, at: number): [number, Token] | undefined {
  const string = take(patterns.string);
  if (string) return [string[0].length, { kind: 'string', value: (string[1] ?? '').replaceAll("''", "'"), at }];
  const guid = take(patterns.guid);
  if (guid) return [guid[0].length, { kind: 'guid', value: guid[0].toLowerCase(), at }];
  const datetime = take(patterns.datetime);
  if (datetime) {
    const value = Date.parse(datetime[0]);
    return Number.isNaN(value) ? undefined : [datetime[0].length, { kind: 'datetime', value, at }];
  }
  const number = take(patterns.number);
  if (number) return [number[0].length, { kind: 'number', value: Number(number[0]), at }];
  const name = take(patterns.name);
  if (name) return [name[0].length, { kind: 'name', value: name[0], at }];
  const symbol = take(patterns.symbol)?.[0];
  if (symbol === '(' || symbol === ')' || symbol === ',' || symbol === ':')
    return [1, { kind: 'symbol', value: symbol, at }];
  return undefined;
}
