/**
 * Whether a round did harm: every mailbox beside the source's own feed, and the ledger beside both. Asks Graph and the
 * source by clients of its own.
 */

import type { Item } from '#lib/archive/item.ts';
import type { TimeRange } from '#lib/archive/source.ts';
import { balances, countsOf } from '#lib/imports/counts.ts';
import {
  attachmentHashes,
  countOwed,
  differences,
  type MailboxMessage,
  readFeed,
  readMailboxes,
} from '#lib/imports/mailboxes.fixture.ts';
import { readCounters } from '#lib/imports/store/counters.ts';
import { textOfBody, withLineFeeds } from '#lib/mail/body.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { World } from './world.ts';

export interface Verdict {
  readonly items: number;
  /** copies that the mailboxes must hold */
  readonly owed: number;
  readonly mailboxes: number;
  readonly attachments: number;
  /** copies beside the one that is owed */
  readonly surplus: number;
  /** what is wrong, a line each */
  readonly wrong: readonly string[];
}

const FULL = new Set(alderByrne.people.filter(({ mailbox }) => mailbox === 'full').map(({ id }) => id));

/** To be asked when nothing is under way and nothing can arrive any more. */
export async function judge(world: World): Promise<Verdict> {
  await world.cloud.control('PATCH', 'limits', { latencyMs: 0 });
  const imports = await world.ledger.rows<{ id: string; balanced: boolean }>('SELECT id, balanced FROM import');
  const windows = await world.ledger.rows<{ starts_at: Date; ends_at: Date }>(
    'SELECT starts_at, ends_at FROM import_window ORDER BY starts_at',
  );
  // What was settled since, and was imported as well, is to be right too.
  const { from, to } = world.atLeast;
  const end = new Date(Math.max(to.getTime(), windows.at(-1)?.ends_at.getTime() ?? 0));
  const items = await readFeed(world.clients.source, [{ from, to: end }]);
  const mailboxes = await readMailboxes(world.clients.graph);
  const misplaced = differences(items, mailboxes);
  const attachments = await wrongAttachments(world, items, mailboxes);
  const owed = countOwed(items);
  const wrong = [
    ...gaps(windows, { from, to: end }),
    ...misplaced,
    ...wrongTexts(items, mailboxes),
    ...attachments.wrong,
    ...(await wrongNumbers(world, imports, owed)),
    ...(await wrongRows(world, mailboxes)),
  ];
  return {
    items: items.size,
    owed,
    mailboxes: mailboxes.size,
    attachments: attachments.whole,
    surplus: misplaced.filter((line) => / times: |^not owed/.test(line)).length,
    wrong,
  };
}

/** Where the windows do not lie end to end from the first moment that is to be imported to the last. */
function gaps(
  windows: readonly { readonly starts_at: Date; readonly ends_at: Date }[],
  { from, to }: TimeRange,
): string[] {
  const wrong: string[] = [];
  let reached = from.getTime();
  for (const { starts_at, ends_at } of windows) {
    if (starts_at.getTime() !== reached)
      wrong.push(
        `a window begins at ${starts_at.toISOString()}, the one before ends at ${new Date(reached).toISOString()}`,
      );
    reached = ends_at.getTime();
  }
  if (reached < to.getTime()) wrong.push(`nothing was imported after ${new Date(reached).toISOString()}`);
  return wrong;
}

function wrongTexts(
  items: ReadonlyMap<string, Item>,
  mailboxes: ReadonlyMap<string, readonly MailboxMessage[]>,
): string[] {
  return [...mailboxes].flatMap(([userId, messages]) =>
    messages.flatMap(({ itemId, body }) => {
      const item = items.get(itemId);
      if (!item || textOfBody(body, item.type) === withLineFeeds(item.text ?? '')) return [];
      return `text: ${userId} ${itemId} has another`;
    }),
  );
}

async function wrongAttachments(
  { clients }: World,
  items: ReadonlyMap<string, Item>,
  mailboxes: ReadonlyMap<string, readonly MailboxMessage[]>,
): Promise<{ whole: number; wrong: string[] }> {
  const wrong: string[] = [];
  let whole = 0;
  for (const [userId, messages] of mailboxes) {
    for (const { id, itemId, hasAttachments } of messages) {
      const wanted = (items.get(itemId)?.attachments ?? []).map(({ sha256 }) => sha256 ?? '').sort();
      if (wanted.length === 0 && !hasAttachments) continue;
      const found = await attachmentHashes(clients.graph, userId, id);
      if (found.join() === wanted.join()) whole += wanted.length;
      else wrong.push(`attachments: ${userId} ${itemId} has ${found.length} of ${wanted.length}, or others`);
    }
  }
  return { whole, wrong };
}

async function wrongNumbers(
  { ledger }: World,
  imports: readonly { readonly id: string; readonly balanced: boolean }[],
  owed: number,
): Promise<string[]> {
  const wrong: string[] = [];
  let copies = 0;
  for (const { id, balanced } of imports) {
    const counts = countsOf(await readCounters(ledger.pool, [id]));
    if (!balances(counts)) wrong.push(`import ${id} does not add up: ${JSON.stringify(counts)}`);
    if (!balanced) wrong.push(`import ${id} says that it is not balanced`);
    if (counts.copies.partiallyImported > 0) wrong.push(`import ${id} gave attachments up`);
    copies += counts.copies.imported;
  }
  if (copies !== owed) wrong.push(`the ledger counts ${copies} copies as imported, owed are ${owed}`);
  if (owed === 0) wrong.push('nothing was owed, so nothing was shown');
  return wrong;
}

async function wrongRows(
  { ledger }: World,
  mailboxes: ReadonlyMap<string, readonly MailboxMessage[]>,
): Promise<string[]> {
  const wrong: string[] = [];
  const open = await ledger.rows<{ state: string; count: number }>(
    `SELECT state, count(*)::int FROM delivery WHERE state IN ('pending', 'sending', 'created') GROUP BY state`,
  );
  for (const { state, count } of open) wrong.push(`${count} copies are ${state}`);
  // One mailbox of the cloud is full: what it refuses has failed, and nothing else may.
  const failed = await ledger.rows<{ id: string; user_id: string; reason: string }>(
    `SELECT id, user_id, reason FROM delivery WHERE state = 'failed'`,
  );
  for (const { id, user_id, reason } of failed) {
    if (reason !== 'mailbox_full' || !FULL.has(user_id)) wrong.push(`delivery ${id} has failed: ${reason}`);
  }
  const rows = await ledger.rows<{ id: string; user_id: string; message_id: string; source_item_id: string }>(
    `SELECT d.id, d.user_id, d.message_id, i.source_item_id
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE d.state IN ('imported', 'partially_imported')`,
  );
  const there = new Map(
    [...mailboxes].flatMap(([userId, messages]) => messages.map(({ id, itemId }) => [`${userId} ${id}`, itemId])),
  );
  for (const row of rows) {
    if (there.get(`${row.user_id} ${row.message_id}`) !== row.source_item_id)
      wrong.push(`delivery ${row.id} is imported, and its message is not in the mailbox`);
  }
  // Everything adds up and matches the source, so whatever an open alert says is untrue.
  const alerts = await ledger.rows<{ code: string }>('SELECT code FROM alert WHERE resolved_at IS NULL');
  for (const { code } of alerts) wrong.push(`the alert ${code} is open`);
  const stopped = await ledger.rows<{ reason: string }>(
    'SELECT stopped_reason AS reason FROM connector WHERE stopped_at IS NOT NULL',
  );
  for (const { reason } of stopped) wrong.push(`the connector was stopped: ${reason}`);
  return wrong;
}
