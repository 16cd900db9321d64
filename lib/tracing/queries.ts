/** Spans of PostgreSQL: what a statement does, and to which table. Neither its text nor a parameter. */
import type pg from 'pg';
import { type SpanPlan, traced, tracing } from './tracing.ts';

const OPERATIONS: ReadonlySet<string> = new Set([
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'COPY', 'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT'],
  ...['SET', 'LOCK', 'LISTEN', 'NOTIFY', 'CALL', 'DECLARE', 'FETCH', 'CLOSE'],
]);
const FIRST_WORD = /^(?:\s|--[^\n]*\n|\/\*[^*]*\*\/)*([a-z]+)/i;
const TABLE = /\b(?:FROM|INTO|UPDATE)\s+(?:ONLY\s+)?(?:"?public"?\.)?"?([a-z_]{1,63})\b/i;

/** @param text of a statement, which is not kept */
export function statementSpan(text: string): SpanPlan {
  const word = FIRST_WORD.exec(text)?.[1]?.toUpperCase() ?? '';
  const operation = OPERATIONS.has(word) ? word : 'OTHER';
  const table = TABLE.exec(text)?.[1];
  const name = table === undefined ? operation : `${operation} ${table}`;
  return {
    name,
    kind: 'client',
    facts: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      ...(table === undefined ? {} : { 'db.collection.name': table }),
      'db.query.summary': name,
    },
  };
}

/**
 * Makes a span of every statement that the pool and its clients are asked for. Does nothing where no traces are collected.
 * What is asked by a callback is pg's own: the pool asks its client so, and has a span already.
 */
export function traceQueries(pool: pg.Pool): void {
  if (tracing() === undefined) return;
  wrapQuery(pool);
  pool.on('connect', wrapQuery);
}

function wrapQuery(asked: Pick<pg.ClientBase, 'query'>): void {
  const query: unknown = Reflect.get(asked, 'query');
  if (typeof query !== 'function') return;
  const wrapped = (...args: unknown[]): unknown => {
    const text = textOf(args[0]);
    const ask = (): unknown => Reflect.apply(query, asked, args);
    if (text === null || args.some((arg) => typeof arg === 'function')) return ask();
    return traced(statementSpan(text), async () => ask());
  };
  Object.defineProperty(asked, 'query', { value: wrapped, configurable: true, writable: true });
}

/** null for what pg calls a submittable: it is no promise */
function textOf(statement: unknown): string | null {
  if (typeof statement === 'string') return statement;
  if (typeof statement !== 'object' || statement === null || 'submit' in statement) return null;
  return 'text' in statement && typeof statement.text === 'string' ? statement.text : null;
}
