/** Copies that were in doubt once and are in their mailbox now: `store/doubt.ts`. */
import type { DoubtedDelivery } from '#lib/imports/store/doubt.ts';
import type { DeliveryRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

const SETTLED_SECONDS = 24 * 60 * 60;

function doubted(tables: Tables, organizationId: string): Readonly<DeliveryRow>[] {
  const settled = tables.inSeconds(-SETTLED_SECONDS);
  return tables.deliveries
    .with('doubted', organizationId)
    .filter(
      ({ state, importedAt }) =>
        (state === 'imported' || state === 'partially_imported') && importedAt !== null && importedAt <= settled,
    );
}

export function doubtfulOrganizations(tables: Tables): { organizationId: string }[] {
  return [...tables.organizations]
    .filter(({ id }) => doubted(tables, id).length > 0)
    .map(({ id }) => ({ organizationId: id }));
}

export function doubtedDeliveries(
  tables: Tables,
  organizationId: string,
  afterId: string,
  limit: number,
): DoubtedDelivery[] {
  return doubted(tables, organizationId)
    .filter(({ id }) => Number(id) > Number(afterId))
    .sort((a, b) => Number(a.id) - Number(b.id))
    .slice(0, limit)
    .map((row) => {
      const item = tables.items.find('id', key(row.archivedAt.getTime(), row.itemId));
      if (item === undefined || row.userId === null || row.messageId === null)
        throw new RangeError(`copy ${row.id} is not as it must be`);
      return {
        archivedAt: row.archivedAt,
        id: row.id,
        sourceId: row.sourceId,
        sourceItemId: item.sourceItemId,
        connectorId: row.connectorId,
        importId: row.importId,
        userId: row.userId,
        messageId: row.messageId,
      };
    });
}

export function endDoubt(tables: Tables, delivery: DoubtedDelivery, reason: string | null): void {
  const row = tables.deliveries.find('id', key(delivery.archivedAt.getTime(), delivery.id));
  if (row?.doubt === 1) tables.deliveries.update(row, { doubt: 2, reason: reason ?? row.reason });
}

export function noteSurplusRemoval(
  tables: Tables,
  organizationId: string,
  delivery: DoubtedDelivery,
  removed: string,
): void {
  tables.audit.insert({
    organizationId,
    at: tables.now(),
    action: 'message.surplus-removed',
    targetType: 'delivery',
    targetId: delivery.id,
    detail: { userId: delivery.userId, removed, kept: delivery.messageId },
  });
}
