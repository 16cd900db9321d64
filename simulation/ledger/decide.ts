/** Copies that another mapping version gives to other mailboxes: `store/decide.ts`; the fallback mailbox: `store/fallback.ts`. */
import { FALLBACK, fallbackChoice } from '#lib/imports/fallback.ts';
import { mayDeliver } from '#lib/imports/reasons.ts';
import { UNASSIGNED } from '#lib/imports/shards.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import { COLLECTOR, CounterChanges } from '#lib/imports/store/counters.ts';
import {
  type DecidedAgain,
  isChanged,
  type Reading,
  type UndecidedCopy,
  type UndecidedImport,
} from '#lib/imports/store/decide.ts';
import type { Chosen, Decision, WaitingCopy, WaitingPlace } from '#lib/imports/store/waiting.ts';
import { startOfUtcDay } from '#lib/imports/windows.ts';
import { isDecided, isInForce } from './connectors.ts';
import { readCounters, writeCounters } from './counters.ts';
import { isOurs } from './leases.ts';
import type { DeliveryRow } from './rows.ts';
import { countTransitions } from './settle.ts';
import { key, type Tables } from './tables.ts';
import { settleSkipped, transition } from './twins.ts';
import { giveMailboxesTo, waitingOf } from './waiting.ts';

type Whose = Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>;

export function undecidedConnectors(tables: Tables): { organizationId: string; connectorId: string }[] {
  return [...tables.connectors]
    .filter((row) => row.status === 'live' && mayDeliver(row.stoppedReason) && !isDecided(tables, row))
    .map(({ organizationId, id }) => ({ organizationId, connectorId: id }));
}

export function undecidedVersion(tables: Tables, { organizationId, id }: Whose) {
  const version = tables.mappingVersions.find('mapping_version_one_in_force', id);
  const versionId = version?.organizationId === organizationId ? version.id : null;
  const row = tables.connectors.find('id', id);
  const decided = row?.organizationId === organizationId ? row.decidedVersionId : null;
  return { versionId, decided: decided === versionId };
}

export function isOnItsWay(tables: Tables, { organizationId, sourceId }: Whose): boolean {
  return [...tables.deliveries].some(
    (row) =>
      row.organizationId === organizationId &&
      row.sourceId === sourceId &&
      row.state === 'sending' &&
      row.doubt !== 1 &&
      ((row.sendingUntil !== null && row.sendingUntil > tables.now()) ||
        isOurs(tables, { organizationId, shard: row.shard, epoch: String(row.epoch) })),
  );
}

