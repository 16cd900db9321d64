/** Constraints and indexes of the tables that have many, as the migration names them. */
import { startOfUtcDay } from '#lib/imports/windows.ts';
import type { DeliveryRow, ImportRow, ItemRow, WindowRow } from './rows.ts';
import type { TableRules } from './table.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export const WINDOW_RULES: TableRules<WindowRow, 'id' | 'import_window_end' | 'import_window_first', 'connector'> = {
  checks: {
    import_window_length: ({ startsAt, endsAt }) =>
      startsAt < endsAt && endsAt.getTime() <= startsAt.getTime() + DAY_MS,
    import_window_one_day: ({ startsAt, endsAt }) =>
      startOfUtcDay(startsAt).getTime() === startOfUtcDay(new Date(endsAt.getTime() - 1)).getTime(),
    import_window_follows: ({ follows, startsAt }) => follows === null || follows.getTime() === startsAt.getTime(),
  },
  unique: {
    id: ({ id }) => id,
    import_window_end: ({ connectorId, endsAt }) => `${connectorId} ${endsAt.getTime()}`,
    import_window_first: ({ connectorId, follows }) => (follows === null ? connectorId : null),
  },
  indexes: { connector: ({ connectorId }) => connectorId },
};

export const IMPORT_RULES: TableRules<
  ImportRow,
  'id' | 'import_number' | 'import_one_collecting',
  'connector' | 'window' | 'phase' | 'content'
> = {
  unique: {
    id: ({ id }) => id,
    import_number: ({ connectorId, number }) => `${connectorId} ${number}`,
    import_one_collecting: ({ connectorId, phase }) => (phase === 'collecting' ? connectorId : null),
  },
  indexes: {
    connector: ({ connectorId }) => connectorId,
    window: ({ windowId }) => windowId,
    phase: ({ phase }) => phase,
    /** begun, and its staged content not looked through since */
    content: ({ organizationId, startedAt, stagingClearedAt }) =>
      startedAt !== null && stagingClearedAt === null ? organizationId : null,
  },
};

const OPEN: ReadonlySet<string> = new Set(['pending', 'sending', 'created']);
const DONE: ReadonlySet<string> = new Set(['created', 'imported', 'partially_imported']);
const MAY_BE_SIGNED_OFF: ReadonlySet<string> = new Set(['waiting', 'failed', 'partially_imported']);
const WITHOUT_MAILBOX: ReadonlySet<string> = new Set(['waiting', 'skipped']);

export const ITEM_RULES: TableRules<ItemRow, 'id', 'import' | 'source'> = {
  checks: { item_signed_off_stays: ({ signOffId, outcome }) => signOffId === null || outcome === 'unreadable' },
  unique: { id: ({ archivedAt, id }) => `${archivedAt.getTime()} ${id}` },
  indexes: { import: ({ importId }) => importId, source: ({ sourceId }) => sourceId },
};

const itemOf = ({ archivedAt, itemId }: DeliveryRow): string => `${archivedAt.getTime()} ${itemId}`;

export const DELIVERY_RULES: TableRules<
  DeliveryRow,
  'id' | 'delivery_once_a_participant' | 'delivery_once_a_mailbox',
  'item' | 'import' | 'open' | 'waiting' | 'twins' | 'doubted'
> = {
  checks: {
    delivery_has_mailbox: ({ state, userId }) => WITHOUT_MAILBOX.has(state) || userId !== null,
    delivery_sending_has_deadline: ({ state, sendingUntil }) => state !== 'sending' || sendingUntil !== null,
    delivery_signed_off_stays: ({ signOffId, state }) => signOffId === null || MAY_BE_SIGNED_OFF.has(state),
    delivery_done_has_message: ({ state, messageId }) => !DONE.has(state) || messageId !== null,
  },
  unique: {
    id: ({ archivedAt, id }) => `${archivedAt.getTime()} ${id}`,
    delivery_once_a_participant: (row) => `${itemOf(row)} ${row.participant}`,
    delivery_once_a_mailbox: (row) =>
      row.userId !== null && row.state !== 'skipped' ? `${itemOf(row)} ${row.userId}` : null,
  },
  indexes: {
    item: itemOf,
    import: ({ importId }) => importId,
    /** on its way, by the shard that delivers it */
    open: ({ state, organizationId, shard }) => (OPEN.has(state) ? `${organizationId} ${shard}` : null),
    waiting: ({ state, connectorId }) => (state === 'waiting' ? connectorId : null),
    twins: ({ twinItemId, userId }) => (twinItemId === null || userId === null ? null : `${twinItemId} ${userId}`),
    doubted: ({ doubt, organizationId }) => (doubt === 1 ? organizationId : null),
  },
};
