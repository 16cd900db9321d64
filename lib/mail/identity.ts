/**
 * How a copy is recognized: everything here is derived from the item's identity (organization, kind, source account and
 * source item id), so that every attempt and every mailbox gets the same.
 */
import type { Item } from '#lib/archive/item.ts';
import { partyKey } from './parties.ts';
import { sha256 } from './sha256.ts';

/** Where an item id is unique. The connector is not in it: deleted and added again, it doubles nothing. */
export interface ItemScope {
  readonly organizationId: string;
  /** of the catalogue, such as `android-archiver` */
  readonly kind: string;
  /** account id at the source */
  readonly account: string;
}

/** A catalogue's named property, in its property set. */
export interface ItemIdProperty {
  readonly guid: string;
  readonly name: string;
}

const PROPERTY_ID_LIMIT = 200;

/** One unambiguous text for an item's identity, for associated data and hashes. */
export function itemIdentity(scope: ItemScope, sourceItemId: string): string {
  return JSON.stringify([scope.organizationId, scope.kind, scope.account, sourceItemId]);
}

/** The same in every mailbox and at every attempt. */
export function internetMessageId(scope: ItemScope, sourceItemId: string, domain: string): string {
  return `<${identityHash(scope, sourceItemId)}@${domain}>`;
}

let lastHash = { identity: '', hash: '' };

/** A message asks for it twice, one after the other. */
function identityHash(scope: ItemScope, sourceItemId: string): string {
  const identity = itemIdentity(scope, sourceItemId);
  if (identity !== lastHash.identity) lastHash = { identity, hash: sha256(identity) };
  return lastHash.hash;
}

/** As Graph writes it: `String {GUID} Name AndroidArchiverItemId`. */
export function itemPropertyId({ guid, name }: ItemIdProperty): string {
  return `String {${guid}} Name ${name}`;
}

/**
 * `<scope>.<item>:<source item id>`: two hashes of 16 hexadecimal digits, so that accounts never collide, nor ids that
 * differ in case only (Graph compares values without case) or that are so long that only their end, of 200 characters,
 * fits into what a filter can compare.
 */
export function itemPropertyValue(scope: ItemScope, sourceItemId: string): string {
  const item = identityHash(scope, sourceItemId).slice(0, 16);
  const id = sourceItemId
    .slice(-PROPERTY_ID_LIMIT)
    .replace(/\p{Cc}/gu, '\ufffd')
    .toWellFormed();
  return `${scopeHash(scope)}.${item}:${id}`;
}

/** How the property's value begins in every copy of an account, and in none of another. */
export function itemPropertyPrefix(scope: ItemScope): string {
  return `${scopeHash(scope)}.`;
}

/** The source item id that a property's value ends with; null where it may be only its end, or was made storable. */
export function itemIdOfProperty(value: string): string | null {
  const id = value.slice(value.indexOf(':') + 1);
  return id.length >= PROPERTY_ID_LIMIT || id.includes('\ufffd') ? null : id;
}

/** Names the conversation: the source's id, or, without one, its participants. */
export function conversationKey(item: Pick<Item, 'conversationId' | 'owner' | 'sender' | 'recipients'>): string {
  if (item.conversationId) return `id:${item.conversationId}`;
  const parties = new Set([item.owner, item.sender, ...item.recipients].map(partyKey));
  return `parties:${JSON.stringify([...parties].sort())}`;
}

/** The message that a whole conversation refers to. It exists nowhere, and need not: clients thread by equal references. */
export function conversationRoot(scope: ItemScope, conversation: string, domain: string): string {
  return `<conversation-${sha256(JSON.stringify([scopeHash(scope), conversation]))}@${domain}>`;
}

const scopeHashes = new WeakMap<ItemScope, string>();

/** An import has one scope object for all its items. */
function scopeHash(scope: ItemScope): string {
  let hash = scopeHashes.get(scope);
  if (hash === undefined) {
    hash = sha256(JSON.stringify([scope.organizationId, scope.kind, scope.account])).slice(0, 16);
    scopeHashes.set(scope, hash);
  }
  return hash;
}
