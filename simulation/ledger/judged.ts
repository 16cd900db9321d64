/** Books that are judged beside imports: of days (`store/days.ts`), and of cancelled imports (`store/cancel.ts`). */
import { balances, copiesUnaccounted, countsOf, itemsUnaccounted } from '#lib/imports/counts.ts';
import type { DifferingDay, JudgedConnector } from '#lib/imports/store/days.ts';
import { raiseAlert, resolveWindowAlert } from './connectors.ts';
import { readCounters } from './counters.ts';
import type { WindowRow } from './rows.ts';
import type { Tables } from './tables.ts';

const CODE = 'day_does_not_balance';

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
    const known = [...tables.alerts].filter(
      (alert) =>
        alert.connectorId === connectorId &&
        of.some(({ id }) => id === alert.windowId) &&
        alert.code === CODE &&
        alert.resolvedAt === null,
    );
    const imports = of.flatMap(({ id }) => tables.imports.with('window', id));
    const counts = countsOf(imports.flatMap(({ id }) => readCounters(tables, id)));
    const detail = { day, items: itemsUnaccounted(counts), copies: copiesUnaccounted(counts) };
    const differs = detail.items !== 0 || detail.copies !== 0;
    const [moved] = differs && !known.some((alert) => alert.windowId === windowId) ? known : [];
    if (moved) tables.alerts.update(moved, { windowId });
    if (differs) {
      differing.push(detail);
      raiseAlert(tables, { organizationId, connectorId, importId: null, windowId, code: CODE, detail });
    }
    for (const alert of known)
      if (alert !== moved && (!differs || alert.windowId !== windowId))
        resolveWindowAlert(tables, connectorId, alert.windowId ?? '', CODE);
    changed ||= known.length > 0 !== differs || moved !== undefined;
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
