/** Counters of an import, changed in the transaction that makes them true. */
import type pg from 'pg';
import type { Outcome, SignedOffOutcome } from '../counts.ts';

type CounterName = Outcome | SignedOffOutcome;

/** The collector's row, and of what people do; shards count from 0. */
export const COLLECTOR = -2;
/** Rows whose counts are in those of the connector, too. Written by `foldCounters` alone. */
export const CLOSED = -1;

/** Changes to be written: per import, per outcome. */
export class CounterChanges {
  readonly #changes = new Map<string, Map<CounterName, number>>();

  add(importId: string, outcome: CounterName, by: number): void {
    const of = this.#changes.get(importId) ?? new Map<CounterName, number>();
    of.set(outcome, (of.get(outcome) ?? 0) + by);
    this.#changes.set(importId, of);
  }

  get importIds(): string[] {
    return [...this.#changes.keys()];
  }

  /** What is to be written, in an order that cannot deadlock. */
  get rows(): { importId: string; outcome: CounterName; by: number }[] {
    return [...this.#changes]
      .flatMap(([importId, of]) => [...of].map(([outcome, by]) => ({ importId, outcome, by })))
      .filter(({ by }) => by !== 0)
      .sort((a, b) => (a.importId + a.outcome < b.importId + b.outcome ? -1 : 1));
  }

  /** Writes the changes under `shard`. */
  async write(client: pg.PoolClient, shard: number): Promise<void> {
    const { rows } = this;
    if (rows.length === 0) return;
    await client.query(
      `INSERT INTO import_counter AS c (import_id, shard, outcome, count)
       SELECT import_id, $4, outcome, by FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS t (import_id, outcome, by)
       ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = c.count + excluded.count`,
      [rows.map((row) => row.importId), rows.map((row) => row.outcome), rows.map((row) => row.by), shard],
    );
  }
}

/**
 * Brings an import's counters into its closed rows, one an outcome, and adds them to its connector's, which pages read
 * instead of all imports. The sums stay as they are. Who adds to one of them meanwhile waits, and then begins a row of its
 * own again, until the import's staging is cleared once more.
 */
export async function foldCounters(client: pg.PoolClient, importId: string): Promise<void> {
  // In the order in which everybody writes them. The connector's come last, and nobody else writes those.
  await client.query('SELECT 1 FROM import_counter WHERE import_id = $1 ORDER BY outcome, shard FOR UPDATE', [
    importId,
  ]);
  await client.query(
    `WITH gone AS (DELETE FROM import_counter WHERE import_id = $1 AND shard <> ${CLOSED} RETURNING outcome, count),
     sums AS (SELECT outcome, sum(count) AS count FROM gone GROUP BY outcome),
     closed AS (
       INSERT INTO import_counter AS c (import_id, shard, outcome, count) SELECT $1, ${CLOSED}, outcome, count FROM sums
       ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = c.count + excluded.count)
     INSERT INTO connector_counter AS c (connector_id, outcome, count)
     SELECT i.connector_id, s.outcome, s.count FROM sums s JOIN import i ON i.id = $1 ORDER BY s.outcome
     ON CONFLICT (connector_id, outcome) DO UPDATE SET count = c.count + excluded.count`,
    [importId],
  );
}

/**
 * Counter rows of whole connectors as (connector_id, outcome, count), to be added up: those of the connector, and of imports
 * what is in none of these yet. How many there are does not depend on how long the connector has been importing. For the
 * FROM of one statement, so that both are of one moment.
 *
 * @param connectors SQL of a list of connectors of organization `$1`
 * @param outcomes SQL of a list; the partial index `import_counter_to_do` has those of what is to be done
 * @param imports SQL that is true of the imports `i` that are meant; of those that are left out nothing is closed
 */
export const ofConnectors = (connectors: string, outcomes: string | null, imports = 'true'): string => {
  const chosen = outcomes === null ? '' : `AND k.outcome IN (${outcomes})`;
  return `(SELECT k.connector_id, k.outcome, k.count FROM connector_counter k WHERE k.connector_id IN (${connectors}) ${chosen}
    UNION ALL
    SELECT i.connector_id, k.outcome, k.count FROM import_counter k JOIN import i ON i.id = k.import_id
    WHERE k.shard <> ${CLOSED} ${chosen} AND i.organization_id = $1 AND i.connector_id IN (${connectors}) AND ${imports})`;
};

/** All counter rows of some imports. */
export async function readCounters(
  client: pg.Pool | pg.PoolClient,
  importIds: readonly string[],
): Promise<{ importId: string; outcome: string; count: number }[]> {
  const { rows } = await client.query<{ import_id: string; outcome: string; count: string }>(
    'SELECT import_id, outcome, sum(count) AS count FROM import_counter WHERE import_id = ANY ($1) GROUP BY 1, 2',
    [importIds],
  );
  return rows.map((row) => ({ importId: row.import_id, outcome: row.outcome, count: Number(row.count) }));
}
