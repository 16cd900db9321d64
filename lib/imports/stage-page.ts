/**
 * The attachments of a page: most of them are staged before it is written, so that its messages can be sent at once. What
 * goes beyond a bound is fetched later (`fetch-attachments.ts`): a page of videos must not be begun anew after each stop.
 */
import type { ArchiveSource } from '../archive/source.ts';
import type { ImportDeps } from './deps.ts';
import type { ReadableEntry } from './page.ts';
import { type AttachmentToStage, announcedSha256, stageAttachments } from './stage-attachments.ts';
import type { ImportRun } from './store/imports.ts';
import type { NewAttachment } from './store/new-items.ts';

/** Bytes that are staged with a page, as they are announced; one attachment may be larger. */
export const PAGE_BYTES = 200 * 1024 * 1024;

/** Stages the attachments of items. @returns rows for each item, in the order of its attachments */
export async function stageItems(
  deps: ImportDeps,
  source: ArchiveSource,
  run: Pick<ImportRun, 'id' | 'organizationId'>,
  entries: readonly Pick<ReadableEntry, 'item'>[],
  signal: AbortSignal,
): Promise<NewAttachment[][]> {
  const wanted = entries.flatMap(({ item }, entry) =>
    item.attachments.map((attachment, position) => ({
      entry,
      position,
      attachment,
      importId: run.id,
      organizationId: run.organizationId,
    })),
  );
  const now = withinBound(wanted);
  const staged = await stageAttachments(deps, source, wanted.slice(0, now), signal);
  const ids = await deps.ledger.reserveIds('attachment_id_seq', wanted.length - now);
  const later = wanted.slice(now).map((one, index) => notYet(one, ids[index] ?? ''));
  const byEntry = entries.map((): NewAttachment[] => []);
  for (const [index, attachment] of [...staged, ...later].entries())
    byEntry[wanted[index]?.entry ?? 0]?.push(attachment);
  return byEntry;
}

/** How many of them are staged with the page: those before the bound, and the first in any case. */
function withinBound(wanted: readonly AttachmentToStage[]): number {
  let bytes = 0;
  const beyond = wanted.findIndex(({ attachment }, index) => {
    bytes += attachment.size;
    return index > 0 && bytes > PAGE_BYTES;
  });
  return beyond < 0 ? wanted.length : beyond;
}

/** Nobody has asked for it, so it has not been missed: no reason, and none of the patience is used up. */
function notYet({ position, attachment }: AttachmentToStage, id: string): NewAttachment {
  return {
    ...{ id, position, sourceAttachmentId: attachment.id, size: attachment.size, state: 'missing', reason: null },
    ...{ dataKey: null, sha256: null, announcedSha256: announcedSha256(attachment), askAgainSeconds: 0 },
  };
}
