/**
 * The step that moves a copy: in one transaction it leaves the wrong mailbox in the ledger and is owed to the right one,
 * with its content, its numbers, its correction's list, and an audit entry. From there it is the engine's.
 *
 * Locks are taken in the order of all who write here (the correction first, which nobody else locks): items by id, twins,
 * copies, imports.
 */
import type pg from 'pg';
import { auditIn, SYSTEM } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { reopenClearing } from '../../imports/store/clearing.ts';
import type { RunningConnector } from '../../imports/store/connectors.ts';
import { COLLECTOR } from '../../imports/store/counters.ts';
import { countTransitions } from '../../imports/store/item-outcomes.ts';
import { lockWithTwins, type SettledCopy, settleSkipped, type TransitionRow } from '../../imports/store/twins.ts';
import { type Chosen, giveMailboxesIn } from '../../imports/store/waiting.ts';
import { staysInForce } from '../../mapping/store/in-force.ts';
import type { CopyReason } from '../correction.ts';
import type { StagedContent } from '../stage-content.ts';
import { type HeldCorrection, lockHeld } from './corrections.ts';
import { type Families, type FamilyCopy, type MisfiledCopy, readFamilies } from './families.ts';
import { lockPages, placeContent, ReadAgainError } from './place-content.ts';

export interface Refiling {
  /** copies that move, and what the mapping says of each now */
  readonly chosen: readonly (Chosen & { readonly row: MisfiledCopy })[];
  /** copies that were skipped in favour of one of these, and stay in their mailbox */
  readonly staying: readonly FamilyCopy[];
  /** by item id: of everything that moves, and of who stays and gets a message of their own */
  readonly staged: ReadonlyMap<string, StagedContent>;
  /** reserved pages, by import */
  readonly pages: ReadonlyMap<string, number>;
  /** the mapping version by which all of that was decided */
  readonly versionId: string | null;
}

/**
 * - `moved`
 * - `again`: something changed since it was read; nothing was written, and it is to be read again
 */
export type Refiled = 'moved' | 'again';

/** @throws CorrectionLostError */
export async function refile(
  pool: pg.Pool,
  held: HeldCorrection,
  connector: RunningConnector,
  refiling: Refiling,
): Promise<Refiled> {
  try {
    await inTransaction(pool, (client) => refileIn(client, held, connector, refiling));
    return 'moved';
  } catch (error) {
    // Thrown, so that nothing of it is kept.
    if (error instanceof ReadAgainError) return 'again';
    throw error;
  }
}

async function refileIn(
  client: pg.PoolClient,
  held: HeldCorrection,
  connector: RunningConnector,
  { chosen, staying, staged, pages, versionId }: Refiling,
): Promise<void> {
  await lockHeld(client, held);
  if (!(await staysInForce(client, connector.organizationId, connector.id, versionId))) {
    throw new ReadAgainError('another mapping version came into force');
  }
  const moving = chosen.map(({ row }) => row);
  await lockWithTwins(client, moving);
  await lockPlaces(client, connector, chosen);
  const now = await lockUnchanged(client, held, moving, staying);
  await lockPages(client, pages);
  const left = await leave(client, moving);
  const promoted = await promote(client, now);
  await placeContent(client, [...moving, ...staying], [...staged.values()]);
  // For who stays it is as if the copy that they were skipped for had failed: the next one has its turn.
  const unserved = left.filter((row) => row.before !== 'skipped' && !promoted.places.has(placeOf(row)));
  const turns = await settleSkipped(
    client,
    unserved.map((row): SettledCopy => ({ ...row, after: 'failed' })),
  );
  await countTransitions(client, COLLECTOR, [...left, ...promoted.rows, ...turns]);
  await giveMailboxesIn(client, connector, chosen);
  await lookAtOnce(client, held, moving);
  await writeMoved(client, held, moving, staying, staged, promoted.places);
  await reopenClearing(client, [...pages.keys()]);
  const copies = moving.map((row) => ({ item: row.sourceItemId, from: row.user_id, to: row.to_user_id }));
  await auditIn(
    client,
    { ...SYSTEM, organizationId: held.organizationId },
    {
      action: 'correction.copies-moved',
      connectorId: held.connectorId,
      detail: { correction: held.id, number: held.number, copies },
    },
  );
}

