/** Windows that are imported once more, and time before the first one. All of it in a transaction that holds the connector. */
import type pg from 'pg';
import type { TimeRange } from '../../archive/source.ts';
import type { RunningConnector } from './connectors.ts';
import type { ImportTrigger } from './imports.ts';

/** Which windows of a connector. */
export type Which =
  | { readonly kind: 'window'; readonly id: string }
  /** that overlap it */
  | { readonly kind: 'range'; readonly range: TimeRange }
  /** whose last import somebody cancelled */
  | { readonly kind: 'cancelled' };

type Named = Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>;

/**
 * Opens one more import over each of these windows: what is there already counts as a repeat. A window whose import is
 * under way is left alone. The alert that its import was cancelled ends here, since somebody has taken care of it.
 *
 * @returns ids of the imports, oldest window first
 */
export async function openAgain(
  client: pg.PoolClient,
  connector: Named,
  which: Which,
  trigger: Extract<ImportTrigger, 'repeat' | 'recheck'>,
  by: string | null,
): Promise<string[]> {
  const range = which.kind === 'range' ? which.range : null;
  const { rows } = await client.query<{ id: string }>(
    `WITH chosen AS MATERIALIZED (
       SELECT w.id, row_number() OVER (ORDER BY w.starts_at) AS place FROM import_window w
       WHERE w.organization_id = $1 AND w.connector_id = $2
         AND ($6::bigint IS NULL OR w.id = $6)
         AND ($7::timestamptz IS NULL OR w.ends_at > $7) AND ($8::timestamptz IS NULL OR w.starts_at < $8)
         AND (NOT $9::boolean OR w.state = 'open' AND 'cancelled' = (
           SELECT i.phase FROM import i WHERE i.window_id = w.id ORDER BY i.number DESC LIMIT 1))
         AND NOT EXISTS (SELECT 1 FROM import i
           WHERE i.window_id = w.id AND i.phase NOT IN ('completed', 'cancelled'))),
     numbered AS (
       UPDATE connector c SET next_import_number = c.next_import_number + (SELECT count(*) FROM chosen)
       WHERE c.organization_id = $1 AND c.id = $2 RETURNING old.next_import_number AS first),
     opened AS (
       UPDATE import_window w SET state = 'open', recheck_due_at = NULL FROM chosen WHERE w.id = chosen.id),
     resolved AS (
       UPDATE alert SET resolved_at = now() FROM chosen
       WHERE alert.connector_id = $2 AND alert.window_id = chosen.id AND alert.code = 'import_cancelled'
         AND alert.resolved_at IS NULL)
     INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, created_by)
     SELECT gen_random_uuid(), $1, $2, $3, chosen.id, numbered.first + place - 1, $4, $5
     FROM chosen, numbered ORDER BY place RETURNING id`,
    [
      connector.organizationId,
      connector.id,
      connector.sourceId,
      trigger,
      by,
      which.kind === 'window' ? which.id : null,
      range?.from ?? null,
      range?.to ?? null,
      which.kind === 'cancelled',
    ],
  );
  return rows.map(({ id }) => id);
}

/** The windows of some imports. */
export async function windowsOfImports(client: pg.PoolClient, importIds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ window_id: string }>('SELECT window_id FROM import WHERE id = ANY ($1)', [
    importIds,
  ]);
  return rows.map((row) => row.window_id);
}

/** Windows in a range whose import is under way. */
export async function windowsUnderWay(client: pg.PoolClient, connectorId: string, range: TimeRange): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM import_window w WHERE w.connector_id = $1 AND w.ends_at > $2 AND w.starts_at < $3
       AND EXISTS (SELECT 1 FROM import i WHERE i.window_id = w.id AND i.phase NOT IN ('completed', 'cancelled'))`,
    [connectorId, range.from, range.to],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Notes that everything since an earlier time is wanted. What the source still has of it is planned like any other time
 * (`openWindows`), because only the source knows how far back that is.
 *
 * @returns false where the connector's windows begin before that
 */
export async function wantSince(client: pg.PoolClient, connector: Named, from: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE connector c SET first_import_from = least(c.first_import_from, $3), updated_at = now()
     WHERE c.organization_id = $1 AND c.id = $2 AND $3 < coalesce(
       (SELECT min(w.starts_at) FROM import_window w WHERE w.connector_id = c.id), c.first_import_from)`,
    [connector.organizationId, connector.id, from],
  );
  return rowCount === 1;
}

/**
 * Puts windows before a connector's first one. The chain stays without a gap: the former first one follows the last of
 * these, in the same statement, and the first of these follows none.
 *
 * @param windows in order; the last ends where the former first one begins
 * @returns ids of the windows, in order
 */
export async function putBefore(
  client: pg.PoolClient,
  connector: Named,
  windows: readonly TimeRange[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `WITH former AS (
       UPDATE import_window SET follows = starts_at WHERE connector_id = $2 AND follows IS NULL RETURNING id)
     INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows)
     SELECT $1, $2, t.starts_at, t.ends_at, lag(t.ends_at) OVER (ORDER BY t.starts_at)
     FROM former, unnest($3::timestamptz[], $4::timestamptz[]) AS t (starts_at, ends_at) ORDER BY t.starts_at RETURNING id`,
    [connector.organizationId, connector.id, windows.map(({ from }) => from), windows.map(({ to }) => to)],
  );
  return rows.map(({ id }) => id);
}
