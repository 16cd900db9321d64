/**
 * Release: who waits for a mapping is looked at again, after a new mapping version, and from time to time because the
 * directory changes too. Exactly the missing copies are sent; nobody gets a second one.
 */
import { inTransaction } from '../db.ts';
import { addressesToLookUp, chooseMailbox } from '../mapping/choose-mailbox.ts';
import type { MailboxAddress } from '../mapping/mailbox-address.ts';
import { type E164, isE164 } from '../mapping/number.ts';
import { owedUser } from '../mapping/owed.ts';
import type { ImportDeps } from './deps.ts';
import { lookUpAddresses } from './directory.ts';
import { shardOf } from './shards.ts';
import { reopenClearing } from './store/clearing.ts';
import { liveConnector } from './store/connectors.ts';
import { owedContext } from './store/context.ts';
import { COLLECTOR } from './store/counters.ts';
import { countTransitions, type TransitionRow } from './store/deliveries.ts';

/** Copies that are looked at in one transaction. */
const SET = 500;

interface WaitingCopy {
  readonly archived_at: Date;
  readonly id: string;
  readonly item_id: string;
  readonly participant: string;
  readonly number: string | null;
  readonly email: string | null;
  readonly at: Date;
}

/** @returns how many copies have a mailbox now */
export async function releaseWaiting(
  deps: ImportDeps,
  organizationId: string,
  connectorId: string,
  signal: AbortSignal,
): Promise<number> {
  const connector = await liveConnector(deps.pool, organizationId, connectorId);
  if (!connector) return 0;
  const shards = new Set<number>();
  let released = 0;
  let after = { archivedAt: new Date(0), id: '0' };
  while (!signal.aborted) {
    const { rows } = await deps.pool.query<WaitingCopy>(
      `SELECT d.archived_at, d.id, d.item_id, d.participant, d.number, d.email, coalesce(i.message_time, i.archived_at) AS at
       FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
       WHERE d.organization_id = $1 AND d.state = 'waiting'
         AND d.connector_id IN (SELECT id FROM connector WHERE source_id = $2) AND (d.archived_at, d.id) > ($3, $4)
       ORDER BY d.archived_at, d.id LIMIT $5`,
      [organizationId, connector.sourceId, after.archivedAt, after.id, SET],
    );
    const last = rows.at(-1);
    if (!last) break;
    after = { archivedAt: last.archived_at, id: last.id };
    const numbers = rows.flatMap(({ number }): E164[] => (number !== null && isE164(number) ? [number] : []));
    const context = await owedContext(deps.pool, connector, [...new Set(numbers)]);
    const owed = rows.map((row) =>
      owedUser({ mobile: row.number ?? row.participant, email: row.email, name: null }, row.at, context),
    );
    const graph = deps.graph(organizationId);
    const directory = await lookUpAddresses(deps.pool, graph, organizationId, addressesToLookUp(owed), {
      signal,
      mayWriteMail: deps.mayWriteMail,
    });
    const chosen = rows.flatMap((row, index) => {
      const participant = owed[index];
      const choice =
        participant && chooseMailbox(participant, (address: MailboxAddress) => directory.get(address.toLowerCase()));
      return choice?.kind === 'mailbox' ? [{ row, choice }] : [];
    });
    if (chosen.length === 0) continue;
    released += await giveMailboxes(deps, connector.sourceId, chosen);
    for (const { choice } of chosen) shards.add(shardOf(choice.userId));
  }
  for (const shard of shards)
    await deps.enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` });
  deps.notify({ organizationId, connectorId, importId: null });
  return released;
}

type Chosen = {
  readonly row: WaitingCopy;
  readonly choice: Extract<ReturnType<typeof chooseMailbox>, { kind: 'mailbox' }>;
};

async function giveMailboxes(deps: ImportDeps, sourceId: string, chosen: readonly Chosen[]): Promise<number> {
  return inTransaction(deps.pool, async (client) => {
    const values = [
      chosen.map(({ row }) => row.archived_at),
      chosen.map(({ row }) => row.id),
      chosen.map(({ choice }) => choice.userId),
      chosen.map(({ choice }) => choice.address),
      chosen.map(({ choice }) => shardOf(choice.userId)),
      chosen.map(({ choice }) => choice.candidate.rule),
      chosen.map(({ choice }) => (choice.candidate.rule === 'mapping' ? choice.candidate.versionId : null)),
      chosen.map(({ choice }) => (choice.candidate.rule === 'mapping' ? choice.candidate.row : null)),
    ];
    // Items first and in order: who finishes a copy of the same item meanwhile waits, or is waited for.
    await client.query(
      `SELECT 1 FROM item WHERE (archived_at, id) IN (SELECT * FROM unnest($1::timestamptz[], $2::bigint[]))
       ORDER BY id FOR NO KEY UPDATE`,
      [values[0], chosen.map(({ row }) => row.item_id)],
    );
    await client.query(
      `INSERT INTO message_twin (source_id, message_key, user_id, item_id, organization_id)
       SELECT DISTINCT ON (i.message_key, t.user_id) $4, i.message_key, t.user_id, i.id, i.organization_id
       FROM unnest($1::timestamptz[], $2::bigint[], $3::uuid[]) AS t (archived_at, item_id, user_id)
       JOIN item i ON i.archived_at = t.archived_at AND i.id = t.item_id
       WHERE i.message_key IS NOT NULL ORDER BY i.message_key, t.user_id, i.id
       ON CONFLICT DO NOTHING`,
      [values[0], chosen.map(({ row }) => row.item_id), values[2], sourceId],
    );
    const { rows } = await client.query<TransitionRow>(
      `WITH input AS (
         SELECT t.*, d.item_id, i.message_key,
           row_number() OVER (PARTITION BY d.item_id, t.user_id ORDER BY d.id) AS turn
         FROM unnest($1::timestamptz[], $2::bigint[], $3::uuid[], $4::text[], $5::smallint[], $6::text[], $7::uuid[], $8::int[])
           AS t (archived_at, id, user_id, mailbox_address, shard, rule, mapping_version_id, mapping_row)
         JOIN delivery d ON d.archived_at = t.archived_at AND d.id = t.id
         JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id),
       decided AS (
         SELECT input.*, twin.item_id AS twin_item_id,
           CASE
             WHEN twin.item_id IS NOT NULL AND twin.item_id <> input.item_id THEN 'twin'
             WHEN input.turn > 1 OR EXISTS (SELECT 1 FROM delivery other
               WHERE other.archived_at = input.archived_at AND other.item_id = input.item_id
                 AND other.user_id = input.user_id AND other.state <> 'skipped') THEN 'same_mailbox'
           END AS skipped_for
         FROM input LEFT JOIN message_twin twin ON twin.source_id = $9 AND twin.message_key = input.message_key
           AND twin.user_id = input.user_id)
       UPDATE delivery d SET
         state = CASE WHEN n.skipped_for IS NULL THEN 'pending' ELSE 'skipped' END, reason = n.skipped_for,
         twin_item_id = CASE WHEN n.skipped_for = 'twin' THEN n.twin_item_id END,
         user_id = n.user_id, mailbox_address = n.mailbox_address, shard = n.shard, rule = n.rule,
         mapping_version_id = n.mapping_version_id, mapping_row = n.mapping_row, not_before = now()
       FROM decided n
       WHERE d.archived_at = n.archived_at AND d.id = n.id AND d.state = 'waiting'
       RETURNING d.import_id, d.archived_at, d.item_id, old.state AS before, new.state AS after`,
      [...values, sourceId],
    );
    await countTransitions(client, COLLECTOR, rows);
    await reopenClearing(client, [...new Set(rows.map((row) => row.import_id))]);
    return rows.length;
  });
}
