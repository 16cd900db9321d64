/** Conditions that began or are over since the last round. */
import type { Queryable } from '../db.ts';
import { causeOf, type Single } from './content.ts';
import { isOfAll } from './events.ts';
import { putIntoOutbox, supersedeBeginnings } from './outbox.ts';
import { type Round, toEach, type Watched } from './round.ts';
import { type Condition, codeOf, conditionsOf } from './rules.ts';
import { mayBeSilent, recentDays, type SilenceFacts, weeksBefore } from './silence.ts';
import * as conditions from './store/conditions.ts';
import { importedOn, openAlerts, withoutPhones } from './store/facts.ts';
import { keyOf as keyOfTarget, type Target, targetsOf } from './targets.ts';

type Current = Condition & { readonly connectorId: string };

/** Notes what began and what is over, and tells it. */
export async function tellConditions(round: Round, appCredentialEnds: Date | null): Promise<void> {
  const { client, organizationId, now } = round;
  // Nobody is told where nobody is named: what is open is told to whoever is named later.
  const heard = new Map([...round.watched].filter(([, { setting }]) => targetsOf(setting).length > 0));
  const told = await conditions.openConditions(client, organizationId);
  const current = await currentConditions(round, heard, told, appCredentialEnds);
  const [currentKeys, toldKeys] = [new Set(current.map(keyOf)), new Set(told.map(keyOf))];
  const fresh = current.filter((one) => !toldKeys.has(keyOf(one)));
  const over = told.filter((one) => !currentKeys.has(keyOf(one))).map(({ id }) => id);
  const began = fresh.length === 0 ? [] : await conditions.beginConditions(client, organizationId, fresh);
  const ended = over.length === 0 ? [] : await conditions.endConditions(client, organizationId, over, now);
  await tellBeginnings(round, heard, began);
  await tellEnds(round, heard, ended, current);
}

const keyOf = (one: { connectorId: string; event: string; subject: string }): string =>
  `${one.connectorId} ${one.event} ${one.subject}`;

async function currentConditions(
  { client, organizationId, now }: Round,
  heard: ReadonlyMap<string, Watched>,
  told: readonly conditions.ToldCondition[],
  appCredentialEnds: Date | null,
): Promise<Current[]> {
  const ids = [...heard.keys()];
  const alerts = await openAlerts(client, organizationId, ids);
  const silence = await silenceOf({ client, organizationId, now }, heard, told);
  return [...heard].flatMap(([connectorId, { setting, row }]) =>
    conditionsOf({
      row,
      alerts: alerts.get(connectorId) ?? [],
      waitingAbove: setting.waitingAbove,
      silence: silence(connectorId),
      appCredentialEnds,
      now,
    }).map((condition) => ({ ...condition, connectorId })),
  );
}

/** Weeks before are read of those alone of which nothing was imported lately: the others need no measure. */
async function silenceOf(
  { client, organizationId, now }: Pick<Round, 'client' | 'organizationId' | 'now'>,
  heard: ReadonlyMap<string, Watched>,
  told: readonly conditions.ToldCondition[],
): Promise<(connectorId: string) => SilenceFacts> {
  const days = recentDays(now);
  const recent = await importedOn(client, organizationId, [...heard.keys()], days);
  const toldDays = new Map(
    told.flatMap(({ connectorId, event, detail }) =>
      event === 'nothing_imported' ? [[connectorId, new Date(`${detail.day}T00:00:00Z`)] as const] : [],
    ),
  );
  const factsOf = (connectorId: string): SilenceFacts => ({
    days: recent.get(connectorId) ?? [],
    told: toldDays.get(connectorId) ?? null,
    hasNoPhones: false,
    isPaused: heard.get(connectorId)?.row.pausedAt !== null,
    now,
  });
  const quiet = [...heard.keys()].filter((connectorId) => mayBeSilent(factsOf(connectorId)));
  if (quiet.length === 0) return factsOf;
  const before = await importedOn(client, organizationId, quiet, weeksBefore(days));
  const retired = await withoutPhones(client, organizationId, quiet);
  return (connectorId) => {
    const facts = factsOf(connectorId);
    return {
      ...facts,
      days: [...facts.days, ...(before.get(connectorId) ?? [])],
      hasNoPhones: retired.has(connectorId),
    };
  };
}

async function tellBeginnings(
  { client, organizationId }: Round,
  heard: ReadonlyMap<string, Watched>,
  began: readonly conditions.ToldCondition[],
): Promise<void> {
  const toTell = began.flatMap((condition) => {
    const found = heard.get(condition.connectorId);
    return found === undefined ? [] : toEach(found.setting, contentOf(condition, found.row));
  });
  await putIntoOutbox(client, organizationId, toTell);
}

async function tellEnds(
  { client, organizationId, now }: Round,
  heard: ReadonlyMap<string, Watched>,
  ended: readonly conditions.ToldCondition[],
  current: readonly Current[],
): Promise<void> {
  if (ended.length === 0) return;
  const wasUnsent = await supersedeBeginnings(client, organizationId, ended);
  const toTell = ended.flatMap((condition) => {
    // One that is not watched any more was deleted, or nobody is named any more.
    const found = heard.get(condition.connectorId);
    if (found === undefined) return [];
    return targetsOf(found.setting).map((target) => ({
      target,
      content: {
        ...contentOf(condition, found.row),
        kind: 'ended' as const,
        endedAt: now.toISOString(),
        beginningSent: !wasUnsent(target, condition.id),
      },
    }));
  });
  const open = openOfAll(heard, current);
  // What is the organization's is over when the last connector is well again.
  await putIntoOutbox(client, organizationId, toTell, ({ target, content }) =>
    open.has(`${keyOfTarget(target)} ${causeOf(content)}`),
  );
}

/** What is the organization's and still open, by recipient. */
function openOfAll(heard: ReadonlyMap<string, Watched>, current: readonly Current[]): ReadonlySet<string> {
  return new Set(
    current
      .filter((condition) => isOfAll(codeOf(condition)))
      .flatMap((condition) => {
        const found = heard.get(condition.connectorId);
        if (found === undefined) return [];
        return targetsOf(found.setting).map(
          (target) => `${keyOfTarget(target)} ${condition.event} ${codeOf(condition)}`,
        );
      }),
  );
}

function contentOf(
  condition: conditions.ToldCondition,
  { id, name }: { readonly id: string; readonly name: string },
): Extract<Single, { kind: 'began' }> {
  const { event, detail, beganAt } = condition;
  return {
    kind: 'began',
    connector: { id, name },
    event,
    subject: codeOf(condition),
    detail,
    condition: condition.id,
    beganAt: beganAt.toISOString(),
  };
}

/** What is open already, for who is named from now on. In the transaction that names them. */
export async function tellOpenConditions(
  client: Queryable,
  organizationId: string,
  connector: { readonly id: string; readonly name: string },
  targets: readonly Target[],
): Promise<void> {
  const open = await conditions.openConditions(client, organizationId, connector.id);
  const toTell = open.flatMap((condition) =>
    targets.map((target) => ({ target, content: contentOf(condition, connector) })),
  );
  await putIntoOutbox(client, organizationId, toTell);
}
