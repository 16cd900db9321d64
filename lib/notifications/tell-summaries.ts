/**
 * The daily summary: one mail to each recipient over all connectors that he is told of, at the earliest of their hours, and
 * a webhook for each connector at its own.
 */
import { type HeldLong, heldLong } from '../imports/held.ts';
import type { LastImport } from '../imports/last-import-answer.ts';
import { lastImportsOf } from '../imports/list.ts';
import type { Summary } from './letter-summary.ts';
import { putIntoOutbox, type ToTell } from './outbox.ts';
import type { Round, Watched } from './round.ts';
import { codeOf, nextSummaryAt } from './rules.ts';
import { claimSummaries } from './store/claims.ts';
import { openConditions, type ToldCondition } from './store/conditions.ts';
import { type Target, targetsOf } from './targets.ts';

export async function tellSummaries({ client, organizationId, now, watched }: Round): Promise<void> {
  const due = [...watched.values()]
    .filter(({ setting }) => setting.summaryDueAt <= now)
    .map(({ setting }) => ({ connectorId: setting.connectorId, nextAt: nextSummaryAt(setting.summaryHour, now) }));
  if (due.length === 0) return;
  const claimed = new Set(await claimSummaries(client, organizationId, due, now));
  const open = byConnector(await openConditions(client, organizationId));
  const lasts = await lastImportsOf(client, organizationId, [...watched.keys()]);
  const held = await heldLong(client, organizationId, [...watched.keys()], now);
  const summaries = new Map(
    [...watched].map(([id, { row }]) => {
      const facts = { last: lasts.get(id) ?? null, open: open.get(id) ?? [], held: held.get(id) ?? null };
      return [id, summaryOf(row, facts, now)] as const;
    }),
  );
  const toTell = [...recipients(watched).values()].flatMap(({ target, of }) => {
    const hour = Math.min(...of.map(({ setting }) => setting.summaryHour));
    const isNow = of.some(({ setting }) => setting.summaryHour === hour && claimed.has(setting.connectorId));
    if (!isNow) return [];
    return of.flatMap(({ setting }): ToTell[] => {
      const content = summaries.get(setting.connectorId);
      return content === undefined ? [] : [{ target, content }];
    });
  });
  await putIntoOutbox(client, organizationId, toTell);
}

interface Recipient {
  readonly target: Target;
  readonly of: Watched[];
}

/** Who gets summaries, and of which connectors. A webhook is its connector's own. */
function recipients(watched: Round['watched']): ReadonlyMap<string, Recipient> {
  const found = new Map<string, Recipient>();
  for (const one of watched.values()) {
    if (!one.setting.dailySummary) continue;
    for (const target of targetsOf(one.setting)) {
      const key = target.channel === 'email' ? target.target : one.setting.connectorId;
      const known = found.get(`${target.channel} ${key}`);
      if (known === undefined) found.set(`${target.channel} ${key}`, { target, of: [one] });
      else known.of.push(one);
    }
  }
  return found;
}

interface Facts {
  readonly last: LastImport | null;
  readonly open: readonly ToldCondition[];
  readonly held: HeldLong | null;
}

function summaryOf(row: Watched['row'], { last, open, held }: Facts, now: Date): Summary {
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
    held,
    open: open.map((one) => ({ event: one.event, subject: codeOf(one), beganAt: one.beganAt.toISOString() })),
  };
}

function byConnector(open: readonly ToldCondition[]): ReadonlyMap<string, ToldCondition[]> {
  const found = new Map<string, ToldCondition[]>();
  for (const one of open) found.set(one.connectorId, [...(found.get(one.connectorId) ?? []), one]);
  return found;
}
