/** What the ledger says of a copy is so in its mailbox, and what lies in a mailbox is known to the ledger. */
import { itemPropertyValue } from '#lib/mail/identity.ts';
import type { ItemRow } from '../ledger/rows.ts';
import { type Copy, copiesOf, isRefused, readableOf, twinOf } from './copies.ts';
import type { ReadableItem } from './items.ts';
import { fits, type Message } from './mailbox.ts';
import { SCOPE } from './people.ts';
import type { World } from './world.ts';

const IN_THE_MAILBOX = new Set(['imported', 'partially_imported']);

export function checkCopies(world: World): string[] {
  return [...checkLedger(world), ...checkMailboxes(world)];
}

function checkLedger(world: World): string[] {
  const found: string[] = [];
  const entries = new Map(
    world.archive.entries.map((entry) => [entry.readable?.id ?? entry.mended?.id ?? entry.key, entry]),
  );
  for (const item of world.ledger.tables.items) {
    const entry = entries.get(item.sourceItemId);
    const known = entry ? readableOf(entry, item) : null;
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
    const { bytes, later } = world.archive.attachments.get(id) ?? {};
    const times = message.attachments.filter(
      (one) => bytes?.equals(one.bytes) || later?.bytes.equals(one.bytes),
    ).length;
    if (times === 0) missing.push(id);
    if (times > 1) found.push(`${what} has ${id} ${times} times`);
  }
  if (copy.state === 'imported') {
    return missing.length > 0 ? [...found, `${what} is imported without ${missing.join()}`] : found;
  }
  if (!isPartial(world, item, copy, message))
    found.push(`${what} is partially imported without a cause: ${copy.reason}`);
  if (copy.reason === 'attachment_refused') found.push(...checkRefused(world, copy, message, missing, what));
  return found;
}

/** Why a message may be less than its item. */
function isPartial(world: World, item: ReadableItem, copy: Copy, message: Message): boolean {
  const of = item.attachments.flatMap((id) => world.archive.attachments.get(id) ?? []);
  const never = of.some(({ readyFrom }) => readyFrom > copy.archivedAt.getTime());
  const { source } = world.storm;
  const notReady = never || source.attachmentNotReady > 0 || source.outages > 0;
  const differs = of.some(({ later }) => later !== null);
  switch (copy.reason) {
    case 'attachment_not_ready':
      return notReady;
    case 'attachment_differs':
      return differs;
    case 'attachment_missing':
      return notReady && differs;
    // What was missing for a day is given up with what was said of it last.
    case 'attachment_throttled':
      return (notReady || differs) && source.throttled > 0;
    case 'attachment_bad_answer':
      return (notReady || differs) && source.badAnswer + source.lostBefore + source.lostAfter > 0;
    case 'attachment_broke_off':
      return (notReady || differs) && source.lostAfter > 0;
    case 'attachment_changed':
      return differs;
    case 'removed_meanwhile':
    case 'missing_in_mailbox':
      return message.removedBy === 'person';
    default:
      return isRefused(world, copy);
  }
}

/** Something did not fit, and a file beside the others says so, where that fits. */
function checkRefused(world: World, copy: Copy, message: Message, missing: readonly string[], what: string): string[] {
  const user = world.cloud.users.get(copy.userId ?? '');
  if (missing.length === 0 && !lacksText(message)) return [`${what} lacks nothing, and says so`];
  if (message.attachments.some(({ name }) => name.startsWith('not-archived'))) return [];
  // It may take more since.
  return user && !fits({ limitBytes: user.leastLimitBytes }, message, NOTE_BYTES)
    ? []
    : [`${what} does not say in the mailbox what it lacks`];
}

/** Beside images that are shown the product attaches the text as a file, which may be what did not fit. */
function lacksText({ attachments }: Message): boolean {
  const has = (ending: string): boolean => attachments.some(({ name }) => name.endsWith(ending));
  return has('.jpg') && !has('message.txt');
}

/** Whether a copy that may lie in a mailbox was signed off meanwhile: nobody looks for it any more. */
function isSignedOff(world: World, property: string, userId: string): boolean {
  const { items, deliveries } = world.ledger.tables;
  const item = [...items].find(({ sourceItemId }) => itemPropertyValue(SCOPE, sourceItemId) === property);
  return [...deliveries].some(
    ({ itemId, signOffId, doubtUserIds }) =>
      itemId === item?.id && signOffId !== null && doubtUserIds?.includes(userId) === true,
  );
}

/** Whether somebody was told that a mailbox has a message twice, of which the ledger names the other phone's. */
function isToldTwice(world: World, property: string, userId: string): boolean {
  const { tables } = world.ledger;
  const item = [...tables.items].find(({ sourceItemId }) => itemPropertyValue(SCOPE, sourceItemId) === property);
  const copies = [...tables.deliveries].filter((copy) => copy.itemId === item?.id && copy.userId === userId);
  // One alert is open at a time, and names the first.
  return (
    [...tables.alerts].some(({ code }) => code === 'message_twice') &&
    copies.some(({ id }) => twinOf(world, id) !== null)
  );
}

/** No note is longer. */
const NOTE_BYTES = 600;

/** Every message of ours in a mailbox is known to the ledger, and there is one of each. */
function checkMailboxes(world: World): string[] {
  const found: string[] = [];
  const known = new Set([...world.ledger.tables.deliveries].map(({ userId, messageId }) => `${userId} ${messageId}`));
  for (const user of world.cloud.users.values()) {
    const isOpen = user.hasMailbox && user.inDirectory;
    const here = [...user.mailbox.messages.values()].filter(({ removedBy }) => removedBy === null);
    // From a mailbox that is gone nobody can remove what came later than anybody allows for.
    const properties = here.filter(({ surplus }) => isOpen || !surplus).map(({ property }) => property);
    if (new Set(properties).size !== properties.length)
      found.push(`two copies of an item in the mailbox of ${user.name}`);
    for (const { id, property } of here) {
      // What lies in a mailbox that is gone is found should it come back.
      const isKnown =
        known.has(`${user.id} ${id}`) || isSignedOff(world, property, user.id) || isToldTwice(world, property, user.id);
      if (isOpen && !isKnown) found.push(`the ledger does not know ${property} (${id}) of ${user.name}`);
    }
  }
  return found;
}
