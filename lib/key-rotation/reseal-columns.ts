/** Seals anew, a set of rows at a time, what columns hold under older keys, while the installation works. */
import type pg from 'pg';
import { inTransaction } from '../db.ts';
import type { KeyRing } from '../security/keyring.ts';
import { TamperedError, UnknownKeyError } from '../security/sealing.ts';
import { type EndingColumn, keyIdSql, type ResealedColumn } from './sealed-columns.ts';

export interface ColumnProgress {
  readonly resealed: number;
  /** values that do not open: they stay as they are */
  readonly unopened: number;
}

const SET = 200;

interface OldRow {
  readonly key: readonly string[];
  readonly sealed: string | Buffer;
}

/**
 * Goes through a column by the key of its table. A row is written only where it still holds what was read, so what others
 * write meanwhile is never lost: they seal with the newest key. Safe to break off and to repeat.
 */
export async function resealColumn(
  pool: pg.Pool,
  ring: KeyRing,
  column: ResealedColumn,
  tell: (progress: ColumnProgress) => void = () => {},
): Promise<ColumnProgress> {
  let progress: ColumnProgress = { resealed: 0, unopened: 0 };
  let after: readonly string[] | null = null;
  for (;;) {
    const rows = await oldRows(pool, ring, column, after);
    if (rows.length === 0) break;
    const anew = rows.flatMap((row) => {
      const sealed = resealed(ring, column, row);
      return sealed === null ? [] : [{ ...row, anew: sealed }];
    });
    const written = await write(pool, column, anew);
    progress = {
      resealed: progress.resealed + written,
      unopened: progress.unopened + rows.length - anew.length,
    };
    tell(progress);
    after = rows.at(-1)?.key ?? null;
  }
  if (column.namedBy !== undefined) await forgetStaleNames(pool, ring, column, column.namedBy);
  return progress;
}

/** Removes rows under older keys that nobody can use any more. @returns how many */
export async function removeEnded(pool: pg.Pool, ring: KeyRing, column: EndingColumn): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM ${column.table} WHERE ${column.isOver} AND ${keyIdSql(column)} <> $1`,
    [ring.current.id],
  );
  return rowCount ?? 0;
}

async function oldRows(
  pool: pg.Pool,
  ring: KeyRing,
  column: ResealedColumn,
  after: readonly string[] | null,
): Promise<OldRow[]> {
  const names = column.key.map(([name]) => name);
  const place = column.key.map(([, type], index) => `$${index + 2}::${type}`);
  const { rows } = await pool.query<{ key: string[]; sealed: string | Buffer }>(
    `SELECT ARRAY[${names.map((name) => `${name}::text`).join(', ')}] AS key, ${column.column} AS sealed
     FROM ${column.table} WHERE ${column.column} IS NOT NULL AND ${keyIdSql(column)} <> $1
       ${after === null ? '' : `AND (${names.join(', ')}) > (${place.join(', ')})`}
     ORDER BY ${names.join(', ')} LIMIT ${SET}`,
    [ring.current.id, ...(after ?? [])],
  );
  return rows;
}

function resealed(ring: KeyRing, column: ResealedColumn, { key, sealed }: OldRow): string | Buffer | null {
  const id = key.at(-1) ?? '';
  try {
    if (column.form === 'text') return typeof sealed === 'string' ? column.reseal(ring, sealed, id) : null;
    return typeof sealed === 'string' ? null : column.reseal(ring, sealed, id);
  } catch (error) {
    if (error instanceof TamperedError || error instanceof UnknownKeyError) return null;
    throw error;
  }
}

async function write(
  pool: pg.Pool,
  { table, column, form, key, namedBy }: ResealedColumn,
  rows: readonly (OldRow & { readonly anew: string | Buffer })[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const named =
    namedBy === undefined ? '' : `, ${namedBy} = CASE WHEN t.${namedBy} = m.sealed THEN m.anew ELSE t.${namedBy} END`;
  const given = [...key.map(([name, type]) => [name, type] as const), ['sealed', form], ['anew', form]] as const;
  const { rowCount } = await inTransaction(pool, (client) =>
    client.query(
      `UPDATE ${table} t SET ${column} = m.anew ${named}
       FROM unnest(${given.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')})
         AS m (${given.map(([name]) => name).join(', ')})
       WHERE ${key.map(([name]) => `t.${name} = m.${name}`).join(' AND ')} AND t.${column} = m.sealed`,
      [
        ...key.map((_, index) => rows.map((row) => row.key[index])),
        rows.map(({ sealed }) => sealed),
        rows.map(({ anew }) => anew),
      ],
    ),
  );
  return rowCount ?? 0;
}

/** One that names another value than the row has now says nothing any more. */
async function forgetStaleNames(pool: pg.Pool, ring: KeyRing, { table, column }: ResealedColumn, namedBy: string) {
  await pool.query(
    `UPDATE ${table} SET ${namedBy} = NULL WHERE ${namedBy} IS DISTINCT FROM ${column}
       AND ${namedBy} IS NOT NULL AND ${keyIdSql({ column: namedBy, form: 'text' })} <> $1`,
    [ring.current.id],
  );
}
