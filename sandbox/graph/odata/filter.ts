/**
 * Parser of the `$filter` language as far as Graph's mail and directory routes take it: comparisons, `in`, `and`, `or`,
 * `not`, `any` with a lambda, `startsWith`, `endsWith`, `contains`.
 *
 *     or    = and *( "or" and )
 *     and   = unary *( "and" unary )
 *     unary = "not" unary | "(" or ")" | any | function | path operator literal | path "in" "(" literals ")"
 */
import { syntaxError, type Token, tokenize } from './tokens.ts';

/** A date is held as `{ instant }` in epoch milliseconds, so that it is never taken for a number. */
export type Literal = string | number | boolean | null | { readonly instant: number };
export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type StringFunction = 'startswith' | 'endswith' | 'contains';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'compare'; readonly path: string; readonly operator: ComparisonOperator; readonly value: Literal }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Literal[] }
  | { readonly kind: 'function'; readonly name: StringFunction; readonly path: string; readonly value: string }
  | { readonly kind: 'any'; readonly path: string; readonly variable: string; readonly condition: Filter };

const OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const FUNCTIONS: ReadonlySet<string> = new Set(['startswith', 'endswith', 'contains']);
/** deeper nesting than any honest request has, and far from the end of the stack */
const MAX_DEPTH = 100;

/**
 * Parses a `$filter`.
 * @throws {GraphError} 400 BadRequest when it is malformed
 */
export function parseFilter(text: string): Filter {
  const parser = new FilterParser(text);
  const filter = parser.or(0);
  parser.end();
  return filter;
}

class FilterParser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  or(depth: number): Filter {
    if (depth > MAX_DEPTH) throw this.#error();
    let left = this.#and(depth);
    while (this.#takeWord('or')) left = { kind: 'or', left, right: this.#and(depth) };
    return left;
  }

  end(): void {
    if (this.#peek()) throw this.#error();
  }

  #and(depth: number): Filter {
    let left = this.#unary(depth);
    while (this.#takeWord('and')) left = { kind: 'and', left, right: this.#unary(depth) };
    return left;
  }

  #unary(depth: number): Filter {
    if (depth > MAX_DEPTH) throw this.#error();
    if (this.#takeWord('not')) return { kind: 'not', operand: this.#unary(depth + 1) };
    if (this.#takeSymbol('(')) {
      const inner = this.or(depth + 1);
      this.#expectSymbol(')');
      return inner;
    }
    const name = this.#expectName();
    if (this.#takeSymbol('(')) return this.#call(name, depth);
    if (this.#takeWord('in')) return this.#in(name);
    const operator = this.#expectName().toLowerCase();
    if (!isOperator(operator)) throw this.#error(-1);
    return { kind: 'compare', path: name, operator, value: this.#literal() };
  }

  #call(name: string, depth: number): Filter {
    const functionName = name.toLowerCase();
    if (isStringFunction(functionName)) {
      const path = this.#expectName();
      this.#expectSymbol(',');
      const value = this.#literal();
      if (typeof value !== 'string') throw this.#error(-1);
      this.#expectSymbol(')');
      // OData writes `startswith(x,'y') eq true` as well
      if (this.#takeWord('eq') && this.#literal() !== true) throw this.#error(-1);
      return { kind: 'function', name: functionName, path, value };
    }
    const match = /^(.+)\/any$/i.exec(name);
    if (!match?.[1]) throw this.#error(-1);
    const variable = this.#expectName();
    this.#expectSymbol(':');
    const condition = this.or(depth + 1);
    this.#expectSymbol(')');
    return { kind: 'any', path: match[1], variable, condition };
  }

  #in(path: string): Filter {
    this.#expectSymbol('(');
    const values = [this.#literal()];
    while (this.#takeSymbol(',')) values.push(this.#literal());
    this.#expectSymbol(')');
    return { kind: 'in', path, values };
  }

  #literal(): Literal {
    const token = this.#peek();
    if (!token) throw this.#error();
    this.#next += 1;
    if (token.kind === 'string' || token.kind === 'number' || token.kind === 'guid') return token.value;
    if (token.kind === 'datetime') return { instant: token.value };
    if (token.kind === 'name' && token.value === 'true') return true;
    if (token.kind === 'name' && token.value === 'false') return false;
    if (token.kind === 'name' && token.value === 'null') return null;
    throw this.#error(-1);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token?.kind !== 'name' || token.value.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  #takeSymbol(symbol: '(' | ')' | ',' | ':'): boolean {
    const token = this.#peek();
    if (token?.kind !== 'symbol' || token.value !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expectSymbol(symbol: '(' | ')' | ',' | ':'): void {
    if (!this.#takeSymbol(symbol)) throw this.#error();
  }

  #expectName(): string {
    const token = this.#peek();
    if (token?.kind !== 'name') throw this.#error();
    this.#next += 1;
    return token.value;
  }

  #error(offset = 0): Error {
    return syntaxError(this.#text, this.#tokens[this.#next + offset]?.at ?? this.#text.length);
  }
}

function isOperator(word: string): word is ComparisonOperator {
  return OPERATORS.has(word);
}

function isStringFunction(word: string): word is StringFunction {
  return FUNCTIONS.has(word);
}
