/** Books that are judged beside imports: of days (`store/days.ts`), and of cancelled imports (`store/cancel.ts`). */
import { balances, copiesUnaccounted, countsOf, itemsUnaccounted } from '#lib/imports/counts.ts';
import type { DifferingDay, JudgedConnector } from '#lib/imports/store/days.ts';
import { isRunning, lastEnd, raiseAlert, resolveWindowAlert } from './connectors.ts';
import { readCounters } from './counters.ts';
import type { ImportRow, WindowRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

const CODE = 'day_does_not_balance';
const MANY_ATTEMPTS = 6;

export function judgeDays(tables: Tables, organizationId: string): JudgedConnector[] {
  return [...tables.connectors]
    .filter((row) => row.organizationId === organizationId && row.status === 'live')
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id }) => judgeConnector(tables, organizationId, id));
}

function judgeConnector(tables: Tables, organizationId: string, connectorId: string): JudgedConnector {
  const days = new Map<string, Readonly<WindowRow>[]>();
  const windows = [...tables.windows].filter((row) => row.connectorId === connectorId);
  for (const window of windows.sort((a, b) => Number(a.startsAt) - Number(b.startsAt))) {
    const day = window.startsAt.toISOString().slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), window]);
  }
  const differing: DifferingDay[] = [];
  let changed = false;
  for (const [day, of] of days) {
    const windowId = of[0]?.id ?? '';
    const known = [...tables.alerts].some(
      (alert) =>
        alert.connectorId === connectorId &&
        alert.windowId === windowId &&
        alert.code === CODE &&
        alert.resolvedAt === null,
    );
    const imports = of.flatMap(({ id }) => tables.imports.with('window', id));
    const counts = countsOf(imports.flatMap(({ id }) => readCounters(tables, id)));
    const detail = { day, items: itemsUnaccounted(counts), copies: copiesUnaccounted(counts) };
    const differs = detail.items !== 0 || detail.copies !== 0;
    if (differs) {
      differing.push(detail);
      raiseAlert(tables, { organizationId, connectorId, importId: null, windowId, code: CODE, detail });
    } else if (known) resolveWindowAlert(tables, connectorId, windowId, CODE);
    changed ||= known !== differs;
  }
  return { connectorId, differing, changed };
}

export function keepCancelledNumbers(tables: Tables, organizationId: string, importId: string): void {
  const row = tables.imports.find('id', importId);
  if (row?.organizationId !== organizationId || row.phase !== 'cancelled' || row.countsAtCompletion !== null) return;
  const counts = countsOf(readCounters(tables, importId));
  if (counts.copies.pending !== 0) return;
  tables.imports.update(row, { countsAtCompletion: counts });
  if (balances(counts)) return;
  const { connectorId, windowId } = row;
  raiseAlert(tables, { organizationId, connectorId, importId, windowId, code: 'does_not_balance' });
}

export function judgeLater(tables: Tables, organizationId: string, importId: string): void {
  const row = tables.imports.find('id', importId);
  if (row?.organizationId !== organizationId || row.phase !== 'completed') return;
  const { connectorId, windowId, number } = row;
  const later = tables.imports.with('window', windowId);
  if (later.some((one) => one.connectorId === connectorId && one.number > number)) return;
  const counts = countsOf(readCounters(tables, importId));
  if (counts.items.pending !== 0 || counts.copies.pending !== 0) return;
  const code = 'does_not_balance';
  if (balances(counts)) resolveWindowAlert(tables, connectorId, windowId, code);
  else raiseAlert(tables, { organizationId, connectorId, importId, windowId, code });
}

/** Imports and plans that do not come to an end: `store/watch.ts`. */
export function watchImports(tables: Tables): { organizationId: string; connectorId: string }[] {
  const changed: { organizationId: string; connectorId: string }[] = [];
  const ago = (days: number): Date => tables.inSeconds(-days * 24 * 60 * 60);
  const isOpen = ({ phase }: Readonly<ImportRow>): boolean => phase !== 'completed' && phase !== 'cancelled';
  const isOlder = (at: Date | null, days: number): boolean => at !== null && at <= ago(days);
  const about = {
    keeps_failing: (row: Readonly<ImportRow>) =>
      isOpen(row) && row.problem !== null && (row.attempts >= MANY_ATTEMPTS || isOlder(row.startedAt, 1)),
    overdue: (row: Readonly<ImportRow>) => isOpen(row) && row.problem === null && isOlder(row.startedAt, 2),
  } as const;
  for (const connector of tables.connectors) {
    const { id: connectorId, organizationId } = connector;
    const imports = tables.imports.with('connector', connectorId).toSorted((a, b) => a.number - b.number);
    for (const code of ['keeps_failing', 'overdue'] as const) {
      const of = imports.filter(about[code]);
      const known = [...tables.alerts].find(
        (alert) => alert.connectorId === connectorId && alert.code === code && alert.resolvedAt === null,
      );
      const [first] = of;
      if (known && !first) {
        tables.alerts.update(known, { resolvedAt: tables.now() });
        changed.push({ organizationId, connectorId });
      } else if (!known && first && isRunning(connector)) {
        const detail = { imports: of.length, ...(first.problem === null ? {} : { problem: first.problem }) };
        raiseAlert(tables, { organizationId, connectorId, importId: first.id, code, detail });
        changed.push({ organizationId, connectorId });
      }
    }
  }
  for (const connector of tables.connectors) {
    const { id: connectorId, organizationId } = connector;
    const isBehind = isOlder(lastEnd(tables, connectorId) ?? connector.finishedAt, 2);
    const known = tables.alerts.find('alert_one_open', key(connectorId, 'not_planned', 'none'));
    if (known && !isBehind) tables.alerts.update(known, { resolvedAt: tables.now() });
    else if (!known && isBehind && isRunning(connector))
      raiseAlert(tables, { organizationId, connectorId, importId: null, code: 'not_planned' });
    else continue;
    changed.push({ organizationId, connectorId });
  }
  return changed;
}
