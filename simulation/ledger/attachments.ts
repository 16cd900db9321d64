/** Attachments of items: `store/attachments.ts`. */
import type { AttachmentRow } from '#lib/imports/store/attachments.ts';
import type { NewAttachment } from '#lib/imports/store/new-items.ts';
import { runningSources } from './connectors.ts';
import type { StagedAttachmentRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

function attachmentOf(tables: Tables, row: Readonly<StagedAttachmentRow>): AttachmentRow {
  const now = tables.now().getTime();
  return {
    archivedAt: row.archivedAt,
    id: row.id,
    itemId: row.itemId,
    organizationId: row.organizationId,
    importId: row.importId,
    position: row.position,
    sourceAttachmentId: row.sourceAttachmentId,
    size: row.size,
    state: row.state,
    reason: row.reason,
    dataKey: row.dataKey,
    sha256: row.sha256,
    announcedSha256: row.announcedSha256,
    missedSeconds: (now - (row.firstMissedAt?.getTime() ?? now)) / 1000,
  };
}

export function attachmentsOfItems(
  tables: Tables,
  items: readonly { readonly archivedAt: Date; readonly itemId: string }[],
): Map<string, AttachmentRow[]> {
  const byItem = new Map<string, AttachmentRow[]>();
  for (const { archivedAt, itemId } of items.toSorted((a, b) => Number(a.itemId) - Number(b.itemId))) {
    const rows = tables.attachments
      .with('item', key(archivedAt.getTime(), itemId))
      .toSorted((a, b) => a.position - b.position)
      .map((row) => attachmentOf(tables, row));
    if (rows.length > 0) byItem.set(itemId, rows);
  }
  return byItem;
}

function missing(tables: Tables, { archivedAt, itemId, position }: AttachmentRow) {
  const row = tables.attachments.find('attachment_position', key(archivedAt.getTime(), itemId, position));
  return row?.state === 'missing' ? row : undefined;
}

const isDue = (tables: Tables, { state, askAgainAt }: Readonly<StagedAttachmentRow>): boolean =>
  state === 'missing' && askAgainAt !== null && askAgainAt <= tables.now();

export function dueAttachments(tables: Tables): { organizationId: string; importId: string }[] {
  const sources = runningSources(tables);
  const due = new Map<string, { organizationId: string; importId: string }>();
  for (const row of tables.attachments) {
    const run = tables.imports.find('id', row.importId);
    if (run === undefined || due.has(run.id) || !isDue(tables, row) || !sources.has(run.sourceId)) continue;
    due.set(run.id, { organizationId: run.organizationId, importId: run.id });
  }
  return [...due.values()];
}

export function claimMissing(
  tables: Tables,
  organizationId: string,
  importId: string,
  seconds: number,
): AttachmentRow | null {
  const [row] = tables.attachments
    .with('import', importId)
    .filter((one) => one.organizationId === organizationId && isDue(tables, one))
    .sort(
      (a, b) =>
        Number(a.askAgainAt) - Number(b.askAgainAt) || Number(a.itemId) - Number(b.itemId) || a.position - b.position,
    );
  if (row === undefined) return null;
  tables.attachments.update(row, { askAgainAt: tables.inSeconds(seconds) });
  return attachmentOf(tables, row);
}

export function renewMissing(tables: Tables, row: AttachmentRow, seconds: number): boolean {
  const own = missing(tables, row);
  if (own) tables.attachments.update(own, { askAgainAt: tables.inSeconds(seconds) });
  return own !== undefined;
}

export function postponeMissing(tables: Tables, organizationId: string, importId: string, seconds: number): void {
  const until = tables.inSeconds(seconds);
  for (const row of tables.attachments.with('import', importId)) {
    if (row.organizationId !== organizationId || row.state !== 'missing') continue;
    if (row.askAgainAt === null || row.askAgainAt < until) tables.attachments.update(row, { askAgainAt: until });
  }
}

export function recordAttempt(tables: Tables, row: AttachmentRow, attempt: NewAttachment): readonly number[] | null {
  const own = missing(tables, row);
  if (own === undefined) return null;
  tables.attachments.update(own, {
    id: attempt.state === 'staged' ? attempt.id : row.id,
    state: attempt.state,
    reason: attempt.reason,
    size: attempt.size,
    dataKey: attempt.dataKey,
    sha256: attempt.sha256,
    attempts: own.attempts + 1,
    firstMissedAt: own.firstMissedAt ?? tables.now(),
    askAgainAt: attempt.state === 'missing' ? tables.inSeconds(attempt.askAgainSeconds) : null,
  });
  const item = key(row.archivedAt.getTime(), row.itemId);
  if (tables.attachments.with('item', item).some(({ state }) => state === 'missing')) return [];
  const shards = new Set<number>();
  for (const copy of tables.deliveries.with('item', item)) {
    if (copy.state !== 'pending' || copy.notBefore <= tables.now()) continue;
    tables.deliveries.update(copy, { notBefore: tables.now() });
    shards.add(copy.shard);
  }
  return [...shards].sort((a, b) => a - b);
}
