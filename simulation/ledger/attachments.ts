/** Attachments of items: `store/attachments.ts`. */
import type { AttachmentRow } from '#lib/imports/store/attachments.ts';
import type { NewAttachment } from '#lib/imports/store/collect.ts';
import { key, type Tables } from './tables.ts';

export function attachmentsOfItems(
  tables: Tables,
  items: readonly { readonly archivedAt: Date; readonly itemId: string }[],
): Map<string, AttachmentRow[]> {
  const byItem = new Map<string, AttachmentRow[]>();
  const now = tables.now().getTime();
  for (const { archivedAt, itemId } of items.toSorted((a, b) => Number(a.itemId) - Number(b.itemId))) {
    const rows = tables.attachments
      .with('item', key(archivedAt.getTime(), itemId))
      .toSorted((a, b) => a.position - b.position)
      .map((row) => ({
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
        missedSeconds: (now - (row.firstMissedAt?.getTime() ?? now)) / 1000,
      }));
    if (rows.length > 0) byItem.set(itemId, rows);
  }
  return byItem;
}

function missing(tables: Tables, { archivedAt, itemId, position }: AttachmentRow) {
  const row = tables.attachments.find('attachment_position', key(archivedAt.getTime(), itemId, position));
  return row?.state === 'missing' ? row : undefined;
}

export function recordAttempt(tables: Tables, row: AttachmentRow, attempt: NewAttachment): boolean {
  const own = missing(tables, row);
  if (own === undefined) return false;
  tables.attachments.update(own, {
    id: attempt.state === 'staged' ? attempt.id : row.id,
    state: attempt.state,
    reason: attempt.reason,
    size: attempt.size,
    dataKey: attempt.dataKey,
    sha256: attempt.sha256,
    attempts: own.attempts + 1,
  });
  return true;
}

export function giveUp(tables: Tables, row: AttachmentRow): void {
  const own = missing(tables, row);
  if (own) tables.attachments.update(own, { state: 'given_up' });
}
