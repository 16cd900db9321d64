/** Copies for the fallback mailbox, of items that nobody can receive after they were collected. */
import type pg from 'pg';
import { inTransaction } from '../../db.ts';
import { FALLBACK, fallbackChoice } from '../fallback.ts';
import { UNASSIGNED } from '../shards.ts';
import type { RunningConnector } from './connectors.ts';
import { COLLECTOR, CounterChanges } from './counters.ts';
import { giveMailboxesIn, type WaitingCopy } from './waiting.ts';

/**
 * Puts items into the connector's fallback mailbox of which every copy waits. One that was put there before, or of which
 * somebody has a copy or is about to, is left alone.
 *
 * @param waiting copies that go on waiting
 * @returns how many items were put there
 */
export async function addFallbackCopies(
  pool: pg.Pool,
  connector: RunningConnector,
  waiting: readonly WaitingCopy[],
): Promise<number> {
  const choice = fallbackChoice(connector);
  if (choice === null || waiting.length === 0) return 0;
  const items = [...new Map(waiting.map((row) => [row.item_id, row])).values()];
  const keys = [items.map((row) => row.archived_at), items.map((row) => row.item_id)];
  return inTransaction(pool, async (client) => {
    await client.query(
      `SELECT 1 FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       ORDER BY id FOR NO KEY UPDATE`,
      keys,
    );
    // They begin by waiting, as everybody does of whom no mailbox is known, and are given one with the same care.
    const { rows } = await client.query<WaitingCopy & { import_id: string }>(
      `WITH alike AS (
         SELECT DISTINCT ON (d.archived_at, d.item_id) d.*
         FROM unnest($1::timestamptz[], $2::bigint[]) AS k (archived_at, item_id)
         JOIN delivery d ON d.archived_at = k.archived_at AND d.item_id = k.item_id
         WHERE d.sign_off_id IS NULL AND NOT EXISTS (SELECT 1 FROM delivery other WHERE other.archived_at = k.archived_at
           AND other.item_id = k.item_id AND other.state <> 'waiting')
         ORDER BY d.archived_at, d.item_id, d.id),
       added AS (
         INSERT INTO delivery (archived_at, item_id, organization_id, source_id, connector_id, import_id, participant,
           written, region, region_assumed, rule, shard, state, page, frame_offset, frame_length, attachments)
         SELECT archived_at, item_id, organization_id, source_id, connector_id, import_id, $3, $3, region, region_assumed, 'none', $4,
           'waiting', page, frame_offset, frame_length, attachments
         FROM alike ON CONFLICT DO NOTHING RETURNING *)
       SELECT d.archived_at, d.id, d.item_id, d.organization_id, i.message_key, d.participant, d.number, d.written,
         d.region, d.region_assumed, d.email, coalesce(i.message_time, i.archived_at) AS at, d.import_id
       FROM added d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id`,
      [...keys, FALLBACK, UNASSIGNED],
    );
    const changes = new CounterChanges();
    for (const row of rows) changes.add(row.import_id, 'copies.waiting', 1);
    await changes.write(client, COLLECTOR);
    return giveMailboxesIn(
      client,
      connector,
      rows.map((row) => ({ row, choice })),
    );
  });
}
