/**
 * What must be true when nothing is under way any more. The ledger is held against the mailboxes and against the source;
 * who is owed what is worked out here anew, by rules that fit on a page.
 */
import { itemPropertyValue } from '#lib/mail/identity.ts';
import type { DeliveryRow, ItemRow } from '../ledger/rows.ts';
import { checkAlerts } from './check-alerts.ts';
import { checkCounts } from './check-counts.ts';
import { checkStaging } from './check-staging.ts';
import type { ReadableItem } from './items.ts';
import type { Message, User } from './mailboxes.ts';
import { ACCOUNT_ID, KIND, ORGANIZATION_ID, type Person } from './people.ts';
import type { World } from './world.ts';

const SCOPE = { organizationId: ORGANIZATION_ID, kind: KIND, account: ACCOUNT_ID };
const IN_THE_MAILBOX = new Set(['imported', 'partially_imported']);

/** A line for each thing that is not as it must be. */
export function check(world: World): string[] {
  return [
    ...world.witness.violations,
    ...world.cloud.violations,
    ...checkItems(world),
    ...checkCopies(world),
    ...checkMailboxes(world),
    ...checkCounts(world),
    ...checkAlerts(world),
    ...checkStaging(world),
  ];
}

export type Copy = Readonly<DeliveryRow>;
export const copiesOf = (world: World, { id, archivedAt }: Readonly<ItemRow>): readonly Copy[] =>
  [...world.ledger.tables.deliveries].filter(
    (copy) => copy.itemId === id && copy.archivedAt.getTime() === archivedAt.getTime(),
  );

/** Every item that the source listed is there once, and nothing else is. */
function checkItems(world: World): string[] {
  const found: string[] = [];
  const items = [...world.ledger.tables.items];
  const byId = new Map(items.map((item) => [item.sourceItemId, item]));
  if (byId.size !== items.length) found.push('an item is in the ledger twice');
  if (items.length !== world.archive.entries.length) {
    found.push(`${items.length} items in the ledger, ${world.archive.entries.length} at the source`);
  }
  for (const { readable, key } of world.archive.entries) {
    if (!readable) continue;
    const item = byId.get(readable.id);
    if (!item) found.push(`item ${key} is missing`);
    else found.push(...checkOwed(world, readable, copiesOf(world, item)));
  }
  const unreadable = items.filter(({ outcome }) => outcome === 'unreadable').length;
  const broken = world.archive.entries.filter(({ readable }) => readable === null).length;
  if (unreadable !== broken) found.push(`${unreadable} unreadable items instead of ${broken}`);
  return found;
}

/** Everybody with a phone at the source is owed one copy, and nobody else. */
function checkOwed(world: World, readable: ReadableItem, copies: readonly Copy[]): string[] {
  const found: string[] = [];
  const owed = new Map(readable.participants.map((person) => [person.number, person]));
  for (const { participant } of copies) {
    if (!owed.has(participant)) found.push(`${participant} is owed no copy of ${readable.id}`);
  }
  for (const person of owed.values()) {
    const own = copies.filter(({ participant }) => participant === person.number);
    const [copy] = own;
    if (own.length !== 1 || !copy) found.push(`${own.length} copies of ${readable.id} for ${person.name}`);
    else found.push(...checkChoice(world, readable, person, copy));
  }
  return found;
}

/** Where a person's copy may be: in the mapped mailbox, else in the one of their address. */
function checkChoice(world: World, readable: ReadableItem, person: Person, copy: Copy): string[] {
  const { state, userId } = copy;
  const what = `${readable.id} for ${person.name}`;
  const candidates = [person.mapped, person.email].filter((address) => address !== null);
  const users = candidates.flatMap((address) => userByAddress(world, address));
  if (state === 'waiting') {
    const able = users.filter(({ hasMailbox }) => hasMailbox);
    return able.length > 0 ? [`${what} waits, but ${able[0]?.name} has a mailbox`] : [];
  }
  const user = users.find(({ id }) => id === userId);
  if (!user) return [`${what} is ${state} with a mailbox that is not theirs: ${userId}`];
  if (state === 'failed') {
    const cause =
      (copy.reason === 'mailbox_full' && user.wasFull) || (copy.reason === 'access_denied' && user.wasClosed);
    return cause ? [] : [`${what} failed without a cause: ${copy.reason}`];
  }
  return [];
}

