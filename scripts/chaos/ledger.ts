/** What a round asks the ledger while PostgreSQL may be away: how far the import is, and what is stuck. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** PostgreSQL is back long before this, or something else is wrong. */
const PATIENCE_MS = 60_000;

export class Ledger {
  readonly pool: pg.Pool;

  constructor(connectionString: string) {
    this.pool = new pg.Pool({ connectionString, max: 3 });
    this.pool.on('error', () => {});
  }

  /** Rows of a query, which is asked again while PostgreSQL does not answer. */
  async rows<T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return (await this.pool.query<T>(sql, [...values])).rows;
      } catch (error) {
        if (Date.now() > until) throw error;
        await sleep(100);
      }
    }
  }

  async number(sql: string, values: readonly unknown[] = []): Promise<number> {
    const [row] = await this.rows<{ number: string | null }>(`SELECT (${sql})::bigint AS number`, values);
    return Number(row?.number ?? 0);
  }

  imported(): Promise<number> {
    return this.number(
      `SELECT sum(count) FROM import_counter WHERE outcome IN ('copies.imported', 'copies.partially_imported')`,
    );
  }

  sending(): Promise<number> {
    return this.number(`SELECT count(*) FROM delivery WHERE state = 'sending'`);
  }

  /** Whether anything is still to be done by itself. Also before the first import is there. */
  async isUnderWay(): Promise<boolean> {
    const [row] = await this.rows<{ open: boolean }>(
      `SELECT NOT EXISTS (SELECT 1 FROM import)
         OR EXISTS (SELECT 1 FROM import WHERE phase NOT IN ('completed', 'cancelled'))
         OR EXISTS (SELECT 1 FROM delivery WHERE state IN ('pending', 'sending', 'created')) AS open`,
    );
    return row?.open !== false;
  }

  /** By process id of the worker: the shards that it holds, with the epochs of its leases, and copies under way in them. */
  async holders(): Promise<{ pid: number; shards: number[]; epochs: string[]; sending: number }[]> {
    return this.rows(
      `SELECT (regexp_match(l.owner, '\\.(\\d+)\\.[0-9a-f-]{36}$'))[1]::int AS pid,
         array_agg(l.shard::int ORDER BY l.shard) AS shards, array_agg(l.epoch::text ORDER BY l.shard) AS epochs,
         (SELECT count(*) FROM delivery d WHERE d.state = 'sending' AND d.shard = ANY (array_agg(l.shard)))::int AS sending
       FROM shard_lease l WHERE l.expires_at > now() GROUP BY 1 ORDER BY 4 DESC`,
    );
  }

  /** How many of these leases still are what they were. */
  leasesLeft(shards: readonly number[], epochs: readonly string[]): Promise<number> {
    return this.number(
      `SELECT count(*) FROM shard_lease l JOIN unnest($1::int[], $2::bigint[]) AS h (shard, epoch)
         ON l.shard = h.shard AND l.epoch = h.epoch`,
      [shards, epochs],
    );
  }

  /** What is not done, a line each, for whoever has to find out why. */
  async stuck(): Promise<string[]> {
    const imports = await this.rows<{ line: string }>(
      `SELECT concat_ws(' ', 'import', id, phase, 'problem', problem, 'attempts', attempts, 'next in',
         round(extract(epoch FROM next_attempt_at - now())), 's, held by', collect_owner) AS line
       FROM import WHERE phase NOT IN ('completed', 'cancelled') LIMIT 20`,
    );
    const copies = await this.rows<{ line: string }>(
      `SELECT concat_ws(' ', count(*), 'copies', state, 'in shard', shard, 'due in',
         round(extract(epoch FROM min(not_before) - now())), 's, deadline in',
         round(extract(epoch FROM min(sending_until) - now())), 's, looked up', min(lookups), 'times or more') AS line
       FROM delivery WHERE state IN ('pending', 'sending', 'created') GROUP BY state, shard ORDER BY shard LIMIT 40`,
    );
    const connectors = await this.rows<{ line: string }>(
      `SELECT 'connector stopped: ' || stopped_reason AS line FROM connector WHERE stopped_at IS NOT NULL`,
    );
    const lines = [...imports, ...copies, ...connectors].map(({ line }) => line);
    return lines.length > 0 ? lines : ['no import was ever planned'];
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}
