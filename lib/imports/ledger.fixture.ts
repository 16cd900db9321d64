/** For integration tests: the ledger as a test wants it, without asking a directory or writing into a mailbox. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Person } from '#sandbox/world/people.ts';
import { inTransaction } from '../db.ts';
import { applyVersion, versionInForce } from '../mapping/store/in-force.ts';
import { countRows, insertVersion } from '../mapping/store/versions.ts';
import { collectDue } from './collect.ts';
import { type Counts, countsOf } from './counts.ts';
import type { Engine } from './engine.fixture.ts';
import { planConnector } from './plan.ts';
import { SHARDS } from './shards.ts';
import { claimToSend } from './store/claims.ts';
import { acquireShard } from './store/leases.ts';
import type { Months } from './store/months.ts';
import { type Settlement, settle } from './store/settle.ts';

/** For claims of tests that are not about months. */
export const EVERY_MONTH: Months = [new Date(0), [new Date('2200-01-01T00:00:00Z')]];

const never = new AbortController().signal;

/** Remembers mailboxes as if the directory had been asked. */
export async function rememberMailboxes(pool: pg.Pool, organizationId: string, people: readonly Person[]) {
  await pool.query(
    `INSERT INTO directory_entry (organization_id, address, result, user_id, mailbox_address, display_name)
     SELECT $1, lower(mail), 'mailbox', id, mail, mail FROM unnest($2::text[], $3::uuid[]) AS t (mail, id)
     ON CONFLICT (organization_id, address) DO UPDATE SET result = 'mailbox', user_id = excluded.user_id, checked_at = now()`,
    [organizationId, people.map(({ mail }) => mail), people.map(({ id }) => id)],
  );
}

/** A row of a mapping: its mailbox, and the time for which it is valid. */
export type MappedTo = string | { readonly mailbox: string; readonly from?: Date; readonly to?: Date };

/** Puts a mapping in force: number to mailbox address. Where nothing was decided by the one before, it is decided by. */
export async function mapNumbers(
  engine: Engine,
  connectorId: string,
  rows: Readonly<Record<string, MappedTo | readonly MappedTo[]>>,
) {
  const { pool } = engine.database;
  const { organizationId } = engine;
  const id = randomUUID();
  const lines = Object.entries(rows).flatMap(([number, mapped]) => [mapped].flat().map((to) => ({ number, to })));
  await inTransaction(pool, async (client) => {
    const about = { fileName: null, fileSha256: null, createdBy: 'test', reason: null } as const;
    await insertVersion(client, { id, organizationId, connectorId, origin: 'file', ...about });
    const comparedWith = (await versionInForce(client, organizationId, connectorId))?.id ?? null;
    await client.query(
      `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox, valid_from, valid_to)
       SELECT $1, $2, number, row_number + 1, lower(mailbox), coalesce(valid_from, '-infinity'), coalesce(valid_to, 'infinity')
       FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) WITH ORDINALITY
         AS t (number, mailbox, valid_from, valid_to, row_number)`,
      [
        id,
        organizationId,
        lines.map(({ number }) => number),
        lines.map(({ to }) => (typeof to === 'string' ? to : to.mailbox)),
        lines.map(({ to }) => (typeof to === 'string' ? null : (to.from ?? null))),
        lines.map(({ to }) => (typeof to === 'string' ? null : (to.to ?? null))),
      ],
    );
    await countRows(client, { id, organizationId }, lines.length, 0);
    const application = { organizationId, connectorId, versionId: id, comparedWith, appliedBy: 'test', at: new Date() };
    const applied = await applyVersion(client, application);
    if (applied !== 'applied') throw new Error(applied);
    await client.query(
      `UPDATE connector SET decided_version_id = $2 WHERE id = $1
         AND NOT EXISTS (SELECT 1 FROM delivery WHERE state IN ('pending', 'sending', 'waiting'))`,
      [connectorId, id],
    );
  });
}

/** Plans and collects what the source lists up to now, and delivers nothing. */
export async function collect(engine: Engine, connectorId: string): Promise<void> {
  const { organizationId } = engine;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'manual' }, never);
  await collectDue(engine.deps, organizationId, connectorId, never);
}

/** Claims every copy that is due, and settles it as the test says. @returns how many there were */
export async function settleAll(
  engine: Engine,
  settlementOf: (copy: { readonly sourceItemId: string; readonly userId: string }) => Settlement,
): Promise<number> {
  const { pool } = engine.database;
  let settled = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    const lease = await acquireShard(pool, engine.organizationId, shard, `test.${randomUUID()}`, 60);
    if (!lease) throw new Error('the shard is taken');
    const claimed = await claimToSend(pool, lease, {
      limit: 1000,
      bytes: 1e9,
      seconds: 60,
      exceptUserIds: [],
      months: EVERY_MONTH,
    });
    await settle(
      pool,
      lease,
      claimed.map((delivery) => ({ delivery, settlement: settlementOf(delivery) })),
    );
    await pool.query('UPDATE shard_lease SET expires_at = now() WHERE shard = $1', [shard]);
    settled += claimed.length;
  }
  return settled;
}

export const imported: Settlement = { state: 'imported', messageId: 'message', contentHash: null, reason: null };
export const gone: Settlement = { state: 'waiting', reason: 'no_mailbox' };
export const failed: Settlement = { state: 'failed', reason: 'refused_message' };

export interface CopyLine {
  readonly item: string;
  readonly participant: string;
  readonly state: string;
  readonly reason: string | null;
  readonly user: string | null;
}

/** Every copy, by item and participant. */
export async function copies(pool: pg.Pool): Promise<CopyLine[]> {
  const { rows } = await pool.query<CopyLine>(
    `SELECT i.source_item_id AS item, d.participant, d.state, d.reason, d.user_id AS user
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id ORDER BY 1, 2`,
  );
  return rows;
}

/** The numbers of all imports, counted from the rows themselves. */
export async function recount(pool: pg.Pool): Promise<Counts> {
  const { rows } = await pool.query<{ outcome: string; count: string }>(
    `SELECT 'items.' || outcome AS outcome, count(*) FROM item GROUP BY 1
     UNION ALL SELECT 'items.listed', coalesce(sum(count), 0) FROM import_counter WHERE outcome = 'items.listed'
     UNION ALL SELECT 'items.repeat', coalesce(sum(count), 0) FROM import_counter WHERE outcome = 'items.listed'
     UNION ALL SELECT 'items.repeat', -count(*) FROM item
     UNION ALL SELECT CASE WHEN state IN ('pending', 'sending', 'created') THEN 'copies.pending' ELSE 'copies.' || state END,
       count(*) FROM delivery GROUP BY 1
     UNION ALL SELECT 'copies.available', count(*) FROM delivery WHERE state <> 'waiting'
     UNION ALL SELECT 'copies.fallback', count(*) FROM delivery
       WHERE rule = 'fallback' AND state IN ('imported', 'partially_imported')`,
  );
  return countsOf(rows);
}
