/** A page of the feed, written with its cursor: `store/collect.ts`. */
import type { KnownItem } from '#lib/imports/page.ts';
import type { ClaimedDelivery } from '#lib/imports/store/claims.ts';
import { type ChangedItem, type CollectedPage, countPage, PageConflictError } from '#lib/imports/store/collect.ts';
import { COLLECTOR } from '#lib/imports/store/counters.ts';
import type { ImportRun } from '#lib/imports/store/imports.ts';
import { claimsUnder, type NewClaims, newlyClaimed, type RoomHere } from '#lib/imports/store/new-claims.ts';
import { type NewItem, type Origin, outcomeOf, skipTwins, twinClaims, twinOf } from '#lib/imports/store/new-items.ts';
import type { Twins } from '#lib/imports/store/twins.ts';
import { decidedSources, deliveringSources, firstUsers, isInForce } from './connectors.ts';
import { writeCounters } from './counters.ts';
import { collecting } from './imports.ts';
import { isAlone, isOurs } from './leases.ts';
import { endSeeking } from './seek-content.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins } from './twins.ts';

export function knownItems(tables: Tables, sourceId: string, sourceItemIds: readonly string[]): Map<string, KnownItem> {
  return new Map(
    sourceItemIds.flatMap((id): [string, KnownItem][] => {
      const row = tables.identities.find('identity', key(sourceId, id));
      return row ? [[id, { itemId: row.itemId, sha256: row.sha256, archivedAt: row.archivedAt }]] : [];
    }),
  );
}

export function reserveIds(tables: Tables, sequence: 'item_id_seq' | 'attachment_id_seq', count: number): string[] {
  return Array.from({ length: count }, () => tables.next(sequence));
}

export function commitPage(
  tables: Tables,
  run: ImportRun,
  page: CollectedPage,
  room: RoomHere | null,
): ClaimedDelivery[] {
  if (!isInForce(tables, run.organizationId, run.connectorId, page.mappingVersionId))
    throw new PageConflictError('another mapping version came into force meanwhile');
  const relisted = moveCursor(tables, run, page);
  insertIdentities(tables, run, page.items);
  const twins = claimTwins(tables, run, twinClaims(page.items));
  const items = page.items.map((item) => skipTwins(item, twins));
  for (const item of items) insertItem(tables, run, item);
  const claims = newClaims(tables, run, room);
  const claimed = items.flatMap((item) => insertDeliveries(tables, run, item, twins, claims));
  for (const item of items) insertAttachments(tables, run, item);
  for (const change of page.changed) insertChange(tables, run, change);
  writeCounters(tables, countPage(page, items, run, relisted), COLLECTOR);
  if (page.nextCursor === null) endSeeking(tables, run.windowId);
  return claimed;
}

/** `store/new-claims.ts`. */
function newClaims(tables: Tables, run: ImportRun, room: RoomHere | null): NewClaims | null {
  if (room === null) return null;
  const { organizationId, sourceId } = run;
  const maySendNew =
    deliveringSources(tables, organizationId).has(sourceId) &&
    decidedSources(tables, organizationId).has(sourceId) &&
    !firstUsers(tables, organizationId).has(sourceId);
  if (!maySendNew || !isAlone(tables, organizationId, room.owner)) return null;
  const ours = room.leases.filter((lease) => isOurs(tables, lease));
  return claimsUnder(new Map(ours.map(({ shard, epoch }) => [shard, epoch])), room);
}

function moveCursor(tables: Tables, run: ImportRun, page: CollectedPage): number {
  const row = collecting(tables, run);
  if (row === undefined || row.cursor !== page.cursor)
    throw new PageConflictError('this collector no longer has the import');
  const { relisted } = row;
  const isLast = page.nextCursor === null;
  tables.imports.update(row, {
    cursor: page.nextCursor,
    problem: null,
    attempts: 0,
    cursorOpenedAt: row.cursorOpenedAt ?? tables.now(),
    phase: isLast ? 'delivering' : row.phase,
    collectedAt: isLast ? tables.now() : row.collectedAt,
    relisted: Math.max(relisted - page.repeats, 0),
  });
  return relisted - row.relisted;
}

