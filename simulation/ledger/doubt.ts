/** Copies that were in doubt once, however they ended: `store/doubt.ts`. */
import { shardOf } from '#lib/imports/shards.ts';
import { COLLECTOR } from '#lib/imports/store/counters.ts';
import type { DoubtedDelivery, FoundMessage, KnownCopy } from '#lib/imports/store/doubt.ts';
import { reopenClearing } from './clearing.ts';
import type { DeliveryRow } from './rows.ts';
import { countTransitions } from './settle.ts';
import { key, type Tables } from './tables.ts';
import { claimTwins, settleSkipped, transition } from './twins.ts';

const SETTLED_SECONDS = 24 * 60 * 60;
const GIVEN_UP_SECONDS = 30 * SETTLED_SECONDS;

const isThere = ({ state }: Readonly<DeliveryRow>): boolean => state === 'imported' || state === 'partially_imported';

function doubtedFor(tables: Tables, row: Readonly<DeliveryRow>, seconds: number): boolean {
  const since = isThere(row) ? row.importedAt : row.notBefore;
  return since !== null && since <= tables.inSeconds(-seconds);
}

function doubted(tables: Tables, organizationId: string): Readonly<DeliveryRow>[] {
  return tables.deliveries
    .with('doubted', organizationId)
    .filter(
      (row) =>
        (isThere(row) || row.state === 'failed' || row.state === 'waiting' || row.state === 'skipped') &&
        row.signOffId === null &&
        row.reason !== 'missing_in_mailbox' &&
        doubtedFor(tables, row, SETTLED_SECONDS),
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
      if (item === undefined) throw new RangeError(`copy ${row.id} is not as it must be`);
      return {
        archivedAt: row.archivedAt,
        id: row.id,
        itemId: row.itemId,
        sourceId: row.sourceId,
        sourceItemId: item.sourceItemId,
        connectorId: row.connectorId,
        importId: row.importId,
        state: row.state,
        reason: row.reason,
        userId: row.userId,
        doubtUserIds: row.doubtUserIds ?? [],
        messageId: row.messageId,
        attachments: row.attachments,
        givenUp: doubtedFor(tables, row, GIVEN_UP_SECONDS),
      };
    });
}

const copiesOf = (tables: Tables, { archivedAt, itemId }: Pick<DoubtedDelivery, 'archivedAt' | 'itemId'>) =>
  tables.deliveries.with('item', key(archivedAt.getTime(), itemId));

export function copyFor(
  tables: Tables,
  delivery: Pick<DoubtedDelivery, 'archivedAt' | 'itemId'>,
  userId: string,
): KnownCopy | null {
  const row = copiesOf(tables, delivery).find((one) => one.userId === userId && one.state !== 'skipped');
  return row ? { id: row.id, state: row.state, messageId: row.messageId } : null;
}

export function adoptMessage(
  tables: Tables,
  organizationId: string,
  of: Pick<DoubtedDelivery, 'archivedAt' | 'itemId' | 'sourceId'>,
  found: FoundMessage,
): 'adopted' | 'twin' | 'changed' {
  const { archivedAt, itemId, sourceId } = of;
  const { deliveryId, userId, messageId, state, reason } = found;
  const messageKey = tables.items.find('id', key(archivedAt.getTime(), itemId))?.messageKey ?? null;
  if (messageKey !== null) {
    const twins = claimTwins(tables, { sourceId, organizationId }, [{ messageKey, userId, itemId, archivedAt }]);
    if ([...twins.values()].some((winner) => winner.itemId !== itemId)) return 'twin';
  }
  const row = tables.deliveries.find('id', key(archivedAt.getTime(), deliveryId));
  const known = copyFor(tables, of, userId);
  if (row === undefined || (row.state !== 'waiting' && row.state !== 'failed') || row.signOffId !== null)
    return 'changed';
  if ((row.userId ?? userId) !== userId || (known !== null && known.id !== deliveryId)) return 'changed';
  const rule = row.rule === 'none' ? (row.mappingVersionId === null ? 'automatic' : 'mapping') : row.rule;
  const isCreated = state === 'created';
  const adopted = transition(tables, row, {
    ...{
      state,
      reason,
      messageId,
      contentHash: null,
      userId,
      rule,
      shard: shardOf(userId),
      doubt: isCreated ? 1 : 2,
      doubtUserIds: null,
    },
    ...{ importedAt: isCreated ? null : tables.now(), lookups: 0, notBefore: tables.now(), sendingUntil: null },
  });
  const rows = [{ ...adopted, user_id: userId, fallback: rule === 'fallback' }];
  const importIds = countTransitions(tables, COLLECTOR, [...rows, ...settleSkipped(tables, rows)]);
  reopenClearing(tables, importIds);
  return 'adopted';
}

export function endDoubt(tables: Tables, delivery: DoubtedDelivery, reason: string | null): void {
  const row = tables.deliveries.find('id', key(delivery.archivedAt.getTime(), delivery.id));
  if (row?.doubt !== 1) return;
  tables.deliveries.update(row, { doubt: reason === 'missing_in_mailbox' ? 1 : 2, reason: reason ?? row.reason });
}

export function noteSurplusRemoval(
  tables: Tables,
  organizationId: string,
  delivery: DoubtedDelivery,
  removal: { readonly userId: string; readonly removed: string; readonly kept: string | null },
): void {
  tables.audit.insert({
    organizationId,
    at: tables.now(),
    action: 'message.surplus-removed',
    targetType: 'delivery',
    targetId: delivery.id,
    detail: removal,
  });
}
