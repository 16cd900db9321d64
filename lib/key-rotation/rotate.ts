/**
 * A new key takes over: everything that lies under older ones is sealed anew, while workers import and people work. Then a
 * key under which nothing is left is forgotten, and may go from the ring.
 *
 * Columns are written by themselves (`reseal-columns.ts`). Staged pages are written anew by the clearing that compacts them
 * (`imports/clear-staging.ts`), with its guards against whoever delivers from them; those of an import that is under way
 * wait until it is over. Attachments stay as they are, only the keys to them are sealed anew.
 */
import type pg from 'pg';
import { type ClearDeps, clearStaging } from '../imports/clear-staging.ts';
import { IS_OVER } from '../imports/store/clearing.ts';
import { checkKeyRing, forgetKey, noteFoundKeys } from '../security/key-use.ts';
import { SILENT_SECONDS } from '../security/key-watch.ts';
import { removeEnded, resealColumn } from './reseal-columns.ts';
import { ENDING_COLUMNS, RESEALED_COLUMNS } from './sealed-columns.ts';
import { oldPages, type Use, usesInDatabase, usesOfOldKeys } from './survey.ts';

export interface RotationDeps extends ClearDeps {
  readonly pool: pg.Pool;
}

/** What is known of an older key after a rotation. */
export type KeyFate =
  /** nothing lies under it: it may be taken out of the ring */
  | { readonly id: string; readonly kind: 'free' }
  | { readonly id: string; readonly kind: 'in_use'; readonly uses: readonly Use[] }
  /** a process still seals with it, or did moments ago */
  | { readonly id: string; readonly kind: 'sealing'; readonly secondsAgo: number };

/** What happens, one line at a time; `where` as in a `Use`. */
export type Tell = (progress: { readonly where: string; readonly resealed: number; readonly unopened: number }) => void;

/**
 * Safe to break off, to repeat, and to run beside itself.
 *
 * @returns what became of each key but the newest
 * @throws KeyRingRefusedError where the ring lacks a key that is in use; what PostgreSQL and staging throw
 */
export async function rotateKeys(deps: RotationDeps, tell: Tell): Promise<KeyFate[]> {
  const { pool, keyRing } = deps;
  await checkKeyRing(pool, keyRing);
  await noteFoundKeys(pool, keyRing, (await usesInDatabase(pool)).keys());
  for (const column of RESEALED_COLUMNS) {
    const where = `${column.table}.${column.column}`;
    await resealColumn(pool, keyRing, column, (progress) => tell({ where, ...progress }));
  }
  for (const column of ENDING_COLUMNS) await removeEnded(pool, keyRing, column);
  await resealPages(deps, tell);
  return fatesOfKeys(deps);
}

/** What is known of each key but the newest; a key under which nothing lies is forgotten. Changes nothing else. */
export async function fatesOfKeys({ pool, keyRing, staging }: RotationDeps): Promise<KeyFate[]> {
  const uses = await usesOfOldKeys(pool, staging, keyRing.current.id);
  const used = new Map((await checkKeyRing(pool, keyRing)).map(({ id, idleSeconds }) => [id, idleSeconds]));
  const fates: KeyFate[] = [];
  for (const id of new Set([...keyRing.keys.keys(), ...uses.keys()])) {
    if (id === keyRing.current.id) continue;
    const of = uses.get(id) ?? [];
    const idleSeconds = used.get(id) ?? Number.POSITIVE_INFINITY;
    if (of.length > 0) fates.push({ id, kind: 'in_use', uses: of });
    else if (!used.has(id) || (await forgetKey(pool, id, SILENT_SECONDS))) fates.push({ id, kind: 'free' });
    else fates.push({ id, kind: 'sealing', secondsAgo: Math.round(idleSeconds) });
  }
  return fates;
}

async function resealPages(deps: RotationDeps, tell: Tell): Promise<void> {
  const { pool, staging, keyRing } = deps;
  let resealed = 0;
  for (const { organizationId, importId, isOver, pages } of await oldPages(pool, staging, keyRing.current.id)) {
    if (!isOver) continue;
    // Where this process ends now, a worker clears it, and seals anew as well.
    await pool.query(`UPDATE import i SET staging_cleared_at = NULL WHERE i.id = $1 AND ${IS_OVER}`, [importId]);
    await clearStaging(deps, organizationId, importId);
    resealed += pages.length;
    tell({ where: 'staged pages', resealed, unopened: 0 });
  }
}
