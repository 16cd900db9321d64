/** New items of a source with their copies and attachments: as a collected page, or an item that the source mended, writes them. */
import type pg from 'pg';
import { withLiterals } from '../../array-literal.ts';
import type { ReasonCode } from '../reasons.ts';
import type { ClaimedDelivery } from './claims.ts';
import type { ImportRun } from './imports.ts';
import { type NewClaims, type NewCopy, newlyClaimed } from './new-claims.ts';
import { claimTwins, type TwinClaim, type TwinItem, type Twins, twinKey } from './twins.ts';

/** Where a sealed frame lies. */
export interface FramePlace {
  readonly page: number;
  readonly offset: number;
  readonly length: number;
}

export interface NewDelivery {
  readonly participant: string;
  readonly number: string | null;
  /** as the phone wrote it */
  readonly written: string;
  /** in which it was read */
  readonly region: string;
  /** the connector's stood in for it */
  readonly regionAssumed: boolean;
  readonly email: string | null;
  readonly rule: 'mapping' | 'automatic' | 'fallback' | 'none';
  readonly mappingVersionId: string | null;
  readonly mappingRow: number | null;
  readonly userId: string | null;
  readonly mailboxAddress: string | null;
  readonly shard: number;
  readonly state: 'pending' | 'waiting' | 'skipped';
  readonly reason: ReasonCode | null;
  readonly place: FramePlace;
}

export interface NewAttachment {
  readonly id: string;
  readonly position: number;
  readonly sourceAttachmentId: string;
  readonly size: number;
  /** `given_up`: nothing better will come, and its message goes without it */
  readonly state: 'staged' | 'missing' | 'given_up';
  /** of a staged one: that it is not what was announced; null for a missing one: it was not asked for yet */
  readonly reason: ReasonCode | null;
  /** in hex, where the source says it */
  readonly announcedSha256: string | null;
  /** of a missing one: seconds until it is asked for again */
  readonly askAgainSeconds: number;
  readonly dataKey: Buffer | null;
  readonly sha256: Buffer | null;
}

export interface NewItem {
  readonly itemId: string;
  readonly sourceItemId: string;
  readonly sha256: Buffer;
  readonly archivedAt: Date;
  readonly type: string;
  readonly messageTime: Date | null;
  readonly messageKey: string | null;
  /** null for an unreadable item: it has no copies */
  readonly unreadable: ReasonCode | null;
  readonly place: FramePlace;
  readonly deliveries: readonly NewDelivery[];
  readonly attachments: readonly NewAttachment[];
}

/** Whose rows are written: the import that listed an item first, whatever import reads it again. */
export type Origin = Pick<ImportRun, 'id' | 'organizationId' | 'sourceId' | 'connectorId'>;

/** The items whose copies the mailboxes of this page get, by message and mailbox. */
export function claimTwinsOf(client: pg.PoolClient, run: Origin, items: readonly NewItem[]): Promise<Twins> {
  return claimTwins(client, run, twinClaims(items));
}

/** A claim for every mailbox that an item with a message key is meant for. */
export function twinClaims(items: readonly NewItem[]): TwinClaim[] {
  return items.flatMap(({ messageKey, itemId, archivedAt, deliveries }) =>
    messageKey === null
      ? []
      : deliveries.flatMap(({ userId }) => (userId === null ? [] : [{ messageKey, userId, itemId, archivedAt }])),
  );
}

/** The item as it is written: copies to mailboxes that get another item's copy of its message are skipped. */
export function skipTwins(item: NewItem, twins: Twins): NewItem {
  const { messageKey } = item;
  if (messageKey === null) return item;
  return {
    ...item,
    deliveries: item.deliveries.map((delivery) => {
      if (delivery.userId === null) return delivery;
      const first = twins.get(twinKey(messageKey, delivery.userId));
      if (first === undefined || first.itemId === item.itemId) return delivery;
      return { ...delivery, state: 'skipped', reason: 'twin' };
    }),
  };
}

