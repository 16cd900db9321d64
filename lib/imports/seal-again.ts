/**
 * Items that the source lists again and whose sealed content the storage lost: what the source gives is sealed anew, and
 * the copies that failed for it, or are not whole, are on their way again. What is in a mailbox stays as it is.
 */
import type { ArchiveSource } from '../archive/source.ts';
import { TamperedError, unwrapDataKey } from '../security/sealing.ts';
import { StagedContentMissingError } from '../staging/errors.ts';
import { attachmentName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import { fanOut } from './fan-out.ts';
import type { KnownItem, PageEntry } from './page.ts';
import { PagePacker } from './page-packer.ts';
import { UNASSIGNED } from './shards.ts';
import { dataKeyContext, stageAttachments } from './stage-attachments.ts';
import type { AttachmentRow } from './store/attachments.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { SealedAgain } from './store/lost-content.ts';
import type { Origin } from './store/new-items.ts';
import type { Retried } from './store/retry.ts';

interface Listed {
  readonly entry: PageEntry;
  readonly known: KnownItem;
}

export interface OnItsWayAgain {
  readonly shards: ReadonlySet<number>;
  readonly toDecide: number;
}

/**
 * Seals those of the items anew whose content is lost; the others are left alone. Safe to repeat.
 *
 * @param same items that are listed with the content that the ledger took
 * @returns shards that have something to deliver now, and how many copies wait for the mapping in force to choose anew
 * @throws SourceError; PageConflictError where an import's staged content is being cleared just now: the page is to be
 *   read again
 */
export async function sealAgain(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  same: readonly Listed[],
  signal: AbortSignal,
): Promise<OnItsWayAgain> {
  const shards = new Set<number>();
  let toDecide = 0;
  if (same.length === 0) return { shards, toDecide };
  const origins = await deps.ledger.lostItems(same.map(({ known }) => known));
  if (origins.size === 0) return { shards, toDecide };
  const lost = [...new Map(same.map((one) => [one.known.itemId, one])).values()].filter(({ known }) =>
    origins.has(known.itemId),
  );
  const attachments = await lostAttachments(
    deps,
    lost.map(({ known }) => known),
    signal,
  );
  const again = async (listed: readonly Listed[]): Promise<void> => {
    for (const of of Map.groupBy(listed, ({ known }) => origins.get(known.itemId)?.id).values()) {
      const origin = origins.get(of[0]?.known.itemId ?? '');
      if (!origin) continue;
      const set = await sealSet(deps, connector, source, origin, of, attachments, signal);
      for (const shard of set.shards) shards.add(shard);
      toDecide += set.toDecide;
    }
  };
  await again(lost.filter(({ known }) => !attachments.has(known.itemId)));
  // Each by itself: what was downloaded for one is not asked for again when another breaks off.
  for (const one of lost) if (attachments.has(one.known.itemId)) await again([one]);
  return { shards, toDecide };
}

async function sealSet(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  origin: Origin,
  listed: readonly Listed[],
  lost: ReadonlyMap<string, readonly AttachmentRow[]>,
  signal: AbortSignal,
): Promise<Pick<Retried, 'shards' | 'toDecide'>> {
  const items = listed.flatMap(({ entry }) => (entry.kind === 'readable' ? [entry.item] : []));
  // Only for the names of mailboxes that a message shows: who is owed a copy was decided when the item came first.
  const { items: fannedOut } = await fanOut(deps, connector, items, signal);
  const byItem = new Map(fannedOut.map((one) => [one.item, { ...one, copies: [] }]));
  const replaced = new Map<string, SealedAgain['attachments']>();
  for (const { entry, known } of listed) {
    const rows = lost.get(known.itemId) ?? [];
    replaced.set(known.itemId, await stageAgain(deps, source, origin, entry, rows, signal));
  }
  const page = await deps.ledger.reservePage(origin.id);
  const packer = new PagePacker(deps, connector, page);
  for (const { entry, known } of listed) {
    const fannedOut = entry.kind === 'readable' ? (byItem.get(entry.item) ?? null) : null;
    packer.addItem({ entry, itemId: known.itemId, fannedOut, attachments: [] });
  }
  const places = await packer.store(origin, signal);
  const sealed = listed.map(({ entry, known }): SealedAgain => {
    const attachments = replaced.get(known.itemId) ?? [];
    return {
      itemId: known.itemId,
      archivedAt: known.archivedAt,
      place: places.of(entry, UNASSIGNED),
      attachments,
      // A message that is there is completed only where something can be added that was lost.
      mayComplete: attachments.length > 0 || !lost.has(known.itemId),
    };
  });
  return deps.ledger.commitSealedAgain(connector, origin, page, sealed);
}

/** What the source does not give now, or not as it was announced, stays as it is: lost, and named in the mailbox. */
async function stageAgain(
  deps: ImportDeps,
  source: ArchiveSource,
  { id: importId, organizationId }: Origin,
  entry: PageEntry,
  rows: readonly AttachmentRow[],
  signal: AbortSignal,
): Promise<SealedAgain['attachments']> {
  if (entry.kind !== 'readable') return [];
  const wanted = rows.flatMap(({ id, position }) => {
    const attachment = entry.item.attachments[position];
    return attachment ? [{ lostId: id, importId, organizationId, position, attachment }] : [];
  });
  const staged = await stageAttachments(deps, source, wanted, signal);
  return staged.flatMap((attachment, index) => {
    const lostId = wanted[index]?.lostId;
    return lostId === undefined || attachment.state !== 'staged' ? [] : [{ ...attachment, lostId }];
  });
}

/** Attachments of items of which the sealed bytes do not open from the first to the last, by item. */
async function lostAttachments(
  deps: ImportDeps,
  items: readonly KnownItem[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly AttachmentRow[]>> {
  const lost = new Map<string, AttachmentRow[]>();
  for (const [itemId, rows] of await deps.ledger.attachmentsOfItems(items)) {
    for (const row of rows) {
      if (row.state !== 'staged' || (await opens(deps, row, signal))) continue;
      lost.set(itemId, [...(lost.get(itemId) ?? []), row]);
    }
  }
  return lost;
}

async function opens(deps: ImportDeps, row: AttachmentRow, signal: AbortSignal): Promise<boolean> {
  if (!row.dataKey) return false;
  try {
    const dataKey = unwrapDataKey(deps.keyRing, row.dataKey, dataKeyContext(row.id));
    const name = attachmentName(row.organizationId, row.importId, BigInt(row.id));
    for await (const _ of deps.staging.readAttachment(name, dataKey, { signal }));
    return true;
  } catch (error) {
    if (error instanceof TamperedError || error instanceof StagedContentMissingError) return false;
    throw error;
  }
}
