/** What is sealed under which key: looked up in the database and in staging, for `npm run rotate-keys`. */
import pLimit from 'p-limit';
import type pg from 'pg';
import { IS_OVER, keptOfPages } from '../imports/store/clearing.ts';
import { StagedContentMissingError } from '../staging/errors.ts';
import { parseStagedName } from '../staging/names.ts';
import type { SealedBlobs } from '../staging/sealed-blobs.ts';
import { ENDING_COLUMNS, keyIdSql, RESEALED_COLUMNS } from './sealed-columns.ts';

/** What lies under a key, and how much of it. */
export interface Use {
  /** a column (`table.column`), or `staged pages` */
  readonly where: string;
  readonly count: number;
}

/** Staged pages that are needed and lie under another key than the newest, of one import. */
export interface OldPages {
  readonly organizationId: string;
  readonly importId: string;
  /** nothing more is collected for it: its pages can be written anew */
  readonly isOver: boolean;
  readonly pages: readonly { readonly page: number; readonly keyId: string }[];
}

/** Reads of page headers at a time. */
const READS = 8;

/** By key id; an empty id stands for what is no sealed value at all. */
export async function usesInDatabase(pool: pg.Pool): Promise<Map<string, Use[]>> {
  const uses = new Map<string, Use[]>();
  const columns = [
    ...[...RESEALED_COLUMNS, ...ENDING_COLUMNS].map(({ table, column, form }) => ({ table, column, form })),
    ...RESEALED_COLUMNS.flatMap(({ table, namedBy }) =>
      namedBy === undefined ? [] : [{ table, column: namedBy, form: 'text' as const }],
    ),
  ];
  for (const { table, column, form } of columns) {
    const { rows } = await pool.query<{ id: string; count: number }>(
      `SELECT ${keyIdSql({ column, form })} AS id, count(*)::float8 AS count FROM ${table}
       WHERE ${column} IS NOT NULL GROUP BY 1`,
    );
    for (const { id, count } of rows) addUse(uses, id, { where: `${table}.${column}`, count });
  }
  return uses;
}

/** Needed pages under keys other than `currentId`, by import. Of each page its first bytes are read. */
export async function oldPages(pool: pg.Pool, staging: SealedBlobs, currentId: string): Promise<OldPages[]> {
  const limit = pLimit(READS);
  const reading: Promise<{ importId: string; organizationId: string; page: number; keyId: string } | null>[] = [];
  for await (const { name, size } of staging.list('')) {
    const staged = parseStagedName(name);
    if (staged?.kind !== 'pages') continue;
    reading.push(
      limit(async () => {
        const keyId = await staging.keyOfPage(name, size).catch((error: unknown) => {
          // It went while it was looked for: nobody needs it.
          if (error instanceof StagedContentMissingError) return null;
          throw error;
        });
        return keyId === null || keyId === currentId ? null : { ...staged, page: Number(staged.id), keyId };
      }),
    );
  }
  const old = (await Promise.all(reading)).filter((page) => page !== null);
  const found: OldPages[] = [];
  for (const pages of Map.groupBy(old, ({ importId }) => importId).values()) {
    const [first] = pages;
    if (first === undefined) continue;
    const { organizationId, importId } = first;
    // What no row needs is on its way out: a clearing or the sweep deletes it.
    const needed = new Set((await keptOfPages(pool, importId)).map(({ page }) => page));
    const { rows } = await pool.query<{ is_over: boolean }>(
      `SELECT ${IS_OVER} AS is_over FROM import i WHERE i.id = $1`,
      [importId],
    );
    const wanted = pages.filter(({ page }) => needed.has(page));
    if (wanted.length > 0) found.push({ organizationId, importId, isOver: rows[0]?.is_over ?? false, pages: wanted });
  }
  return found;
}

/** All that lies under other keys than `currentId`, by key id. */
export async function usesOfOldKeys(
  pool: pg.Pool,
  staging: SealedBlobs,
  currentId: string,
): Promise<Map<string, Use[]>> {
  const uses = await usesInDatabase(pool);
  uses.delete(currentId);
  const pages = (await oldPages(pool, staging, currentId)).flatMap((one) => one.pages);
  for (const [id, of] of Map.groupBy(pages, ({ keyId }) => keyId)) {
    addUse(uses, id, { where: 'staged pages', count: of.length });
  }
  return uses;
}

function addUse(uses: Map<string, Use[]>, id: string, use: Use): void {
  uses.set(id, [...(uses.get(id) ?? []), use]);
}
