/** Closing imports and their windows: `store/reconcile.ts`. */
import type { Manifest, TimeRange } from '#lib/archive/source.ts';
import { type Counts, countsOf } from '#lib/imports/counts.ts';
import type { ImportRun } from '#lib/imports/store/imports.ts';
import type { DueRecheck, Judgement, Reading } from '#lib/imports/store/reconcile.ts';
import { isRunning, raiseAlert, resolveWindowAlert } from './connectors.ts';
import { readCounters } from './counters.ts';
import { windowOf } from './imports.ts';
import type { WindowRow } from './rows.ts';
import type { Tables } from './tables.ts';

export function heldItems(tables: Tables, sourceId: string, window: TimeRange): number {
  return tables.items
    .with('source', sourceId)
    .filter(({ archivedAt }) => archivedAt >= window.from && archivedAt < window.to).length;
}

export function completeImport(
  tables: Tables,
  run: ImportRun,
  connectorId: string,
  manifest: Manifest,
  judge: (counts: Counts, differed: number) => Judgement,
): { readonly counts: Counts; readonly judgement: Judgement } | null {
  const row = tables.imports.find('id', run.id);
  if (row?.phase !== 'delivering' && row?.phase !== 'reconciling') return null;
  const counts = countsOf(readCounters(tables, run.id));
  if (counts.copies.pending !== 0) return null;
  const judgement = judge(counts, windowOf(tables, row).differs);
  tables.imports.update(row, {
    phase: 'completed',
    completedAt: tables.now(),
    balanced: judgement.balanced,
    manifestCount: manifest.count,
    countsAtCompletion: counts,
    problem: null,
  });
  for (const { code, wrong, detail = {} } of judgement.findings) {
    const { organizationId, windowId } = run;
    if (wrong) raiseAlert(tables, { organizationId, connectorId, importId: run.id, windowId, code, detail });
    else resolveWindowAlert(tables, connectorId, windowId, code);
  }
  writeReading(tables, run.windowId, manifest, judgement);
  return { counts, judgement };
}

export function writeReading(tables: Tables, windowId: string, manifest: Manifest, reading: Reading): void {
  const row = tables.windows.find('id', windowId);
  if (row === undefined) return;
  const wrong = [...tables.alerts].some(
    (alert) => alert.windowId === windowId && alert.code === 'does_not_balance' && alert.resolvedAt === null,
  );
  const balanced = reading.balanced && !wrong;
  tables.windows.update(row, {
    manifestCount: manifest.count,
    manifestBytes: manifest.attachmentBytes,
    manifestReadAt: tables.now(),
    state: balanced ? 'closed' : 'open',
    closedAt: balanced ? (row.closedAt ?? tables.now()) : null,
    recheckDueAt: reading.recheckInSeconds === null ? null : tables.inSeconds(reading.recheckInSeconds),
    rechecks: reading.rechecks,
    differs: reading.differs,
  });
}

function isDue(tables: Tables, row: Readonly<WindowRow>): boolean {
  if (row.recheckDueAt === null || row.recheckDueAt > tables.now()) return false;
  const connector = tables.connectors.find('id', row.connectorId);
  return connector !== undefined && isRunning(connector);
}

export function dueRechecks(tables: Tables, limit: number): { organizationId: string; windowId: string }[] {
  return [...tables.windows]
    .filter((row) => isDue(tables, row))
    .sort((a, b) => Number(a.recheckDueAt) - Number(b.recheckDueAt))
    .slice(0, limit)
    .map(({ organizationId, id }) => ({ organizationId, windowId: id }));
}

export function claimRecheck(tables: Tables, organizationId: string, windowId: string): DueRecheck | null {
  const row = tables.windows.find('id', windowId);
  if (row?.organizationId !== organizationId || !isDue(tables, row)) return null;
  tables.windows.update(row, { recheckDueAt: tables.inSeconds(3600) });
  const { connectorId, startsAt, endsAt, rechecks, differs } = row;
  return { connectorId, window: { from: startsAt, to: endsAt }, rechecks, differs };
}
