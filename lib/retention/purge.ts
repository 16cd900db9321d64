/**
 * Records that were kept long enough go: a month at a time, as partitions, each with an entry in the audit log of every
 * organization that had something in it. What is in no mailbox and not signed off keeps its whole month; a suspended
 * organization keeps all of everybody's. PostgreSQL holds that, too (`drop_month`).
 */
import type pg from 'pg';
import type { Logger } from 'pino';
import type { AnchorStore } from '../audit/anchor-store.ts';
import { checkpointName, LinksDigest, makeCheckpoint } from '../audit/checkpoint.ts';
import { auditOrganizationIn, SYSTEM } from '../audit/entries.ts';
import type { AuditKeys } from '../audit/keys.ts';
import { inTransaction, type Queryable } from '../db.ts';
import { isOver, monthsThere, type RecordKind } from './months.ts';

export interface RetentionDeps {
  readonly pool: pg.Pool;
  readonly keys: AuditKeys;
  readonly anchors: AnchorStore;
  readonly log: Logger;
  readonly years: Readonly<Record<RecordKind, number>>;
  now(): Date;
}

/** What became of a month that was due. */
export interface PurgedMonth {
  readonly kind: RecordKind;
  /** `2019-11` */
  readonly month: string;
  /** null: it is gone */
  readonly stays: string | null;
}

/** Removes what is due. One month that cannot go does not keep the others. */
export async function purgeDue(deps: RetentionDeps): Promise<PurgedMonth[]> {
  const done: PurgedMonth[] = [];
  for (const kind of ['ledger', 'audit'] as const) {
    for (const start of await monthsThere(deps.pool, kind)) {
      if (!isOver(start, deps.years[kind], deps.now())) continue;
      const month = start.toISOString().slice(0, 7);
      const stays = await purge(deps, kind, start);
      done.push({ kind, month, stays });
      deps.log.info({ kind, month, stays }, stays === null ? 'records were removed' : 'records that are due stay');
    }
  }
  return done;
}

async function purge(deps: RetentionDeps, kind: RecordKind, start: Date): Promise<string | null> {
  const why = await whyItStays(deps.pool, kind, start);
  if (why !== null && why !== 'no_checkpoint') return why;
  if (kind === 'audit') await signMonth(deps, start);
  return inTransaction(deps.pool, async (client) => {
    const left = await whyItStays(client, kind, start);
    if (left !== null) return left;
    const month = start.toISOString().slice(0, 7);
    for (const { organization_id: organizationId, count } of await countsOf(client, kind, start)) {
      await auditOrganizationIn(
        client,
        { ...SYSTEM, organizationId },
        { action: kind === 'ledger' ? 'evidence.purged' : 'audit.purged', detail: { month, count } },
      );
    }
    await client.query('SELECT drop_month($1, $2)', [kind, start]);
    return null;
  });
}

async function whyItStays(client: Queryable, kind: RecordKind, start: Date): Promise<string | null> {
  const { rows } = await client.query<{ why: string | null }>('SELECT why_month_stays($1, $2) AS why', [kind, start]);
  return rows[0]?.why ?? null;
}

const OF_MONTH = (column: string): string =>
  `${column} >= $1 AND ${column} < ($1 AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'`;

async function countsOf(
  client: Queryable,
  kind: RecordKind,
  start: Date,
): Promise<{ readonly organization_id: string; readonly count: number }[]> {
  const [table, column] = kind === 'ledger' ? ['item', 'archived_at'] : ['audit_entry', 'at'];
  const { rows } = await client.query<{ organization_id: string; count: number }>(
    `SELECT organization_id, count(*)::int AS count FROM ${table} WHERE ${OF_MONTH(column)} GROUP BY 1`,
    [start],
  );
  return rows;
}

const LINKS = 10_000;

/** Says and signs of each organization's month what it was; outside of the database first. Done once. */
async function signMonth(deps: RetentionDeps, start: Date): Promise<void> {
  const { rows } = await deps.pool.query<{ organization_id: string }>(
    `SELECT DISTINCT organization_id FROM audit_link l WHERE ${OF_MONTH('entry_at')} AND NOT EXISTS (
       SELECT FROM audit_checkpoint c WHERE c.organization_id = l.organization_id AND c.month = $1)`,
    [start],
  );
  const month = start.toISOString().slice(0, 10);
  for (const { organization_id: organizationId } of rows) {
    const digest = new LinksDigest();
    for (let after = '0'; ; ) {
      const { rows: links } = await deps.pool.query<{ seq: string; mac: Buffer }>(
        `SELECT seq::text, mac FROM audit_link
         WHERE ${OF_MONTH('entry_at')} AND organization_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
        [start, organizationId, after, LINKS],
      );
      for (const { seq, mac } of links) digest.add(seq, mac);
      const last = links.at(-1);
      if (!last || links.length < LINKS) break;
      after = last.seq;
    }
    const { entries } = digest;
    const hex = digest.hex();
    const name = checkpointName({ organizationId, month });
    const made = makeCheckpoint(deps.keys, { organizationId, month, entries, digest: hex }, deps.now());
    await deps.anchors.put(name, JSON.stringify(made));
    await deps.pool.query(
      `INSERT INTO audit_checkpoint (organization_id, month, entries, digest, blob_name)
       VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [organizationId, start, entries, Buffer.from(hex, 'hex'), name],
    );
  }
}
