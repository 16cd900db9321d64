/** Rows for integration tests of the read models: what the wizard and the engine would have left in the database. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Outcome } from '../imports/counts.ts';
import type { Actor } from '../security/actor.ts';
import type { Role } from '../security/roles.ts';

export async function seedOrganization(pool: pg.Pool): Promise<string> {
  const id = randomUUID();
  await pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Test')`, [id]);
  return id;
}

/** Somebody of an organization; a reader unless other roles are given. */
export function seededActor(organizationId: string, roles: readonly Role[] = ['DataConnectors.Reader']): Actor {
  return { organizationId, userId: randomUUID(), name: 'Ada', address: 'ada@x.example', roles };
}

export interface SeededConnector {
  readonly id: string;
  readonly organizationId: string;
  readonly sourceId: string;
}

/** A live connector that has not run. */
export async function seedConnector(pool: pg.Pool, organizationId: string, name: string): Promise<SeededConnector> {
  const id = randomUUID();
  const source = await pool.query<{ id: string }>(
    `INSERT INTO source (organization_id, kind, account_id, account_name) VALUES ($1, 'android', $2, 'Acme') RETURNING id`,
    [organizationId, randomUUID()],
  );
  const sourceId = source.rows[0]?.id ?? '';
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, terms_version, terms_accepted_at, source_id, username,
       password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, schedule_minute,
       created_by, finished_at)
     VALUES ($1, $2, 'android', $3, 'live', '1', now(), $4, 'admin', 'sealed', 'c-1', now(), now(), now(), 374, 'somebody', now())`,
    [id, organizationId, name, sourceId],
  );
  return { id, organizationId, sourceId };
}

export interface SeededRun {
  /** days after 2026-11-18 at which the window begins */
  readonly day: number;
  readonly phase: 'queued' | 'collecting' | 'delivering' | 'reconciling' | 'completed' | 'cancelled';
  /** default: closed where the import is completed */
  readonly window?: 'open' | 'closed' | 'lost';
  readonly counts?: Readonly<Partial<Record<Outcome, number>>>;
}

const FIRST_DAY = Date.UTC(2026, 10, 18);
const DAY_MS = 86_400_000;

export function dayOf(day: number): Date {
  return new Date(FIRST_DAY + day * DAY_MS);
}

/** One window of one day with one import over it, number `day + 1`. Days are seeded in order, from 0 on. */
export async function seedRun(pool: pg.Pool, connector: SeededConnector, run: SeededRun): Promise<string> {
  const window = await pool.query<{ id: string }>(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [
      connector.organizationId,
      connector.id,
      dayOf(run.day),
      dayOf(run.day + 1),
      run.day === 0 ? null : dayOf(run.day),
      run.window ?? (run.phase === 'completed' ? 'closed' : 'open'),
    ],
  );
  const id = randomUUID();
  await pool.query(
    `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase, started_at,
       collected_at, completed_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'scheduled', $7, $8, $9, $10)`,
    [
      id,
      connector.organizationId,
      connector.id,
      connector.sourceId,
      window.rows[0]?.id,
      run.day + 1,
      run.phase,
      dayOf(run.day + 1),
      run.phase === 'queued' || run.phase === 'collecting' ? null : dayOf(run.day + 1),
      run.phase === 'completed' ? dayOf(run.day + 1) : null,
    ],
  );
  for (const [outcome, count] of Object.entries(run.counts ?? {})) await seedCounter(pool, id, 0, outcome, count);
  return id;
}

export async function seedCounter(
  pool: pg.Pool,
  importId: string,
  shard: number,
  outcome: string,
  count: number,
): Promise<void> {
  await pool.query(
    `INSERT INTO import_counter (import_id, shard, outcome, count) VALUES ($1, $2, $3, $4)
     ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = excluded.count`,
    [importId, shard, outcome, count],
  );
}

export async function seedAlert(
  pool: pg.Pool,
  connector: SeededConnector,
  code: string,
  { resolved = false, problem }: { readonly resolved?: boolean; readonly problem?: string } = {},
): Promise<void> {
  await pool.query(
    `INSERT INTO alert (organization_id, connector_id, code, resolved_at, detail) VALUES ($1, $2, $3, $4, $5)`,
    [connector.organizationId, connector.id, code, resolved ? new Date() : null, JSON.stringify({ problem })],
  );
}

/**
 * Live connectors `Branch 1` and so on, in a few statements however many, each with a day that was imported. Every 100th is
 * stopped, every 10th has a copy that waits, and every second is a WhatsApp Archiver. All are paused: a worker that runs beside
 * leaves them as they are. @returns their ids, in this order
 */
export async function seedManyConnectors(
  pool: pg.Pool | pg.Client,
  organizationId: string,
  count: number,
): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `WITH many AS (
       SELECT n, gen_random_uuid() AS id,
         CASE WHEN n % 2 = 0 THEN 'whatsapp-archiver' ELSE 'android-archiver' END AS kind FROM generate_series(1, $2::int) n),
     sources AS (
       INSERT INTO source (organization_id, kind, account_id, account_name) SELECT $1, kind, id::text, 'Acme' FROM many
       RETURNING id, account_id)
     INSERT INTO connector (id, organization_id, kind, name, status, terms_version, terms_accepted_at, source_id, username,
       password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, schedule_minute,
       created_by, finished_at, paused_at, stopped_at, stopped_reason)
     SELECT m.id, $1, m.kind, 'Branch ' || n, 'live', '1', now(), s.id, 'admin', 'sealed', 'c-1', now(), now(), now(), n % 1440,
       'somebody', now(), now(), CASE WHEN n % 100 = 0 THEN now() END, CASE WHEN n % 100 = 0 THEN 'source_credentials' END
     FROM many m JOIN sources s ON s.account_id = m.id::text ORDER BY n RETURNING id`,
    [organizationId, count],
  );
  const ids = rows.map(({ id }) => id);
  await pool.query(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, state)
     SELECT $1, id, $3, $4, 'closed' FROM unnest($2::uuid[]) AS id`,
    [organizationId, ids, dayOf(0), dayOf(1)],
  );
  await pool.query(
    `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase, started_at,
       collected_at, completed_at)
     SELECT gen_random_uuid(), c.organization_id, c.id, c.source_id, w.id, 1, 'scheduled', 'completed', $2, $2, $2
     FROM connector c JOIN import_window w ON w.connector_id = c.id WHERE c.id = ANY ($1::uuid[])`,
    [ids, dayOf(1)],
  );
  await pool.query(
    `INSERT INTO import_counter (import_id, shard, outcome, count)
     SELECT i.id, 0, outcome, 1 FROM import i JOIN unnest($1::uuid[]) WITH ORDINALITY AS c (id, n) ON c.id = i.connector_id
       CROSS JOIN LATERAL unnest(CASE WHEN n % 10 = 0 THEN ARRAY['items.listed', 'items.waiting', 'copies.waiting']
         ELSE ARRAY['items.listed', 'items.imported', 'copies.available', 'copies.imported'] END) AS outcome`,
    [ids],
  );
  return ids;
}

/** Takes them away again, with all that hangs on them. */
export async function removeConnectors(pool: pg.Pool | pg.Client, ids: readonly string[]): Promise<void> {
  const of = `connector_id = ANY ($1::uuid[])`;
  await pool.query(`DELETE FROM import_counter WHERE import_id IN (SELECT id FROM import WHERE ${of})`, [ids]);
  for (const table of ['alert', 'import', 'import_window', 'verification', 'connector_counter']) {
    await pool.query(`DELETE FROM ${table} WHERE ${of}`, [ids]);
  }
  await pool.query('DELETE FROM connector WHERE id = ANY ($1::uuid[])', [ids]);
  await pool.query(`DELETE FROM source WHERE account_id = ANY ($1::text[])`, [ids]);
}