export function undecidedImports(tables: Tables, { organizationId, sourceId }: Whose): UndecidedImport[] {
  return [...tables.imports]
    .filter((row) => row.organizationId === organizationId && row.sourceId === sourceId)
    .filter(({ id }) => {
      const pending = readCounters(tables, id).filter(({ outcome }) => outcome === 'copies.pending');
      return pending.reduce((sum, { count }) => sum + Number(count), 0) > 0;
    })
    .flatMap((row) => {
      const window = tables.windows.find('id', row.windowId);
      return window
        ? [
            {
              number: row.number,
              importId: row.id,
              from: startOfUtcDay(window.startsAt),
              at: window.startsAt,
              to: window.endsAt,
            },
          ]
        : [];
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime() || a.number - b.number)
    .map(({ importId, from, to }) => ({ importId, from, to }));
}

const byPlace = (a: Readonly<DeliveryRow>, b: Readonly<DeliveryRow>): number =>
  a.archivedAt.getTime() - b.archivedAt.getTime() || Number(a.id) - Number(b.id);

export function undecidedCopies(
  tables: Tables,
  { importId, from, to }: UndecidedImport,
  after: WaitingPlace,
  limit: number,
): UndecidedCopy[] {
  const start = after.archivedAt.getTime();
  const pending = tables.deliveries
    .with('import', importId)
    .filter(({ archivedAt }) => archivedAt >= from && archivedAt < to)
    .filter(({ archivedAt, id }) =>
      archivedAt.getTime() === start ? Number(id) > Number(after.id) : archivedAt.getTime() > start,
    )
    .filter(({ state, doubt, rule }) => state === 'pending' && doubt !== 1 && rule !== 'fallback')
    .sort(byPlace)
    .slice(0, limit);
  const skipped = new Map<string, Readonly<DeliveryRow>>();
  const add = (row: Readonly<DeliveryRow>): void => {
    if (row.state === 'skipped' && row.rule !== 'fallback') skipped.set(row.id, row);
  };
  const ofItem = ({ archivedAt, itemId, userId }: Readonly<DeliveryRow>): void => {
    for (const row of tables.deliveries.with('item', key(archivedAt.getTime(), itemId)))
      if (row.userId === userId) add(row);
  };
  for (const row of pending) {
    ofItem(row);
    for (const twin of tables.deliveries.with('twins', key(row.itemId, row.userId ?? '')))
      if (twin.state === 'skipped') ofItem(twin);
  }
  const undecided = (row: Readonly<DeliveryRow>): UndecidedCopy => ({
    ...waitingOf(tables, row),
    user_id: row.userId ?? '',
    skipped: row.state === 'skipped',
  });
  return [...pending, ...[...skipped.values()].sort(byPlace)].map(undecided);
}

export function moveCopies(
  tables: Tables,
  { connector, versionId }: Decision,
  decided: readonly DecidedAgain[],
): number {
  if (!isInForce(tables, connector.organizationId, connector.id, versionId)) return 0;
  const rows = decided.filter(isChanged).flatMap(({ row: { archived_at, id, user_id }, choice }) => {
    const row = tables.deliveries.find('id', key(archived_at.getTime(), id));
    if (row === undefined || row.userId !== user_id) return [];
    if (row.state !== 'skipped' && (row.state !== 'pending' || row.doubt === 1)) return [];
    const moved = transition(tables, row, {
      state: 'waiting',
      reason: choice.kind === 'waiting' ? choice.reason : 'not_mapped',
      rule: 'none',
      userId: null,
      mappingVersionId: null,
      mappingRow: null,
      twinItemId: null,
      twinArchivedAt: null,
    });
    return [{ ...moved, user_id }];
  });
  const further = settleSkipped(
    tables,
    rows.filter(({ before }) => before === 'pending'),
  );
  countTransitions(tables, COLLECTOR, [...rows, ...further]);
  giveMailboxesTo(tables, connector, decided.filter(hasMailbox));
  return rows.length;
}

const hasMailbox = (one: DecidedAgain): one is DecidedAgain & Chosen => one.choice.kind === 'mailbox';

export function noteChoices(
  tables: Tables,
  { connector, versionId }: Decision,
  decided: readonly DecidedAgain[],
): void {
  if (!isInForce(tables, connector.organizationId, connector.id, versionId)) return;
  for (const { row: place, choice } of decided.filter(hasMailbox)) {
    const row = tables.deliveries.find('id', key(place.archived_at.getTime(), place.id));
    if (row === undefined || row.userId !== place.user_id || choice.userId !== place.user_id) continue;
    if (row.state !== 'skipped' && (row.state !== 'pending' || row.doubt === 1)) continue;
    const mapped = choice.candidate.rule === 'mapping' ? choice.candidate : null;
    tables.deliveries.update(row, {
      rule: choice.candidate.rule,
      mappingVersionId: mapped?.versionId ?? null,
      mappingRow: mapped?.row ?? null,
    });
  }
}

export function noteReadings(tables: Tables, { connector, versionId }: Decision, readings: readonly Reading[]): void {
  if (!isInForce(tables, connector.organizationId, connector.id, versionId)) return;
  for (const { row: place, region, number } of readings) {
    const row = tables.deliveries.find('id', key(place.archived_at.getTime(), place.id));
    if (row === undefined || row.doubt === 1 || !row.regionAssumed) continue;
    if (row.state === 'waiting' || row.state === 'pending' || row.state === 'skipped')
      tables.deliveries.update(row, { region, number });
  }
}

export function noteDecided(tables: Tables, { organizationId, id }: Whose, versionId: string | null): void {
  const row = tables.connectors.find('id', id);
  if (row?.organizationId === organizationId) tables.connectors.update(row, { decidedVersionId: versionId });
}

export function addFallbackCopies(
  tables: Tables,
  connector: RunningConnector,
  waiting: readonly WaitingCopy[],
): number {
  const choice = fallbackChoice(connector);
  if (choice === null) return 0;
  const changes = new CounterChanges();
  const chosen: Chosen[] = [];
  for (const { archived_at, item_id } of new Map(waiting.map((row) => [row.item_id, row])).values()) {
    const copies = tables.deliveries.with('item', key(archived_at.getTime(), item_id));
    const [alike] = copies.filter(({ signOffId }) => signOffId === null).sort((a, b) => Number(a.id) - Number(b.id));
    if (alike === undefined || copies.some(({ state, participant }) => state !== 'waiting' || participant === FALLBACK))
      continue;
    const row = tables.deliveries.insert({
      ...alike,
      ...{ id: tables.next('delivery_id_seq'), participant: FALLBACK, written: FALLBACK, number: null, email: null },
      ...{ rule: 'none', mappingVersionId: null, mappingRow: null, userId: null, mailboxAddress: null },
      ...{ shard: UNASSIGNED, state: 'waiting', reason: null, attempts: 0, notBefore: tables.now(), epoch: 0 },
      ...{
        sendingUntil: null,
        lookups: 0,
        doubt: 0,
        doubtUserIds: null,
        messageId: null,
        contentHash: null,
        importedAt: null,
      },
      ...{ twinItemId: null, twinArchivedAt: null },
    });
    changes.add(row.importId, 'copies.waiting', 1);
    chosen.push({ row: waitingOf(tables, row), choice });
  }
  writeCounters(tables, changes, COLLECTOR);
  return giveMailboxesTo(tables, connector, chosen);
}