/** The outcome with which an item begins. */
export function outcomeOf(item: NewItem): 'unreadable' | 'pending' | 'waiting' | 'repeat' {
  if (item.unreadable !== null) return 'unreadable';
  if (item.deliveries.some(({ state }) => state === 'pending')) return 'pending';
  return item.deliveries.some(({ state }) => state === 'waiting') ? 'waiting' : 'repeat';
}

export async function insertItems(client: pg.PoolClient, run: ImportRun, items: readonly NewItem[]): Promise<void> {
  if (items.length === 0) return;
  await client.query(
    `INSERT INTO item (organization_id, source_id, connector_id, import_id, archived_at, id, source_item_id, type,
       message_time, message_key, outcome, reason, page, frame_offset, frame_length)
     SELECT $1, $2, $3, $4, * FROM unnest($5::timestamptz[], $6::bigint[], $7::text[], $8::text[], $9::timestamptz[],
       $10::text[], $11::text[], $12::text[], $13::int[], $14::int[], $15::int[])`,
    withLiterals([
      run.organizationId,
      run.sourceId,
      run.connectorId,
      run.id,
      items.map((item) => item.archivedAt),
      items.map((item) => item.itemId),
      items.map((item) => item.sourceItemId),
      items.map((item) => item.type),
      items.map((item) => item.messageTime),
      items.map((item) => item.messageKey),
      items.map(outcomeOf),
      items.map((item) => item.unreadable),
      items.map((item) => item.place.page),
      items.map((item) => item.place.offset),
      items.map((item) => item.place.length),
    ]),
  );
}

/**
 * Writes the copies that items are owed as.
 *
 * @param claims null: all of them wait for whoever claims them
 * @returns those that were written as claimed
 */
export async function insertDeliveries(
  client: pg.PoolClient,
  run: Origin,
  items: readonly NewItem[],
  twins: Twins,
  claims: NewClaims | null,
): Promise<ClaimedDelivery[]> {
  const rows = items.flatMap((item) =>
    item.deliveries.map((delivery): NewCopy => ({ item, delivery, epoch: claims?.claim(item, delivery) ?? null })),
  );
  if (rows.length === 0) return [];
  const { rows: claimed } = await client.query<{ id: string; item_id: string; participant: string }>(
    `WITH written AS (
       INSERT INTO delivery (organization_id, source_id, connector_id, import_id, archived_at, item_id, participant, number,
         written, region, email, rule, mapping_version_id, mapping_row, user_id, mailbox_address, shard, state, reason,
         twin_item_id, twin_archived_at, page, frame_offset, frame_length, attachments, region_assumed, epoch,
         attempts, sending_until)
       SELECT $1, $2, $3, $4, t.*, CASE WHEN t.state = 'sending' THEN 1 ELSE 0 END,
         CASE WHEN t.state = 'sending' THEN now() + make_interval(secs => $28) END
       FROM unnest($5::timestamptz[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
         $12::text[], $13::uuid[], $14::int[], $15::uuid[], $16::text[], $17::smallint[], $18::text[], $19::text[],
         $20::bigint[], $21::timestamptz[], $22::int[], $23::int[], $24::int[], $25::smallint[], $26::boolean[],
         $27::bigint[])
         AS t (archived_at, item_id, participant, number, written, region, email, rule, mapping_version_id, mapping_row,
           user_id, mailbox_address, shard, state, reason, twin_item_id, twin_archived_at, page, frame_offset,
           frame_length, attachments, region_assumed, epoch)
       RETURNING id, item_id, participant, state)
     SELECT id, item_id, participant FROM written WHERE state = 'sending'`,
    withLiterals([
      run.organizationId,
      run.sourceId,
      run.connectorId,
      run.id,
      rows.map(({ item }) => item.archivedAt),
      rows.map(({ item }) => item.itemId),
      rows.map(({ delivery }) => delivery.participant),
      rows.map(({ delivery }) => delivery.number),
      rows.map(({ delivery }) => delivery.written),
      rows.map(({ delivery }) => delivery.region),
      rows.map(({ delivery }) => delivery.email),
      rows.map(({ delivery }) => delivery.rule),
      rows.map(({ delivery }) => delivery.mappingVersionId),
      rows.map(({ delivery }) => delivery.mappingRow),
      rows.map(({ delivery }) => delivery.userId),
      rows.map(({ delivery }) => delivery.mailboxAddress),
      rows.map(({ delivery }) => delivery.shard),
      rows.map(({ delivery, epoch }) => (epoch === null ? delivery.state : 'sending')),
      rows.map(({ delivery }) => delivery.reason),
      rows.map((row) => twinOf(row, twins)?.itemId ?? null),
      rows.map((row) => twinOf(row, twins)?.archivedAt ?? null),
      rows.map(({ delivery }) => delivery.place.page),
      rows.map(({ delivery }) => delivery.place.offset),
      rows.map(({ delivery }) => delivery.place.length),
      rows.map(({ item }) => item.attachments.length),
      rows.map(({ delivery }) => delivery.regionAssumed),
      rows.map(({ epoch }) => epoch ?? 0),
      claims?.seconds ?? 0,
    ]),
  );
  const ids = new Map(claimed.map((row) => [`${row.item_id} ${row.participant}`, row.id]));
  return rows.flatMap((row) => newlyClaimed(run, row, ids.get(`${row.item.itemId} ${row.delivery.participant}`)) ?? []);
}

