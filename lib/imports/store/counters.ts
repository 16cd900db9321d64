/** Counters of an import, changed in the transaction that makes them true. */
import type pg from 'pg';
import type { Outcome, SignedOffOutcome } from '../counts.ts';

type CounterName = Outcome | SignedOffOutcome;

/** The collector's row; shards count from 0. */
export const COLLECTOR = -1;

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
 * Brings an import's counters into the collector's rows, one an outcome; the sums stay as they are. Who adds to one of
 * them meanwhile waits, and then begins a row of its own again.
 */
export async function foldCounters(client: pg.PoolClient, importId: string): Promise<void> {
  // In the order in which everybody writes them.
  await client.query('SELECT 1 FROM import_counter WHERE import_id = $1 ORDER BY outcome, shard FOR UPDATE', [
    importId,
  ]);
  await client.query(
    `WITH gone AS (DELETE FROM import_counter WHERE import_id = $1 AND shard <> $2 RETURNING outcome, count)
     INSERT INTO import_counter AS c (import_id, shard, outcome, count)
     SELECT $1, $2, outcome, sum(count) FROM gone GROUP BY outcome
     ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = c.count + excluded.count`,
    [importId, COLLECTOR],
  );
}

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