const placeOf = ({ item_id, user_id }: Pick<SettledCopy, 'item_id' | 'user_id'>): string => `${user_id} ${item_id}`;

/** Copies in `$1, $2` (archived_at, id). */
const KEYS = 'SELECT * FROM unnest($1::timestamptz[], $2::bigint[])';
const keysOf = (copies: readonly Pick<FamilyCopy, 'archived_at' | 'id'>[]) => [
  copies.map((copy) => copy.archived_at),
  copies.map((copy) => copy.id),
];

/** Locks whose copy of a message the right mailboxes have already. */
async function lockPlaces(
  client: pg.PoolClient,
  { sourceId }: RunningConnector,
  chosen: Refiling['chosen'],
): Promise<void> {
  const keyed = chosen.filter(({ row }) => row.message_key !== null);
  await client.query(
    `SELECT 1 FROM message_twin WHERE source_id = $1
       AND (message_key, user_id) IN (SELECT * FROM unnest($2::text[], $3::uuid[]))
     ORDER BY message_key, user_id FOR UPDATE`,
    [sourceId, keyed.map(({ row }) => row.message_key), keyed.map(({ choice }) => choice.userId)],
  );
}

/** Locks the copies, and makes sure that they are those that were read. @returns as they are now */
async function lockUnchanged(
  client: pg.PoolClient,
  held: HeldCorrection,
  moving: readonly MisfiledCopy[],
  staying: readonly FamilyCopy[],
): Promise<Families> {
  await client.query(
    `SELECT 1 FROM delivery WHERE (archived_at, id) IN (${KEYS}) ORDER BY id FOR NO KEY UPDATE`,
    keysOf([...moving, ...staying]),
  );
  const now = await readFamilies(
    client,
    held,
    moving.map((row) => ({ archivedAt: row.archived_at, id: row.id })),
  );
  const same = (a: readonly FamilyCopy[], b: readonly FamilyCopy[]): boolean =>
    a.length === b.length && new Set([...a, ...b].map(({ id }) => id)).size === a.length;
  if (now.changed.length > 0 || !same(now.moving, moving) || !same(now.staying, staying)) {
    throw new ReadAgainError('copies changed meanwhile');
  }
  return now;
}

/** The copies leave their mailboxes, as if these were gone; what is known of them there stays in the correction's list. */
async function leave(client: pg.PoolClient, moving: readonly MisfiledCopy[]): Promise<SettledCopy[]> {
  const { rows } = await client.query<SettledCopy>(
    `UPDATE delivery d SET state = 'waiting', reason = 'not_mapped', rule = 'none', user_id = NULL, message_id = NULL,
       content_hash = NULL, imported_at = NULL, mapping_version_id = NULL, mapping_row = NULL, twin_item_id = NULL, twin_archived_at = NULL,
       attempts = 0, lookups = 0, sending_until = NULL,
       -- It may lie in its new mailbox already, from before: it is looked for there before it is sent.
       doubt = CASE WHEN d.doubt = 1 THEN 1 ELSE 2 END,
       -- What lies in the mailbox that it leaves goes when somebody has confirmed that, and not a day after a doubt.
       doubt_user_ids = array_remove(d.doubt_user_ids, d.user_id)
     WHERE (d.archived_at, d.id) IN (${KEYS})
     RETURNING d.import_id, d.archived_at, d.item_id, old.user_id, old.state AS before, new.state AS after`,
    keysOf(moving),
  );
  // The address of an upload that broke off is that of a message in the wrong mailbox.
  await client.query(`DELETE FROM upload_session WHERE (archived_at, delivery_id) IN (${KEYS})`, keysOf(moving));
  return rows;
}

/**
 * Where another participant of the item was skipped in favour of a copy that leaves, its message is theirs from now on:
 * it lies where the ledger says that they have one, with what is known of it: that it lacks something, that it is missing,
 * or that the mailbox is still to be looked into.
 */
