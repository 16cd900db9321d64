/** The items of a period with their copies, as JSON lines and as CSV. In pieces; each piece ends with a line. */
import type pg from 'pg';
import { csvLine } from '../../csv.ts';
import type { Queryable } from '../../db.ts';
import type { RowKey } from '../../imports/store/undone.ts';
import { type CopyRow, type ItemRow, readCopies, readItems } from '../store/proof.ts';
import { daysOf, type Period } from './period.ts';

/** Counted while the items are written, for the report. */
export interface ItemTotals {
  items: number;
  readonly outcomes: Map<string, number>;
  readonly copies: Map<string, number>;
}

interface Proved {
  readonly item: ItemRow;
  readonly copies: readonly CopyRow[];
}

const AT_A_TIME = 500;

async function* itemsOf(client: pg.ClientBase, organizationId: string, period: Period): AsyncGenerator<Proved[]> {
  for (const { from, to } of daysOf(period)) {
    let after: RowKey = { archivedAt: from, id: '0' };
    for (;;) {
      const keys = await nextKeys(client, organizationId, period.connectorId, after, to);
      const last = keys.at(-1);
      if (!last) break;
      yield await proved(client, organizationId, keys);
      if (keys.length < AT_A_TIME) break;
      after = last;
    }
  }
}

/** Within one day, in the order of time. */
async function nextKeys(
  client: Queryable,
  organizationId: string,
  connectorId: string | null,
  after: RowKey,
  to: Date,
): Promise<RowKey[]> {
  const { rows } = await client.query<RowKey>(
    `SELECT archived_at AS "archivedAt", id FROM item
     WHERE organization_id = $1 AND archived_at >= $2 AND archived_at < $3 AND (archived_at, id) > ($2, $4::bigint)
       AND ($5::uuid IS NULL OR connector_id = $5)
     ORDER BY archived_at, id LIMIT $6`,
    [organizationId, after.archivedAt, to, after.id, connectorId, AT_A_TIME],
  );
  return rows;
}

async function proved(client: Queryable, organizationId: string, keys: readonly RowKey[]): Promise<Proved[]> {
  const items = await readItems(client, organizationId, keys);
  const copies = Map.groupBy(await readCopies(client, organizationId, keys), ({ item_id }) => item_id);
  const byId = new Map(items.map((item) => [item.id, item]));
  return keys.flatMap(({ id }) => {
    const item = byId.get(id);
    return item === undefined ? [] : [{ item, copies: copies.get(id) ?? [] }];
  });
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

function jsonOf({ item, copies }: Proved): Record<string, unknown> {
  return {
    itemId: item.source_item_id,
    type: item.type,
    connector: { id: item.connector_id, name: item.connector, kind: item.source_kind, account: item.account_name },
    reachedSource: iso(item.archived_at),
    messageTime: iso(item.message_time),
    sourceSha256: item.sha256,
    import: { number: item.import_number, trigger: item.import_trigger, collected: iso(item.collected_at) },
    window: { from: iso(item.window_from), to: iso(item.window_to) },
    outcome: item.outcome,
    reason: item.reason,
    copies: copies.map((copy) => ({
      copyId: copy.id,
      participant: copy.participant,
      number: copy.number,
      rule: copy.rule,
      mappingVersion: copy.mapping_version,
      mappingRow: copy.mapping_row,
      mappingFile: copy.file_name,
      mappingFileSha256: copy.file_sha256,
      mailbox: copy.mailbox_address,
      userId: copy.user_id,
      state: copy.state,
      reason: copy.reason,
      attempts: copy.attempts,
      imported: iso(copy.imported_at),
      graphMessageId: copy.message_id,
      contentSha256: copy.content_hash,
      signedOff: copy.sign_off_id !== null,
    })),
  };
}

/** All items as JSON lines. */
export async function* itemsJson(
  client: pg.ClientBase,
  organizationId: string,
  period: Period,
): AsyncGenerator<string> {
  for await (const some of itemsOf(client, organizationId, period)) {
    yield some.map((one) => `${JSON.stringify(jsonOf(one))}\n`).join('');
  }
}

const COLUMNS = [
  'ItemId',
  'Type',
  'Connector',
  'ReachedSource',
  'MessageTime',
  'SourceSha256',
  'Import',
  'WindowFrom',
  'WindowTo',
  'ItemOutcome',
  'ItemReason',
  'Participant',
  'Number',
  'Rule',
  'MappingVersion',
  'MappingRow',
  'Mailbox',
  'UserId',
  'CopyState',
  'CopyReason',
  'Attempts',
  'Imported',
  'GraphMessageId',
  'ContentSha256',
];

/** A line for each copy; one for an item that has none. Counts as it goes. */
export async function* itemsCsv(
  client: pg.ClientBase,
  organizationId: string,
  period: Period,
  totals: ItemTotals,
): AsyncGenerator<string> {
  yield `\uFEFF${csvLine(COLUMNS)}`;
  for await (const some of itemsOf(client, organizationId, period)) {
    yield some.flatMap((one) => linesOf(one, totals)).join('');
  }
}

function linesOf({ item, copies }: Proved, totals: ItemTotals): string[] {
  totals.items += 1;
  count(totals.outcomes, item.outcome);
  for (const { state } of copies) count(totals.copies, state);
  const ofItem = [
    item.source_item_id,
    item.type,
    item.connector,
    iso(item.archived_at) ?? '',
    iso(item.message_time) ?? '',
    item.sha256,
    item.import_number,
    iso(item.window_from) ?? '',
    iso(item.window_to) ?? '',
    item.outcome,
    item.reason ?? '',
  ];
  const none = Array<string>(COLUMNS.length - ofItem.length).fill('');
  if (copies.length === 0) return [csvLine([...ofItem, ...none])];
  return copies.map((copy) =>
    csvLine([
      ...ofItem,
      copy.participant,
      copy.number ?? '',
      copy.rule,
      copy.mapping_version ?? '',
      copy.mapping_row ?? '',
      copy.mailbox_address ?? '',
      copy.user_id ?? '',
      copy.state,
      copy.reason ?? '',
      copy.attempts,
      iso(copy.imported_at) ?? '',
      copy.message_id ?? '',
      copy.content_hash ?? '',
    ]),
  );
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
