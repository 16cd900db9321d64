/** Copies whose sealed content the storage lost, while the source is asked for it. */
import type pg from 'pg';
import { CONTENT_LOST, type ReasonCode } from '../reasons.ts';
import type { UndoneKey } from './undone.ts';

/** In SQL; literals of this product. */
export const LOST_REASONS = `(${CONTENT_LOST.map((code) => `'${code}'`).join(', ')})`;

/** A copy `d` that failed for lost content, or lacks an attachment for it, whatever was asked for since. */
export const LOST_COPY = `d.reason IN ${LOST_REASONS} AND d.state NOT IN ('imported', 'skipped', 'waiting') AND d.sign_off_id IS NULL`;

/** Of the states in which a lost copy is to be seen, each by the partial index that holds nothing else. */
const SEEN = ['failed', 'partially_imported'] as const;

/**
 * Notes of copies that failed for lost content, or lack an attachment for it, that an import is about to ask the source
 * for it: one of these windows that reads its list from the beginning.
 */
export async function seekContent(client: pg.PoolClient, windowIds: readonly string[]): Promise<void> {
  for (const state of SEEN) {
    await client.query(
      `UPDATE delivery d SET reason = $2 WHERE d.state = '${state}' AND ${LOST_COPY} AND d.import_id IN (
         SELECT i.id FROM import i WHERE i.window_id = ANY ($1) AND EXISTS (SELECT 1 FROM import next
           WHERE next.window_id = i.window_id AND next.phase = 'queued' AND next.cursor IS NULL))`,
      [windowIds, 'content_sought' satisfies ReasonCode],
    );
  }
}

/** Notes of copies whose content was sought in a window's list that the source did not give it: the list is at its end. */
export async function endSeeking(client: pg.PoolClient, windowId: string): Promise<void> {
  for (const state of SEEN) {
    await client.query(
      `UPDATE delivery d SET reason = $2 WHERE d.state = '${state}' AND d.reason = 'content_sought'
         AND d.sign_off_id IS NULL AND d.import_id IN (SELECT i.id FROM import i WHERE i.window_id = $1)`,
      [windowId, 'content_not_given_again' satisfies ReasonCode],
    );
  }
}

/** Windows that hold the items of some copies which failed for lost content, or lack an attachment for it. */
export async function windowsOfLost(
  client: pg.PoolClient,
  connectorId: string,
  keys: readonly UndoneKey[],
): Promise<string[]> {
  const { rows } = await client.query<{ window_id: string }>(
    `SELECT DISTINCT m.window_id FROM delivery d JOIN import m ON m.id = d.import_id AND m.connector_id = $3
     WHERE (d.archived_at, d.id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[])) AND ${LOST_COPY}
     ORDER BY m.window_id`,
    [keys.map(({ archivedAt }) => archivedAt), keys.map(({ id }) => id), connectorId],
  );
  return rows.map((row) => row.window_id);
}
