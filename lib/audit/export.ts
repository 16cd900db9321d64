/**
 * The audit log as a file: CSV for people, JSON lines for a SIEM. Oldest first, streamed, and itself in the audit log. Each
 * line carries the entry's place and code in the chain, so that what was exported can be held against what is there later.
 */
import { Readable } from 'node:stream';
import type pg from 'pg';
import { z } from 'zod';
import { csvLine } from '../csv.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { auditOrganizationIn } from './entries.ts';
import { type AuditEntry, readEntries } from './log.ts';
import { type AuditSelection, auditQuery } from './selection.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const AT_A_TIME = 1_000;
const COLUMNS = [
  'Time',
  'Who',
  'WhoId',
  'FromWhere',
  'Action',
  'OnType',
  'OnId',
  'OnName',
  'Result',
  'Detail',
  'EntryId',
  'ChainPlace',
  'ChainKey',
  'ChainCode',
];

/**
 * Starts an export; its entry is in the log before the first byte leaves.
 *
 * @throws NotAllowed
 */
export async function exportAuditLog(
  pool: pg.Pool,
  actor: Actor,
  selection: AuditSelection,
  format: ExportFormat,
): Promise<Readable> {
  authorize(actor, 'audit.read');
  const whole = { ...selection, before: null };
  await inTransaction(pool, (client) =>
    auditOrganizationIn(client, actor, {
      action: 'audit.exported',
      detail: { format, selection: auditQuery(whole) },
    }),
  );
  return Readable.from(lines(pool, actor.organizationId, whole, format), { objectMode: false });
}

async function* lines(
  pool: pg.Pool,
  organizationId: string,
  selection: AuditSelection,
  format: ExportFormat,
): AsyncGenerator<string> {
  // The mark tells spreadsheets that this is UTF-8.
  if (format === 'csv') yield `\uFEFF${csvLine(COLUMNS)}`;
  let after = selection.before;
  for (;;) {
    const entries = await readEntries(pool, organizationId, { ...selection, before: after }, 'oldest-first', AT_A_TIME);
    const last = entries.at(-1);
    if (last)
      yield entries.map((entry) => (format === 'csv' ? csvOf(entry) : `${JSON.stringify(jsonOf(entry))}\n`)).join('');
    if (!last || entries.length < AT_A_TIME) return;
    after = { at: last.at, id: last.id };
  }
}

function csvOf(entry: AuditEntry): string {
  return csvLine([
    entry.at,
    entry.person ?? 'system',
    entry.actor,
    entry.clientAddress ?? '',
    entry.action,
    entry.targetType,
    entry.targetId,
    entry.targetName ?? '',
    entry.result,
    JSON.stringify(entry.detail),
    entry.id,
    entry.link?.seq ?? '',
    entry.link?.keyId ?? '',
    entry.link?.mac ?? '',
  ]);
}

/** One line of JSON, in names that do not change: a SIEM reads them. */
export const collectedEntrySchema = z
  .object({
    id: z.string(),
    time: z.iso.datetime(),
    actor: z.object({ id: z.string(), name: z.string() }),
    clientAddress: z.string().nullable(),
    action: z.string(),
    target: z.object({ type: z.string(), id: z.string(), name: z.string().nullable() }),
    result: z.enum(['done', 'refused']),
    detail: z.record(z.string(), z.unknown()).describe('Before and after, counts and reasons; never a secret.'),
    chain: z
      .object({ place: z.string(), key: z.string(), code: z.string() })
      .nullable()
      .describe('null: written seconds ago and not linked yet. Never so of what a program collects.'),
  })
  .describe('An entry of the audit log.');

export function jsonOf(entry: AuditEntry): z.infer<typeof collectedEntrySchema> {
  return {
    id: entry.id,
    time: entry.at,
    actor: { id: entry.actor, name: entry.person ?? 'system' },
    clientAddress: entry.clientAddress,
    action: entry.action,
    target: { type: entry.targetType, id: entry.targetId, name: entry.targetName },
    result: entry.result,
    detail: entry.detail,
    chain: entry.link && { place: entry.link.seq, key: entry.link.keyId, code: entry.link.mac },
  };
}