async function promote(
  client: pg.PoolClient,
  { moving, staying }: Families,
): Promise<{ readonly rows: readonly TransitionRow[]; readonly places: ReadonlySet<string> }> {
  const heirs = new Map<string, { heir: FamilyCopy; of: MisfiledCopy }>();
  for (const of of moving) {
    if (of.message_id === null) continue;
    const heir = staying.find(
      (one) => one.item_id === of.item_id && one.user_id === of.user_id && one.twin_item_id === null,
    );
    if (heir) heirs.set(placeOf(of), { heir, of });
  }
  const inherited = [...heirs.values()];
  if (inherited.length === 0) return { rows: [], places: new Set() };
  const { rows } = await client.query<TransitionRow>(
    `UPDATE delivery d SET state = n.state, reason = n.reason, message_id = n.message_id, content_hash = n.content_hash,
       imported_at = now(),
       doubt = CASE WHEN n.doubt = 1 THEN 1 ELSE d.doubt END
     FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bytea[])
       AS n (archived_at, id, state, reason, message_id, doubt, content_hash)
     WHERE d.archived_at = n.archived_at AND d.id = n.id AND d.state = 'skipped'
     RETURNING d.import_id, d.archived_at, d.item_id, old.state AS before, new.state AS after`,
    [
      ...keysOf(inherited.map(({ heir }) => heir)),
      inherited.map(({ of }) => of.state),
      inherited.map(({ of }) => of.reason),
      inherited.map(({ of }) => of.message_id),
      inherited.map(({ of }) => of.doubt),
      inherited.map(({ of }) => of.content_hash),
    ],
  );
  return { rows, places: new Set(heirs.keys()) };
}

/**
 * What is looked for before it is sent need not wait for its allowance: nothing was ever sent to that mailbox for it, or
 * long ago. Where something of the item is in doubt just now, it waits like everything else; so it does while another
 * correction removes messages, because a removal that is under way must be over before what it removes is looked for.
 */
async function lookAtOnce(
  client: pg.PoolClient,
  { id, organizationId }: HeldCorrection,
  moving: readonly MisfiledCopy[],
): Promise<void> {
  await client.query(
    `UPDATE delivery d SET sending_until = now() - interval '1 day'
     WHERE (d.archived_at, d.id) IN (${KEYS}) AND d.state = 'sending'
       AND NOT EXISTS (
         SELECT 1 FROM delivery o WHERE o.archived_at = d.archived_at AND o.item_id = d.item_id AND o.doubt = 1)
       AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.organization_id = $3 AND c.phase = 'removing' AND c.id <> $4)`,
    [...keysOf(moving), organizationId, id],
  );
}

async function writeMoved(
  client: pg.PoolClient,
  { id }: HeldCorrection,
  moving: readonly MisfiledCopy[],
  staying: readonly FamilyCopy[],
  staged: Refiling['staged'],
  inherited: ReadonlySet<string>,
): Promise<void> {
  const heirsOf = (row: MisfiledCopy): readonly FamilyCopy[] =>
    row.message_id === null || inherited.has(placeOf(row))
      ? []
      : staying.filter(({ twin_item_id, user_id }) => twin_item_id === row.item_id && user_id === row.user_id);
  const { rowCount } = await client.query(
    `UPDATE correction_copy c SET state = 'moved', reason = $4, removable = n.removable, changed_at = now(),
       content_hashes = string_to_array(n.hashes, ' '), heir_ids = string_to_array(n.heir_ids, ' ')::bigint[],
       heir_times = string_to_array(n.heir_times, ' ')::timestamptz[]
     FROM unnest($2::timestamptz[], $3::bigint[], $5::boolean[], $6::text[], $7::text[], $8::text[])
       AS n (archived_at, id, removable, hashes, heir_ids, heir_times)
     WHERE c.correction_id = $1 AND c.archived_at = n.archived_at AND c.delivery_id = n.id AND c.state = 'listed'`,
    [
      id,
      ...keysOf(moving),
      'on_its_way' satisfies CopyReason,
      moving.map((row) => row.message_id !== null && !inherited.has(placeOf(row))),
      moving.map((row) => staged.get(row.item_id)?.contentHashes.join(' ') ?? null),
      moving.map((row) =>
        heirsOf(row)
          .map((heir) => heir.id)
          .join(' '),
      ),
      moving.map((row) =>
        heirsOf(row)
          .map((heir) => heir.archived_at.toISOString())
          .join(' '),
      ),
    ],
  );
  if (rowCount !== moving.length) throw new ReadAgainError('the list changed meanwhile');
}