function userByAddress(world: World, address: string): User[] {
  return [...world.cloud.users.values()].filter(({ mail, aliases }) => mail === address || aliases.includes(address));
}

/** What the ledger says of a copy is so in its mailbox. */
function checkCopies(world: World): string[] {
  const found: string[] = [];
  const readable = new Map(
    world.archive.entries.flatMap((entry) => (entry.readable ? [[entry.readable.id, entry.readable]] : [])),
  );
  for (const item of world.ledger.tables.items) {
    const known = readable.get(item.sourceItemId);
    for (const copy of copiesOf(world, item)) {
      const what = `${item.sourceItemId} for ${copy.participant}`;
      if (copy.state === 'skipped') found.push(...checkSkipped(world, item, copy, what));
      if (!IN_THE_MAILBOX.has(copy.state) || !known) continue;
      const message = world.cloud.users.get(copy.userId ?? '')?.mailbox.messages.get(copy.messageId ?? '');
      if (!message || message.property !== itemPropertyValue(SCOPE, item.sourceItemId)) {
        found.push(`${what} is ${copy.state} as ${copy.messageId}, which is not there`);
      } else if (message.removedBy === 'product') found.push(`${what} was removed by the product`);
      else if (copy.reason === 'missing_in_mailbox' && message.removedBy === null)
        found.push(`${what} is said to be missing, and is there`);
      else found.push(...checkAttachments(world, known, copy, message, what));
    }
  }
  return found;
}

function checkSkipped(world: World, item: Readonly<ItemRow>, copy: Copy, what: string): string[] {
  const { tables } = world.ledger;
  const other = [...tables.deliveries].find(
    (one) =>
      one.itemId === (copy.twinItemId ?? item.id) &&
      one.userId === copy.userId &&
      (IN_THE_MAILBOX.has(one.state) || one.state === 'failed'),
  );
  return other ? [] : [`${what} was skipped (${copy.reason}), and no other copy is in that mailbox`];
}

/** All of an item's attachments are in its message, each once; where one is missing, the copy is partial and had a cause. */
function checkAttachments(world: World, item: ReadableItem, copy: Copy, message: Message, what: string): string[] {
  const found: string[] = [];
  const names = message.attachments.map(({ name }) => name);
  if (new Set(names).size !== names.length) found.push(`${what} has an attachment twice`);
  const missing: string[] = [];
  for (const id of item.attachments) {
    const bytes = world.archive.attachments.get(id)?.bytes;
    const times = message.attachments.filter((one) => bytes?.equals(one.bytes)).length;
    if (times === 0) missing.push(id);
    if (times > 1) found.push(`${what} has ${id} ${times} times`);
  }
  if (copy.state === 'imported' && missing.length > 0) found.push(`${what} is imported without ${missing.join()}`);
  if (copy.state === 'partially_imported') {
    const never = item.attachments.some(
      (id) => (world.archive.attachments.get(id)?.readyFrom ?? 0) > copy.archivedAt.getTime(),
    );
    const notReady = never || world.storm.source.attachmentNotReady > 0 || world.storm.source.outages > 0;
    const user = world.cloud.users.get(copy.userId ?? '');
    const cause =
      (copy.reason === 'attachment_not_ready' && notReady) ||
      (copy.reason === 'removed_meanwhile' && message.removedBy === 'person') ||
      (copy.reason === 'mailbox_full' && user?.wasFull) ||
      (copy.reason === 'access_denied' && user?.wasClosed) ||
      copy.reason === 'missing_in_mailbox';
    if (!cause) found.push(`${what} is partially imported without a cause: ${copy.reason}`);
  }
  return found;
}

/** Every message of ours in a mailbox is known to the ledger, and there is one of each. */
function checkMailboxes(world: World): string[] {
  const found: string[] = [];
  const known = new Set([...world.ledger.tables.deliveries].map(({ userId, messageId }) => `${userId} ${messageId}`));
  for (const user of world.cloud.users.values()) {
    const here = [...user.mailbox.messages.values()].filter(({ removedBy }) => removedBy === null);
    const properties = here.map(({ property }) => property);
    if (new Set(properties).size !== properties.length)
      found.push(`two copies of an item in the mailbox of ${user.name}`);
    for (const { id, property } of here) {
      // What lies in a mailbox that is gone is found should it come back.
      if (!user.hasMailbox) continue;
      if (!known.has(`${user.id} ${id}`)) found.push(`the ledger does not know ${property} (${id}) of ${user.name}`);
    }
  }
  return found;
}