/** The item that a copy was skipped for. */
export function twinOf(
  row: { readonly item: NewItem; readonly delivery: NewDelivery },
  twins: Twins,
): TwinItem | undefined {
  const { messageKey } = row.item;
  const { reason, userId } = row.delivery;
  if (reason !== 'twin' || messageKey === null || userId === null) return undefined;
  return twins.get(twinKey(messageKey, userId));
}

/** Writes the attachments of items. */
export async function insertAttachments(client: pg.PoolClient, run: Origin, items: readonly NewItem[]): Promise<void> {
  const rows = items.flatMap((item) => item.attachments.map((attachment) => ({ item, attachment })));
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO attachment (organization_id, import_id, archived_at, item_id, id, position, source_attachment_id, size,
       state, reason, data_key, sha256, announced_sha256, first_missed_at, ask_again_at)
     SELECT $1, $2, t.archived_at, t.item_id, t.id, t.position, t.source_attachment_id, t.size, t.state, t.reason,
       t.data_key, t.sha256, t.announced_sha256, CASE WHEN t.state = 'missing' AND t.reason IS NOT NULL THEN now() END,
       CASE WHEN t.state = 'missing' THEN now() + make_interval(secs => t.secs) END
     FROM unnest($3::timestamptz[], $4::bigint[], $5::bigint[], $6::smallint[], $7::text[], $8::bigint[], $9::text[],
       $10::text[], $11::bytea[], $12::bytea[], $13::text[], $14::float8[])
       AS t (archived_at, item_id, id, position, source_attachment_id, size, state, reason, data_key, sha256,
         announced_sha256, secs)`,
    [
      run.organizationId,
      run.id,
      rows.map(({ item }) => item.archivedAt),
      rows.map(({ item }) => item.itemId),
      rows.map(({ attachment }) => attachment.id),
      rows.map(({ attachment }) => attachment.position),
      rows.map(({ attachment }) => attachment.sourceAttachmentId),
      rows.map(({ attachment }) => attachment.size),
      rows.map(({ attachment }) => attachment.state),
      rows.map(({ attachment }) => attachment.reason),
      rows.map(({ attachment }) => attachment.dataKey),
      rows.map(({ attachment }) => attachment.sha256),
      rows.map(({ attachment }) => attachment.announcedSha256),
      rows.map(({ attachment }) => attachment.askAgainSeconds),
    ],
  );
}
