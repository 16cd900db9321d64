/** An index that is made while others write stands alone in its migration: PostgreSQL makes it outside of a transaction. */

const ALONE =
  /^\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?([a-z_][a-z0-9_]*)\s+ON\s[^;]*;?\s*$/i;

/** Name of the index where this migration is nothing but the making of one, concurrently; null where it is anything else. */
export function concurrentIndex(sql: string): string | null {
  return ALONE.exec(sql.replaceAll(/--[^\n]*/g, ''))?.[1] ?? null;
}
