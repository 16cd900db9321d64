/**
 * A round over an organization's connectors: what is so now is held against what was told, and the difference goes into
 * the outbox in the transaction that notes it as told. So an open condition is told once, and its end once.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { rowsOfOrganization } from '../connectors/overview.ts';
import type { ConnectorRow } from '../connectors/snapshot.ts';
import { inTransaction, type Queryable } from '../db.ts';
import type { LastImport } from '../imports/last-import-answer.ts';
import { lastImportsOf } from '../imports/list.ts';
import type { NoticeContent } from './content.ts';
import { codeOf, conditionsOf, daysToLookAt, nextSummaryAt } from './rules.ts';
import * as store from './store.ts';

export interface SweepDeps {
  readonly pool: pg.Pool;
  readonly now: () => Date;
  /** when the app's certificate or secret ends; null: not known */
  readonly appCredentialEnds: () => Date | null;
}

/** Runs a round. Does nothing where another worker runs one. */
export async function sweepNotifications(deps: SweepDeps, organizationId: string): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    if (!(await store.takeTurn(client, organizationId))) return;
    const now = deps.now();
    const settings = await store.settingsOf(client, organizationId);
    const ids = settings.map(({ connectorId }) => connectorId);
    const rows = new Map((await rowsOfOrganization(client, organizationId, ids, now)).map((row) => [row.id, row]));
    const watched = settings.flatMap((setting) => {
      const row = rows.get(setting.connectorId);
      return row === undefined ? [] : [{ setting, row }];
    });
    const round: Round = { client, organizationId, now, watched };
    const notices = [
      ...(await tellConditions(round, deps.appCredentialEnds())),
      ...(await tellMappings(round)),
      ...(await tellSummaries(round)),
      ...(await askHeartbeats(round)),
    ];
    await store.addNotices(client, organizationId, notices);
    await store.forgetOld(client, organizationId);
  });
}

interface Watched {
  readonly setting: store.SettingRow;
  readonly row: ConnectorRow;
}

interface Round {
  readonly client: Queryable;
  readonly organizationId: string;
  readonly now: Date;
  readonly watched: readonly Watched[];
}

async function tellConditions(round: Round, appCredentialEnds: Date | null): Promise<store.NewNotice[]> {
  const { client, organizationId, now } = round;
  // Nobody is told where nobody is named: what is open is told to whoever is named later.
  const heard = round.watched.filter(({ setting }) => targetsOf(setting).length > 0);
  const ids = heard.map(({ row }) => row.id);
  const told = await store.openConditions(client, organizationId);
  const alerts = await store.openAlerts(client, organizationId, ids);
  const days = await store.importedOn(client, organizationId, ids, daysToLookAt(now));
  const current = heard.flatMap(({ setting, row }) =>
    conditionsOf({
      row,
      alerts: alerts.get(row.id) ?? [],
      waitingAbove: setting.waitingAbove,
      days: days.get(row.id) ?? [],
      isSilent: told.some((one) => one.connectorId === row.id && one.event === 'nothing_imported'),
      appCredentialEnds,
      now,
    }).map((condition) => ({ ...condition, connectorId: row.id })),
  );
  const keyOf = (one: { connectorId: string; event: string; subject: string }): string =>
    `${one.connectorId} ${one.event} ${one.subject}`;
  const [currentKeys, toldKeys] = [new Set(current.map(keyOf)), new Set(told.map(keyOf))];
  const fresh = current.filter((one) => !toldKeys.has(keyOf(one)));
  const over = told.filter((one) => !currentKeys.has(keyOf(one))).map(({ id }) => id);
  const began = fresh.length === 0 ? [] : await store.beginConditions(client, organizationId, fresh);
  const ended = over.length === 0 ? [] : await store.endConditions(client, organizationId, over, now);
  return [
    ...conditionNotices(heard, began, (condition) => ({ kind: 'began', ...condition })),
    ...conditionNotices(heard, ended, (condition) => ({ kind: 'ended', ...condition, endedAt: now.toISOString() })),
  ];
}

type ConditionContent = Omit<Extract<NoticeContent, { kind: 'began' }>, 'kind'>;

function conditionNotices(
  heard: readonly Watched[],
  conditions: readonly store.ToldCondition[],
  contentOf: (condition: ConditionContent) => NoticeContent,
): store.NewNotice[] {
  const mailed = new Set<string>();
  return conditions.flatMap((condition) => {
    // One that is not watched any more was deleted, or nobody is named any more.
    const found = heard.find(({ row }) => row.id === condition.connectorId);
    if (found === undefined) return [];
    const { row, setting } = found;
    const content = contentOf({ ...conditionContent(condition), connector: { id: row.id, name: row.name } });
    // The app's own certificate is a matter of all connectors: one mail to each address, not one for each of them.
    const forAll = condition.event === 'app_credential_ending';
    return noticesFor(setting, content).filter(({ channel, target }) => {
      if (!forAll || channel !== 'email') return true;
      const isFirst = !mailed.has(target);
      mailed.add(target);
      return isFirst;
    });
  });
}

