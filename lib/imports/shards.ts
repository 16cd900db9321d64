/**
 * Shards: disjoint sets of an organization's mailboxes. Who holds a shard's lease is the only one to send into its
 * mailboxes, whichever import a copy belongs to. (The design began with a lease per import and shard; two imports that
 * deliver at once would then meet in one mailbox, which Graph's limit of four requests forbids.)
 */

/** Changing this number moves mailboxes between shards: only with no delivery pending, in a migration. */
export const SHARDS = 32;

/** The group of frames that belong to no mailbox yet: waiting and unreadable items. */
export const UNASSIGNED = -1;

/** FNV-1a over the Graph object id, so that ids which differ little spread well. */
export function shardOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < userId.length; i++) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193) >>> 0;
  return hash % SHARDS;
}
