/**
 * Which conditions a connector is in that people are told of. Pure: alerts, stops and counts are the truth, and come from
 * the row that the Connectors tab shows.
 */
import type { ConnectorRow } from '../connectors/snapshot.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { startOfUtcDay } from '../imports/windows.ts';
import { eventOf, type NotificationEvent } from './events.ts';
import { type SilenceFacts, silentDayOf } from './silence.ts';

const DAY_MS = 86_400_000;
/** So long before its end it is told that the app's certificate or secret ends. */
const CREDENTIAL_NOTICE_MS = 30 * DAY_MS;

export interface Condition {
  readonly event: NotificationEvent;
  /** what tells two conditions of one event apart: the reason's code, and of alerts the day on which they were raised */
  readonly subject: string;
  readonly since: Date;
  /** counts, codes and days: nothing that says who wrote what */
  readonly detail: Readonly<Record<string, number | string>>;
}

/** Alerts of a code that were raised on one UTC day and are open: what is wrong with another day is told again. */
export interface OpenAlerts {
  readonly code: string;
  /** YYYY-MM-DD */
  readonly day: string;
  /** when the first of them was raised */
  readonly since: Date;
  /** the reason's code of what keeps failing, where the alert names one */
  readonly problem: string | null;
}

/** The source is silent: told as one cause of all connectors, and as one condition however many days it lasts. */
const SOURCE_SILENT: ReasonCode = 'source_silent';

function isOfSilence({ code, problem }: OpenAlerts): boolean {
  return code === 'not_planned' || (code === 'keeps_failing' && problem === 'source_unreachable');
}

/** The reason's code of a condition. */
export function codeOf({ subject }: Pick<Condition, 'subject'>): string {
  return subject.split(' ')[0] ?? subject;
}

export interface ConditionFacts {
  readonly row: Pick<ConnectorRow, 'stoppedReason' | 'stoppedAt' | 'toDo'>;
  readonly alerts: readonly OpenAlerts[];
  readonly waitingAbove: number;
  readonly silence: SilenceFacts;
  /** null: not known */
  readonly appCredentialEnds: Date | null;
  readonly now: Date;
}

/** Every condition of a connector, each once. */
export function conditionsOf(facts: ConditionFacts): Condition[] {
  const { row, alerts, waitingAbove, now, appCredentialEnds } = facts;
  const found: Condition[] = [];
  const { stoppedReason, stoppedAt } = row;
  if (stoppedReason !== null) {
    const since = stoppedAt === null ? now : new Date(stoppedAt);
    found.push({ event: eventOf(stoppedReason), subject: stoppedReason, detail: {}, since });
  }
  const silence = alerts.filter(isOfSilence).map(({ since }) => since.getTime());
  if (silence.length > 0) {
    const since = new Date(Math.min(...silence));
    found.push({ event: 'import_failed', subject: SOURCE_SILENT, detail: {}, since });
  }
  for (const alert of alerts) {
    const { code, day, since } = alert;
    // Of a stop its alert says nothing more.
    if (code !== stoppedReason && !isOfSilence(alert))
      found.push({ event: eventOf(code), subject: `${code} ${day}`, detail: {}, since });
  }
  if (row.toDo.waiting > waitingAbove) {
    const detail = { waiting: row.toDo.waiting, above: waitingAbove };
    found.push({ event: 'waiting_above', subject: 'waiting', detail, since: now });
  }
  const silentDay = silentDayOf(facts.silence);
  if (silentDay !== null) {
    const detail = { day: silentDay.toISOString().slice(0, 10) };
    found.push({ event: 'nothing_imported', subject: 'day', detail, since: now });
  }
  if (appCredentialEnds !== null && appCredentialEnds.getTime() - now.getTime() <= CREDENTIAL_NOTICE_MS) {
    const detail = { ends: appCredentialEnds.toISOString() };
    found.push({ event: 'app_credential_ending', subject: 'app', detail, since: now });
  }
  return found;
}

/** The next time that a clock shows the hour, in UTC. @param hour 0 to 23 */
export function nextSummaryAt(hour: number, now: Date): Date {
  const today = startOfUtcDay(now).getTime() + hour * 3_600_000;
  return new Date(today > now.getTime() ? today : today + DAY_MS);
}

/** Minutes to wait after so many attempts: 1, 2, 4, and at most 60. */
export function backoffMinutes(attempts: number): number {
  return Math.min(60, 2 ** Math.min(attempts - 1, 6));
}