function conditionContent(condition: store.ToldCondition) {
  const { id, event, detail, beganAt } = condition;
  return { event, subject: codeOf(condition), detail, condition: id, beganAt: beganAt.toISOString() };
}

/** What is open already, for who is named from now on. In the transaction that names them. */
export async function tellOpenConditions(
  client: Queryable,
  organizationId: string,
  connector: { readonly id: string; readonly name: string },
  targets: readonly Target[],
): Promise<void> {
  const open = await store.openConditions(client, organizationId);
  const contents = open
    .filter(({ connectorId }) => connectorId === connector.id)
    .map((condition): NoticeContent => ({ kind: 'began', ...conditionContent(condition), connector }));
  const notices = contents.flatMap((content) => targets.map((target) => noticeFor(connector.id, target, content)));
  await store.addNotices(client, organizationId, notices);
}

async function tellMappings({ client, organizationId, watched }: Round): Promise<store.NewNotice[]> {
  const applied = await store.claimMappings(client, organizationId);
  return applied.flatMap(({ connectorId, version, rows, at }) =>
    watched
      .filter(({ row }) => row.id === connectorId)
      .flatMap(({ setting, row }) => {
        const connector = { id: row.id, name: row.name };
        return noticesFor(setting, { kind: 'mapping_changed', connector, version, rows, at: at.toISOString() });
      }),
  );
}

async function tellSummaries({ client, organizationId, now, watched }: Round): Promise<store.NewNotice[]> {
  const due = watched
    .filter(({ setting }) => setting.summaryDueAt <= now)
    .map(({ setting }) => ({ connectorId: setting.connectorId, nextAt: nextSummaryAt(setting.summaryHour, now) }));
  if (due.length === 0) return [];
  const claimed = new Set(await store.claimSummaries(client, organizationId, due, now));
  const open = await store.openConditions(client, organizationId);
  const lasts = await lastImportsOf(client, organizationId, [...claimed]);
  return watched
    .filter(({ setting }) => setting.dailySummary && claimed.has(setting.connectorId))
    .flatMap(({ setting, row }) => noticesFor(setting, summaryOf(row, lasts.get(row.id) ?? null, open, now)));
}

function summaryOf(
  row: ConnectorRow,
  last: LastImport | null,
  open: readonly store.ToldCondition[],
  now: Date,
): NoticeContent {
  const { health, balancedUpTo, pausedAt, toDo } = row;
  return {
    kind: 'summary',
    connector: { id: row.id, name: row.name },
    at: now.toISOString(),
    health,
    balancedUpTo,
    pausedAt,
    last:
      last === null
        ? null
        : {
            number: last.number,
            listed: last.counts.items.listed,
            imported: last.counts.items.imported,
            repeat: last.counts.items.repeat,
          },
    toDo,
    open: open
      .filter(({ connectorId }) => connectorId === row.id)
      .map((one) => ({ event: one.event, subject: codeOf(one), beganAt: one.beganAt.toISOString() })),
  };
}

/** A heartbeat follows each import that is complete while nothing is wrong: who hears none knows that something is. */
async function askHeartbeats({ client, organizationId, watched }: Round): Promise<store.NewNotice[]> {
  const complete = watched.flatMap(({ setting, row }) => {
    const { lastNumber, stoppedReason, alerts } = row;
    if (setting.heartbeatHost === null || lastNumber === null || stoppedReason !== null || alerts.length > 0) return [];
    return lastNumber > setting.heartbeatNumber ? [{ connectorId: row.id, number: lastNumber }] : [];
  });
  if (complete.length === 0) return [];
  const claimed = new Set(await store.claimHeartbeats(client, organizationId, complete));
  return watched.flatMap(({ setting: { heartbeatHost }, row: { id, name, lastNumber } }) =>
    heartbeatHost === null || lastNumber === null || !claimed.has(id)
      ? []
      : [
          noticeFor(
            id,
            { channel: 'heartbeat', target: heartbeatHost },
            { kind: 'heartbeat', connector: { id, name }, import: lastNumber },
          ),
        ],
  );
}

export interface Target {
  readonly channel: store.Channel;
  /** an address, or a host */
  readonly target: string;
}

/** Who is told of a connector. */
export function targetsOf({ addresses, webhookHost }: Pick<store.SettingRow, 'addresses' | 'webhookHost'>): Target[] {
  return [
    ...addresses.map((target): Target => ({ channel: 'email', target })),
    ...(webhookHost === null ? [] : [{ channel: 'webhook', target: webhookHost } as const]),
  ];
}

function noticesFor(setting: store.SettingRow, content: NoticeContent): store.NewNotice[] {
  return targetsOf(setting).map((target) => noticeFor(setting.connectorId, target, content));
}

function noticeFor(connectorId: string, target: Target, content: NoticeContent): store.NewNotice {
  return { id: randomUUID(), connectorId, ...target, content };
}
