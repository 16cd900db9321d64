/**
 * Looks every minute, at the start and at every new connection whether the database is still the one that this installation
 * has worked with (`verdict.ts`), counts the minute, and begins recovery where it is not.
 */
import pg from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from '../db.ts';
import type { Change } from '../queue/events.ts';
import type { BlobContainer } from '../staging/azure.ts';
import { beginRecovery, type Held, mappingsInForce, type Restored } from './begin.ts';
import { type EpochMark, type ReadMark, readMark, writeMark } from './epoch-blob.ts';
import { verdictOf } from './verdict.ts';

export interface LedgerParts {
  /** a secret: a connection of its own, which no guard keeps from looking */
  readonly connectionString: string;
  readonly container: BlobContainer;
  readonly failoverLosesNothing: boolean;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

/** The storage lost the mark: nobody can say whether the database is older than the world. */
export class LedgerMarkLostError extends Error {
  override name = 'LedgerMarkLostError';
  constructor() {
    super(
      'The storage does not know how far this ledger has counted (ledger-epoch.json in STAGING_CONTAINER is missing). Is it the storage ' +
        'of this installation? If it is and lost its content, run npm run recover -- --begin --reason "…" (docs/backup.md).',
    );
  }
}

/** A new connection leads to a database that knows less than this process. */
export class LedgerRestoredError extends Error {
  override name = 'LedgerRestoredError';
  constructor() {
    super('the database was restored, or another took its place');
  }
}

const PATIENCE_MS = 30_000;
/** The tick comes once a minute, and must not miss one for a millisecond. */
const EVERY_SECONDS = 55;

interface Counted {
  readonly epoch: string | null;
  readonly at: Date | null;
  readonly home: string | null;
  readonly here: string;
  /** time to count the next minute */
  readonly due: boolean;
}

const COUNTED = `SELECT l.epoch, l.counted_at AS at, l.home, ledger_home() AS here,
  coalesce(l.counted_at <= now() - make_interval(secs => $1), true) AS due
  FROM (SELECT 1) AS one LEFT JOIN ledger_epoch l ON true`;

export class LedgerWatch {
  readonly #parts: LedgerParts;
  readonly #notify: (change: Change) => void;
  /** the epoch that this process saw last */
  #seen: bigint | null = null;

  constructor(parts: LedgerParts, notify: (change: Change) => void) {
    this.#parts = parts;
    this.#notify = notify;
  }

  /**
   * Looks once. To be awaited before the first job is taken.
   *
   * @throws LedgerMarkLostError; whatever PostgreSQL or the storage says where it cannot be asked
   */
  async look(everySeconds = EVERY_SECONDS): Promise<void> {
    const { container } = this.#parts;
    // The storage first: what it says now, the database has counted before.
    const stored = await readMark(container);
    const held = await this.#locked(async (client) => {
      const counted = await countedIn(client, everySeconds);
      const verdict = verdictOf({
        counted: counted.epoch === null ? null : { epoch: BigInt(counted.epoch), home: counted.home ?? '' },
        home: counted.here,
        stored: stored?.mark ?? null,
        seen: this.#seen,
        failoverLosesNothing: this.#parts.failoverLosesNothing,
      });
      if (verdict.kind === 'storage_lost') throw new LedgerMarkLostError();
      if (verdict.kind === 'restored') {
        return this.#begin(client, { cause: verdict.cause, stored: stored?.mark ?? null, home: counted.here }, stored);
      }
      const mark = await countOn(client, counted);
      await this.#keep(client, mark, stored);
      return [];
    });
    for (const { organizationId, connectorId } of held) this.#notify({ organizationId, connectorId, importId: null });
  }

  /** Begins recovery because somebody says that the database was restored: a snapshot of a disk may not show it. */
  async beginByHand(reason: string, since?: Date): Promise<number> {
    const stored = await readMark(this.#parts.container);
    const held = await this.#locked(async (client) => {
      const { here } = await countedIn(client, 0);
      const restored = { cause: 'by_operator', stored: stored?.mark ?? null, home: here, reason, since } as const;
      return this.#begin(client, restored, stored);
    });
    return held.length;
  }

  /** For every new connection of this process's pool. @throws LedgerRestoredError until `look` has begun recovery */
  async guard(client: Queryable): Promise<void> {
    if (this.#seen === null) return;
    const { epoch, home, here } = await countedIn(client, 0);
    const isHere = home === here || this.#parts.failoverLosesNothing;
    if (epoch === null || BigInt(epoch) < this.#seen || !isHere) throw new LedgerRestoredError();
  }

  async #begin(client: pg.ClientBase, restored: Restored, stored: ReadMark | null): Promise<readonly Held[]> {
    const { mark, held } = await beginRecovery(client, restored);
    await this.#keep(client, mark, stored);
    const { cause } = restored;
    this.#parts.log.error({ cause, connectors: held.length }, 'the database was restored: connectors are paused');
    return held;
  }

  /** Commits, and only then tells the storage. */
  async #keep(client: pg.ClientBase, mark: EpochMark, stored: ReadMark | null): Promise<void> {
    await client.query('COMMIT');
    this.#seen = mark.epoch;
    if (stored?.mark.epoch === mark.epoch && stored.mark.home === mark.home) return;
    await writeMark(this.#parts.container, mark, stored);
  }

  /** In one transaction, one process at a time. `work` commits. */
  async #locked<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: this.#parts.connectionString,
      application_name: 'compliance-portal ledger',
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
      statement_timeout: PATIENCE_MS,
    });
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(`SELECT pg_advisory_xact_lock(hashtext('ledger_epoch'))`);
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

async function countedIn(client: Queryable, everySeconds: number): Promise<Counted> {
  const { rows } = await client.query<Counted>(COUNTED, [everySeconds]);
  const [row] = rows;
  if (!row) throw new Error('the ledger does not say how far it has counted');
  return row;
}

async function countOn(client: Queryable, { epoch, at, home, here, due }: Counted): Promise<EpochMark> {
  const mappings = await mappingsInForce(client);
  if (!due && epoch !== null && at !== null && home === here) return { epoch: BigInt(epoch), at, home, mappings };
  const { rows } = await client.query<{ epoch: string; at: Date }>(
    `INSERT INTO ledger_epoch AS l (epoch, home) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET epoch = l.epoch + 1, counted_at = now(), home = $1
     RETURNING epoch, counted_at AS at`,
    [here],
  );
  const [row] = rows;
  if (!row) throw new Error('the minute was not counted');
  return { epoch: BigInt(row.epoch), at: row.at, home: here, mappings };
}
