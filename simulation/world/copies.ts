/** What the checks read of copies. */
import { itemPropertyValue } from '#lib/mail/identity.ts';
import type { DeliveryRow, ItemRow } from '../ledger/rows.ts';
import type { ReadableItem, SourceEntry } from './items.ts';
import { SCOPE } from './people.ts';
import type { World } from './world.ts';

export type Copy = Readonly<DeliveryRow>;
export const copiesOf = (world: World, { id, archivedAt }: Readonly<ItemRow>): readonly Copy[] =>
  [...world.ledger.tables.deliveries].filter(
    (copy) => copy.itemId === id && copy.archivedAt.getTime() === archivedAt.getTime(),
  );

/** What an entry of the source is in the ledger: null where nobody can read it. */
export function readableOf(entry: SourceEntry, item: Readonly<ItemRow> | undefined): ReadableItem | null {
  if (entry.readable) return entry.readable;
  return item !== undefined && item.outcome !== 'unreadable' ? entry.mended : null;
}

/**
 * The copy that another phone's item has in the mailbox of a copy that may lie there as well, because that mailbox once
 * refused to be looked into, or because its message came later than anybody allows for. Null where there is none.
 */
export function twinOf(world: World, deliveryId: string): Copy | null {
  const deliveries = [...world.ledger.tables.deliveries];
  const items = [...world.ledger.tables.items];
  const copy = deliveries.find(({ id }) => id === deliveryId);
  const item = items.find(({ id }) => id === copy?.itemId);
  const user = world.cloud.users.get(copy?.userId ?? '');
  if (!copy || !item?.messageKey || !user) return null;
  const property = itemPropertyValue(SCOPE, item.sourceItemId);
  const cameLate = [...user.mailbox.messages.values()].some((one) => one.surplus && one.property === property);
  if (!user.wasClosed && !cameLate) return null;
  const { messageKey } = item;
  const twins = new Set(items.filter((item) => item.messageKey === messageKey).map(({ id }) => id));
  return (
    deliveries.find(
      ({ id, itemId, userId, messageId }) =>
        id !== copy.id && twins.has(itemId) && itemId !== copy.itemId && userId === copy.userId && messageId !== null,
    ) ?? null
  );
}

/** Whether a mailbox may have refused what a copy lacks, and nobody has sent it again since it takes it. */
export function isRefused(world: World, { reason, userId, connectorId, signOffId }: Copy): boolean {
  const user = world.cloud.users.get(userId ?? '');
  if (reason === 'too_large' || reason === 'attachment_refused') return user?.wasLimited === true;
  if (world.retried && connectorId === world.connectorId && signOffId === null) return false;
  // The answer that said why could not be read.
  if (reason === 'refused_message') return user?.wasLimited === true && world.storm.graph.unreadable > 0;
  return (
    (reason === 'mailbox_full' && user?.wasFull === true) || (reason === 'access_denied' && user?.wasClosed === true)
  );
}
