/** Reading the audit log of an organization: a page of it, and how far it is verified. */
import type pg from 'pg';
import { z } from 'zod';
import { detailOf } from '../connectors/history.ts';
import type { Detail } from '../connectors/history-words.ts';
import type { Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { SYSTEM } from './entries.ts';
import { type Finding, findingSchema } from './finding.ts';
import { type AuditPlace, type AuditSelection, actionsOf } from './selection.ts';
import { ENTRY_COLUMNS, type EntryRow, recordOf } from './store/rows.ts';

export interface AuditEntry {
  readonly id: string;
  /** ISO 8601 in UTC */
  readonly at: string;
  /** Entra object id, or `system` */
  readonly actor: string;
  /** null: the portal itself */
  readonly person: string | null;
  readonly clientAddress: string | null;
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  /** the connector's name; null where the target is none */
  readonly targetName: string | null;
  readonly result: 'done' | 'refused';
  readonly detail: Readonly<Record<string, unknown>>;
  /** of it, what a sentence is made of */
  readonly shown: Detail;
  /** its place in the chain; null: it was written seconds ago and is linked next */
  readonly link: { readonly seq: string; readonly keyId: string; readonly mac: string } | null;
}

export interface AuditPage {
  /** newest first */
  readonly entries: readonly AuditEntry[];
  readonly next: AuditPlace | null;
}

/** How the last look through the whole log ended. */
export interface AuditState {
  /** ISO 8601 in UTC; null: nobody has looked yet */
  readonly verifiedAt: string | null;
  /** time of the last entry that was found as it was written */
  readonly throughTime: string | null;
  /** up to which place an anchor outside of the database says the same */
  readonly anchorSeq: string | null;
  readonly finding: Finding | null;
}

/** An entry with its link, as PostgreSQL gives them. */
export type EntryOfLog = EntryRow & {
  readonly target_name: string | null;
  readonly seq: string | null;
  readonly key_id: string | null;
  readonly mac: Buffer | null;
};

const detailSchema = z.record(z.string(), z.unknown()).catch({});

/** A page of an organization's audit log, newest first. @throws NotAllowed */
export async function auditPage(
  pool: pg.Pool,
  actor: Actor,
  selection: AuditSelection,
  size: number,
): Promise<AuditPage> {
  authorize(actor, 'audit.read');
  const rows = await readEntries(pool, actor.organizationId, selection, 'newest-first', size + 1);
  const entries = rows.slice(0, size);
  const last = entries.at(-1);
  return { entries, next: rows.length > size && last ? { at: last.at, id: last.id } : null };
}

/**
 * Entries of a selection. `before` of the selection is where they go on, in either direction.
 */
export async function readEntries(
  client: Queryable,
  organizationId: string,
  { from, to, who, kind, on, refused, before }: AuditSelection,
  order: 'newest-first' | 'oldest-first',
  limit: number,
): Promise<AuditEntry[]> {
  const [comparison, direction] = order === 'newest-first' ? ['<', 'DESC'] : ['>', 'ASC'];
  const { rows } = await client.query<EntryOfLog>(
    `SELECT ${ENTRY_COLUMNS}, c.name AS target_name, l.seq::text, l.key_id, l.mac
     FROM (
       SELECT e.* FROM audit_entry e
       WHERE e.organization_id = $1
         AND ($2::timestamptz IS NULL OR e.at >= $2) AND ($3::timestamptz IS NULL OR e.at < $3)
         AND ($4::text IS NULL OR e.actor = lower($4) OR strpos(lower(e.actor_name), lower($4)) > 0)
         AND ($5::text[] IS NULL OR e.action = ANY ($5))
         AND ($6::text IS NULL OR e.target_id = lower($6) OR e.target_id IN (
           SELECT id::text FROM connector WHERE organization_id = $1 AND strpos(lower(name), lower($6)) > 0))
         AND (NOT $7 OR e.result = 'refused')
         AND ($8::timestamptz IS NULL OR (e.at, e.id) ${comparison} ($8, $9::bigint))
       ORDER BY e.at ${direction}, e.id ${direction} LIMIT $10) e
     LEFT JOIN connector c ON e.target_type = 'connector' AND c.id::text = e.target_id AND c.organization_id = $1
     LEFT JOIN audit_link l ON l.entry_id = e.id
     ORDER BY e.at ${direction}, e.id ${direction}`,
    [
      organizationId,
      from,
      to === null ? null : dayAfter(to),
      who || null,
      kind === null ? null : actionsOf(kind),
      on || null,
      refused,
      before?.at ?? null,
      before?.id ?? null,
      limit,
    ],
  );
  return rows.map(entryOf);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60_000).toISOString();
}

export function entryOf(row: EntryOfLog): AuditEntry {
  const { id, at, actor, actorName, clientAddress, action, targetType, targetId, result, detail } = recordOf(row);
  return {
    id,
    at,
    actor,
    person: actor === SYSTEM.userId ? null : actorName,
    clientAddress,
    action,
    targetType,
    targetId,
    targetName: row.target_name,
    result: result === 'refused' ? 'refused' : 'done',
    detail: detailSchema.parse(detail),
    shown: detailOf(detail, false),
    link:
      row.seq === null || row.key_id === null || row.mac === null
        ? null
        : { seq: row.seq, keyId: row.key_id, mac: row.mac.toString('hex') },
  };
}

/** @throws NotAllowed */
export async function auditState(pool: pg.Pool, actor: Actor): Promise<AuditState> {
  authorize(actor, 'audit.read');
  const { rows } = await pool.query<{
    verified_at: Date;
    through_time: Date | null;
    anchor_seq: string | null;
    finding: unknown;
  }>(`SELECT verified_at, through_time, anchor_seq::text, finding FROM audit_verification WHERE organization_id = $1`, [
    actor.organizationId,
  ]);
  const [row] = rows;
  if (!row) return { verifiedAt: null, throughTime: null, anchorSeq: null, finding: null };
  return {
    verifiedAt: row.verified_at.toISOString(),
    throughTime: row.through_time?.toISOString() ?? null,
    anchorSeq: row.anchor_seq,
    finding: row.finding === null ? null : findingSchema.parse(row.finding),
  };
}
