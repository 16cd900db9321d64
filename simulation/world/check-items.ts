/** Every item of the source is in the ledger once, and everybody who is owed a copy of it has one row. */
import { FALLBACK } from '#lib/imports/fallback.ts';
import { type Copy, copiesOf, isRefused, readableOf } from './copies.ts';
import type { ReadableItem, SourceEntry } from './items.ts';
import type { User } from './mailbox.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

export function checkItems(world: World): string[] {
  const found: string[] = [];
  const items = [...world.ledger.tables.items];
  const byId = new Map(items.map((item) => [item.sourceItemId, item]));
  if (byId.size !== items.length) found.push('an item is in the ledger twice');
  if (items.length !== world.archive.entries.length) {
    found.push(`${items.length} items in the ledger, ${world.archive.entries.length} at the source`);
  }
  let broken = 0;
  for (const entry of world.archive.entries) {
    const item = byId.get(entry.readable?.id ?? entry.mended?.id ?? '');
    const readable = readableOf(entry, item);
    if (readable && item) found.push(...checkOwed(world, readable, copiesOf(world, item)));
    else if (entry.readable) found.push(`item ${entry.key} is missing`);
    else broken++;
    if (entry.mended && item?.outcome === 'unreadable' && item.signOffId === null && isReadAgain(world, entry))
      found.push(`item ${entry.key} was mended, and is unreadable still`);
  }
  const unreadable = items.filter(({ outcome }) => outcome === 'unreadable').length;
  if (unreadable !== broken) found.push(`${unreadable} unreadable items instead of ${broken}`);
  return found;
}

/** Whether its window was collected to the end since the source mended it. */
function isReadAgain(world: World, { at, changes }: SourceEntry): boolean {
  const { windows, imports } = world.ledger.tables;
  return [...windows]
    .filter(({ startsAt, endsAt }) => startsAt.getTime() <= at && at < endsAt.getTime())
    .flatMap(({ id }) => imports.with('window', id))
    .some(({ phase, startedAt }) => phase === 'completed' && changes !== null && Number(startedAt) > changes.from);
}

/** Everybody with a phone at the source is owed one copy, and nobody else. */
function checkOwed(world: World, readable: ReadableItem, copies: readonly Copy[]): string[] {
  const found: string[] = [];
  const owed = new Map(readable.participants.map((person) => [person.number, person]));
  found.push(...checkFallback(world, readable, copies));
  for (const { participant } of copies) {
    if (!owed.has(participant) && participant !== FALLBACK)
      found.push(`${participant} is owed no copy of ${readable.id}`);
  }
  for (const person of owed.values()) {
    const own = copies.filter(({ participant }) => participant === person.number);
    const [copy] = own;
    if (own.length !== 1 || !copy) found.push(`${own.length} copies of ${readable.id} for ${person.name}`);
    else found.push(...checkChoice(world, readable, person, copy));
  }
  return found;
}

/** What nobody can receive lies in the fallback mailbox, once. */
function checkFallback(world: World, { id }: ReadableItem, copies: readonly Copy[]): string[] {
  const own = copies.filter(({ participant }) => participant === FALLBACK);
  const { fallback } = world.population;
  const user = world.cloud.users.get(fallback?.id ?? '');
  const [copy] = own;
  if (own.length > 1) return [`${own.length} copies of ${id} for the fallback mailbox`];
  if (copy) {
    const gone = copy.state === 'failed' && copy.reason === 'no_mailbox' && user?.wasGone === true;
    if (copy.userId !== fallback?.id) return [`the fallback copy of ${id} is for ${copy.userId}`];
    return copy.state !== 'failed' || gone || isRefused(world, copy)
      ? []
      : [`${id} failed for the fallback mailbox without a cause: ${copy.reason}`];
  }
  const waits = copies.every(({ state }) => state === 'waiting') && copies.some(({ signOffId }) => signOffId === null);
  return waits && world.hasFallback ? [`nobody has ${id}, not even the fallback mailbox`] : [];
}

/** Where a person's copy may be: in the mapped mailbox, else in the one of their address. */
function checkChoice(world: World, readable: ReadableItem, person: Person, copy: Copy): string[] {
  const { state, userId, signOffId } = copy;
  const what = `${readable.id} for ${person.name}`;
  const candidates = [person.mapped, person.email].filter((address) => address !== null);
  const users = candidates.flatMap((address) => userByAddress(world, address));
  if (state === 'waiting') {
    const able = users.filter(({ hasMailbox, inDirectory }) => hasMailbox && inDirectory && signOffId === null);
    return able.length > 0 ? [`${what} waits, but ${able[0]?.name} has a mailbox`] : [];
  }
  const user = users.find(({ id }) => id === userId);
  if (!user) return [`${what} is ${state} with a mailbox that is not theirs: ${userId}`];
  if (state === 'failed' && !isRefused(world, copy)) return [`${what} failed without a cause: ${copy.reason}`];
  return [];
}

function userByAddress(world: World, address: string): User[] {
  return [...world.cloud.users.values()].filter(({ mail, aliases }) => mail === address || aliases.includes(address));
}
