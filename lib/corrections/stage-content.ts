/**
 * Content once more into sealed staging, from where the engine delivers it: the item as the source gave it, with the
 * mailboxes of its parties as the mapping knows them now, and its attachments, which stream and are held against the
 * hashes that the ledger kept.
 */
import type { ArchiveSource } from '../archive/source.ts';
import { fanOut } from '../imports/fan-out.ts';
import { encodeFrame, type StagedItem } from '../imports/frame.ts';
import type { ReadableEntry } from '../imports/page.ts';
import { planStaged, scopeOf } from '../imports/prepare.ts';
import { type AttachmentToStage, stageAttachments } from '../imports/stage-attachments.ts';
import type { AttachmentRow } from '../imports/store/attachments.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import type { FramePlace, NewAttachment } from '../imports/store/new-items.ts';
import { itemIdentity } from '../mail/identity.ts';
import { packFrames } from '../staging/frames.ts';
import { pageName } from '../staging/names.ts';
import type { CopyReason } from './correction.ts';
import type { CorrectionDeps } from './deps.ts';
import { fetchItems, type WantedItem } from './fetch-items.ts';

/** An item that is wanted, and the import in whose staging it lies. */
export interface ItemToStage extends WantedItem {
  readonly importId: string;
}

export interface StagedContent {
  readonly importId: string;
  readonly itemId: string;
  readonly archivedAt: Date;
  readonly place: FramePlace;
  /** attachments that were deleted and are staged again, under new ids */
  readonly attachments: readonly NewAttachment[];
  /** what the message's content hash will be: whole, or made without attachments first */
  readonly contentHashes: readonly string[];
}

export interface StagedItems {
  /** by item id */
  readonly staged: ReadonlyMap<string, StagedContent>;
  /** why an item's content cannot be had, by its id */
  readonly refused: ReadonlyMap<string, CopyReason>;
  /** pages that were reserved, by import */
  readonly pages: ReadonlyMap<string, number>;
  /** by which the parties' mailboxes were looked up */
  readonly versionId: string | null;
}

interface Opened {
  readonly wanted: ItemToStage;
  readonly entry: ReadableEntry;
  readonly rows: readonly AttachmentRow[];
}

/** @throws SourceError, FeedNeverEndsError, GraphError, AppTokenError; what staging throws */
export async function stageContent(
  deps: CorrectionDeps,
  connector: RunningConnector,
  items: readonly ItemToStage[],
  signal: AbortSignal,
): Promise<StagedItems> {
  const source = deps.source(connector);
  const refused = new Map<string, CopyReason>();
  const fetched = await fetchItems(source, items, signal);
  const rowsOf = await deps.ledger.attachmentsOfItems(items);
  const opened = items.flatMap((wanted): Opened[] => {
    const found = fetched.get(wanted.itemId);
    if (found?.kind === 'found') return [{ wanted, entry: found.entry, rows: rowsOf.get(wanted.itemId) ?? [] }];
    refused.set(wanted.itemId, found?.kind ?? 'not_at_source');
    return [];
  });
  const attachments = await attachmentsAgain(deps, source, opened, refused, signal);
  const whole = opened.filter(({ wanted }) => !refused.has(wanted.itemId));
  const { items: fannedOut, versionId } = await fanOut(
    deps,
    connector,
    whole.map(({ entry }) => entry.item),
    signal,
  );
  const staged = new Map<string, StagedContent>();
  const pages = new Map<string, number>();
  for (const importId of new Set(whole.map(({ wanted }) => wanted.importId))) {
    const page = await deps.ledger.reservePage(importId);
    pages.set(importId, page);
    const of = whole.flatMap((one, index) => {
      const mailboxes = fannedOut[index]?.mailboxes ?? {};
      return one.wanted.importId === importId ? [{ ...one, mailboxes }] : [];
    });
    const { blob, places } = packFrames(
      deps.keyRing,
      of.map(({ entry, mailboxes, wanted }) => ({
        itemIdentity: itemIdentity(scopeOf(connector), wanted.sourceItemId),
        body: encodeFrame({ item: entry.item, mailboxes }, entry.mended),
        group: 0,
      })),
    );
    await deps.staging.putPage(pageName(connector.organizationId, importId, page), blob, signal);
    for (const [index, { entry, mailboxes, wanted, rows }] of of.entries()) {
      const place = places[index];
      if (!place) throw new Error('a frame was not packed');
      const again = attachments.get(wanted.itemId) ?? [];
      const item: StagedItem = {
        item: entry.item,
        mailboxes,
        ...(entry.mended ? { mended: asSealed(entry.mended) } : {}),
      };
      staged.set(wanted.itemId, {
        importId,
        itemId: wanted.itemId,
        archivedAt: wanted.archivedAt,
        place: { page, ...place },
        attachments: again,
        contentHashes: hashesOf(deps, connector, item, withAgain(rows, again)),
      });
    }
  }
  return { staged, refused, pages, versionId };
}

function asSealed({ fields, original }: NonNullable<ReadableEntry['mended']>): NonNullable<StagedItem['mended']> {
  return { fields: [...fields], original };
}

/** Attachments that went from staging when they were in all their mailboxes, staged again. @returns by item id */
async function attachmentsAgain(
  deps: CorrectionDeps,
  source: ArchiveSource,
  opened: readonly Opened[],
  refused: Map<string, CopyReason>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly NewAttachment[]>> {
  const wanted = opened.flatMap(({ wanted: { itemId, importId }, entry, rows }) =>
    rows
      .filter(({ state }) => state === 'deleted')
      .map((row) => ({ itemId, row, importId, attachment: entry.item.attachments[row.position] })),
  );
  const toStage = wanted.map(({ row, importId, attachment }): AttachmentToStage => {
    if (!attachment) throw new Error('an item has fewer attachments than before');
    // What was taken although it was not as announced is taken again: the hash says whether it is the same.
    const missedSeconds = row.reason === 'attachment_differs' ? Number.POSITIVE_INFINITY : 0;
    return { importId, organizationId: row.organizationId, position: row.position, attachment, missedSeconds };
  });
  const staged = await stageAttachments(deps, source, toStage, signal);
  const byItem = new Map<string, NewAttachment[]>();
  for (const [index, { itemId, row }] of wanted.entries()) {
    const again = staged[index];
    const same = again?.state === 'staged' && row.sha256 !== null && again.sha256?.equals(row.sha256) === true;
    if (!same || !again) {
      refused.set(itemId, 'attachment_not_at_source');
      continue;
    }
    const of = byItem.get(itemId) ?? [];
    of.push({ ...again, reason: row.reason === 'attachment_differs' ? 'attachment_differs' : null });
    byItem.set(itemId, of);
  }
  return byItem;
}

function withAgain(rows: readonly AttachmentRow[], again: readonly NewAttachment[]): AttachmentRow[] {
  const byPosition = new Map(again.map((one) => [one.position, one]));
  return rows.map((row) => ({ ...row, ...byPosition.get(row.position) }));
}

/** The message is made whole, or, where the mailbox does not take it so, without its attachments first. */
function hashesOf(
  deps: CorrectionDeps,
  connector: RunningConnector,
  item: StagedItem,
  rows: readonly AttachmentRow[],
): string[] {
  const { plan, barePlan } = planStaged(deps, connector, item, rows);
  return [...new Set([plan.contentHash, barePlan().contentHash])];
}