function insertIdentities(tables: Tables, run: ImportRun, items: readonly NewItem[]): void {
  for (const { sourceItemId, itemId, archivedAt, sha256 } of items) {
    if (tables.identities.find('identity', key(run.sourceId, sourceItemId)))
      throw new PageConflictError('another import wrote an item of this page meanwhile');
    const { sourceId, organizationId } = run;
    tables.identities.insert({ sourceId, sourceItemId, itemId, archivedAt, sha256, organizationId });
  }
}

function insertItem(tables: Tables, run: ImportRun, item: NewItem): void {
  tables.items.insert({
    ...ownerOf(run),
    archivedAt: item.archivedAt,
    id: item.itemId,
    sourceItemId: item.sourceItemId,
    type: item.type,
    messageTime: item.messageTime,
    messageKey: item.messageKey,
    outcome: outcomeOf(item),
    reason: item.unreadable,
    page: item.place.page,
    frameOffset: item.place.offset,
    frameLength: item.place.length,
    signOffId: null,
  });
}

export function insertDeliveries(
  tables: Tables,
  run: Origin,
  item: NewItem,
  twins: Twins,
  claims: NewClaims | null,
): ClaimedDelivery[] {
  return item.deliveries.flatMap((delivery) => {
    const twin = twinOf({ item, delivery }, twins);
    const epoch = claims?.claim(item, delivery) ?? null;
    const id = tables.next('delivery_id_seq');
    tables.deliveries.insert({
      ...ownerOf(run),
      archivedAt: item.archivedAt,
      id,
      itemId: item.itemId,
      participant: delivery.participant,
      number: delivery.number,
      written: delivery.written,
      region: delivery.region,
      regionAssumed: delivery.regionAssumed,
      email: delivery.email,
      rule: delivery.rule,
      mappingVersionId: delivery.mappingVersionId,
      mappingRow: delivery.mappingRow,
      userId: delivery.userId,
      mailboxAddress: delivery.mailboxAddress,
      shard: delivery.shard,
      state: epoch === null ? delivery.state : 'sending',
      reason: delivery.reason,
      attempts: epoch === null ? 0 : 1,
      notBefore: tables.now(),
      epoch: Number(epoch ?? 0),
      sendingUntil: epoch === null ? null : tables.inSeconds(claims?.seconds ?? 0),
      lookups: 0,
      doubt: 0,
      doubtUserIds: null,
      messageId: null,
      contentHash: null,
      twinItemId: twin?.itemId ?? null,
      twinArchivedAt: twin?.archivedAt ?? null,
      importedAt: null,
      page: delivery.place.page,
      frameOffset: delivery.place.offset,
      frameLength: delivery.place.length,
      attachments: item.attachments.length,
      signOffId: null,
    });
    return newlyClaimed(run, { item, delivery, epoch }, id) ?? [];
  });
}

function ownerOf(run: Origin) {
  const { organizationId, sourceId, connectorId, id: importId } = run;
  return { organizationId, sourceId, connectorId, importId };
}

export function insertAttachments(tables: Tables, run: Origin, item: NewItem): void {
  for (const attachment of item.attachments) {
    tables.attachments.insert({
      organizationId: run.organizationId,
      importId: run.id,
      archivedAt: item.archivedAt,
      itemId: item.itemId,
      id: attachment.id,
      position: attachment.position,
      sourceAttachmentId: attachment.sourceAttachmentId,
      size: attachment.size,
      state: attachment.state,
      reason: attachment.reason,
      dataKey: attachment.dataKey,
      sha256: attachment.sha256,
      attempts: 0,
      firstMissedAt: attachment.state === 'missing' && attachment.reason !== null ? tables.now() : null,
      announcedSha256: attachment.announcedSha256,
      askAgainAt: attachment.state === 'missing' ? tables.inSeconds(attachment.askAgainSeconds) : null,
    });
  }
}

function insertChange(tables: Tables, run: ImportRun, change: ChangedItem): void {
  // A number is taken before the conflict is seen, as in PostgreSQL.
  const id = tables.next('item_change');
  const { itemId, archivedAt, sha256, place } = change;
  if (tables.changes.find('item_change_once', key(itemId, sha256.toString('hex')))) return;
  tables.changes.insert({
    id,
    organizationId: run.organizationId,
    connectorId: run.connectorId,
    importId: run.id,
    archivedAt,
    itemId,
    sha256,
    reason: 'changed_at_source',
    page: place.page,
    frameOffset: place.offset,
    frameLength: place.length,
  });
}
