/** Windows and imports: `store/imports.ts`, `store/collecting.ts`. */
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { ImportRun, ImportTrigger } from '#lib/imports/store/imports.ts';
import { missingWindows } from '#lib/imports/windows.ts';
import { isRunning, lastEnd, liveRow, raiseAlert, runningSources } from './connectors.ts';
import { counted } from './counters.ts';
import type { ImportRow, WindowRow } from './rows.ts';
import type { Tables } from './tables.ts';

/** The window of an import. */
export function windowOf(tables: Tables, { windowId }: { readonly windowId: string }): Readonly<WindowRow> {
  const window = tables.windows.find('id', windowId);
  if (window === undefined) throw new RangeError(`there is no window ${windowId}`);
  return window;
}

export const isOver = ({ phase }: Readonly<ImportRow>): boolean => phase === 'completed' || phase === 'cancelled';

function runOf(tables: Tables, row: Readonly<ImportRow>): ImportRun {
  const { startsAt, endsAt } = windowOf(tables, row);
  return {
    id: row.id,
    organizationId: row.organizationId,
    connectorId: row.connectorId,
    sourceId: row.sourceId,
    windowId: row.windowId,
    number: row.number,
    trigger: row.trigger,
    phase: row.phase,
    window: { from: startsAt, to: endsAt },
    cursor: row.cursor,
    cursorOpenedAt: row.cursorOpenedAt,
    pages: row.pages,
    pageLimit: row.pageLimit,
    collectEpoch: String(row.collectEpoch),
    attempts: row.attempts,
  };
}

export function openWindows(
  tables: Tables,
  connector: RunningConnector,
  input: {
    readonly through: Date;
    readonly earliestRetained: Date;
    readonly trigger: ImportTrigger;
    readonly by: string | null;
  },
): string[] {
  const row = liveRow(tables, connector.organizationId, connector.id);
  if (row === undefined) return [];
  let follows = lastEnd(tables, connector.id);
  const windows = missingWindows({
    plannedThrough: follows,
    firstFrom: connector.firstImportFrom,
    earliestRetained: input.earliestRetained,
    through: input.through,
  });
  let number = row.nextImportNumber;
  const opened: string[] = [];
  let firstLost: string | null = null;
  for (const { from, to, lost } of windows) {
    const id = tables.next('import_window');
    tables.insertWindow({
      id,
      organizationId: connector.organizationId,
      connectorId: connector.id,
      startsAt: from,
      endsAt: to,
      follows,
      state: lost ? 'lost' : 'open',
      manifestCount: null,
      manifestBytes: null,
      manifestReadAt: null,
      recheckDueAt: null,
      rechecks: 0,
      differs: 0,
      closedAt: null,
    });
    follows = to;
    if (lost) {
      firstLost ??= id;
      continue;
    }
    opened.push(insertImport(tables, connector, { windowId: id, number, trigger: input.trigger, by: input.by }));
    number++;
  }
  const lost = windows.filter((window) => window.lost);
  if (firstLost !== null && lost[0]) {
    const { id: connectorId, organizationId } = connector;
    const detail = { from: lost[0].from.toISOString(), to: (lost.at(-1) ?? lost[0]).to.toISOString() };
    const alert = { organizationId, connectorId, importId: null, windowId: firstLost, code: 'lost_at_source' } as const;
    raiseAlert(tables, { ...alert, detail });
  }
  tables.connectors.update(row, { nextImportNumber: number });
  return opened;
}

export function reopenWindow(
  tables: Tables,
  connector: RunningConnector,
  windowId: string,
  trigger: 'repeat' | 'recheck',
  by: string | null,
): string | null {
  const row = liveRow(tables, connector.organizationId, connector.id);
  const underWay = tables.imports.with('window', windowId).some((run) => !isOver(run));
  if (row === undefined || underWay) return null;
  const window = tables.windows.find('id', windowId);
  if (window?.organizationId !== connector.organizationId || window.connectorId !== connector.id) return null;
  const number = row.nextImportNumber;
  tables.connectors.update(row, { nextImportNumber: number + 1 });
  tables.windows.update(window, { state: 'open', recheckDueAt: null });
  return insertImport(tables, connector, { windowId, number, trigger, by });
}

function insertImport(
  tables: Tables,
  connector: RunningConnector,
  run: {
    readonly windowId: string;
    readonly number: number;
    readonly trigger: ImportTrigger;
    readonly by: string | null;
  },
): string {
  tables.mustExist('import_window', run.windowId);
  const id = tables.nextUuid('import');
  tables.imports.insert({
    id,
    organizationId: connector.organizationId,
    connectorId: connector.id,
    sourceId: connector.sourceId,
    windowId: run.windowId,
    number: run.number,
    trigger: run.trigger,
    phase: 'queued',
    cursor: null,
    cursorOpenedAt: null,
    pages: 0,
    relisted: 0,
    pageLimit: null,
    collectEpoch: 0,
    collectOwner: null,
    collectExpiresAt: null,
    attempts: 0,
    nextAttemptAt: tables.now(),
    problem: null,
    manifestCount: null,
    balanced: null,
    countsAtCompletion: null,
    createdBy: run.by,
    startedAt: null,
    collectedAt: null,
    completedAt: null,
    stagingClearedAt: null,
    unsettledSince: null,
  });
  return id;
}

export function findImport(tables: Tables, organizationId: string, importId: string): ImportRun | null {
  const row = tables.imports.find('id', importId);
  return row?.organizationId === organizationId ? runOf(tables, row) : null;
}

export function claimCollect(
  tables: Tables,
  organizationId: string,
  connectorId: string,
  owner: string,
  leaseSeconds: number,
): ImportRun | null {
  const rows = tables.imports.with('connector', connectorId);
  const busy = rows.some(({ phase }) => phase === 'collecting');
  const due = rows.filter((row) => row.organizationId === organizationId && isDue(tables, row, busy));
  const startOf = (row: Readonly<ImportRow>): number => windowOf(tables, row).startsAt.getTime();
  const [next] = due.sort(
    (a, b) => Number(b.phase === 'collecting') - Number(a.phase === 'collecting') || startOf(a) - startOf(b),
  );
  if (next === undefined) return null;
  tables.imports.update(next, {
    phase: 'collecting',
    collectEpoch: next.collectEpoch + 1,
    collectOwner: owner,
    collectExpiresAt: tables.inSeconds(leaseSeconds),
    startedAt: next.startedAt ?? tables.now(),
  });
  return runOf(tables, next);
}

/** @param busy another import of the connector is being collected */
function isDue(tables: Tables, row: Readonly<ImportRow>, busy: boolean): boolean {
  if (row.phase === 'collecting') return row.collectExpiresAt !== null && row.collectExpiresAt <= tables.now();
  return row.phase === 'queued' && row.nextAttemptAt <= tables.now() && !busy;
}

/** The row that a collector has, whether its lease has run out or not. */
export function collecting(tables: Tables, run: ImportRun): Readonly<ImportRow> | undefined {
  const row = tables.imports.find('id', run.id);
  return row?.phase === 'collecting' && String(row.collectEpoch) === run.collectEpoch ? row : undefined;
}

function collectingUnderLease(tables: Tables, run: ImportRun): Readonly<ImportRow> | undefined {
  const row = collecting(tables, run);
  return row?.collectExpiresAt && row.collectExpiresAt > tables.now() ? row : undefined;
}

export function nextPageNumber(tables: Tables, run: ImportRun): number | null {
  const row = collectingUnderLease(tables, run);
  const connector = row && tables.connectors.find('id', row.connectorId);
  if (row === undefined || connector === undefined || !isRunning(connector)) return null;
  tables.imports.update(row, { pages: row.pages + 1 });
  return row.pages;
}

export function renewCollect(tables: Tables, run: ImportRun, leaseSeconds: number): boolean {
  const row = collectingUnderLease(tables, run);
  if (row) tables.imports.update(row, { collectExpiresAt: tables.inSeconds(leaseSeconds) });
  return row !== undefined;
}

export function postponeCollect(
  tables: Tables,
  run: ImportRun,
  input: {
    readonly problem: string | null;
    readonly inSeconds: number;
    readonly restartFeed: boolean;
    readonly pageLimit?: number;
  },
): void {
  const row = collecting(tables, run);
  if (row === undefined) return;
  tables.imports.update(row, {
    phase: 'queued',
    problem: input.problem,
    attempts: row.attempts + (input.problem === null ? 0 : 1),
    nextAttemptAt: tables.inSeconds(input.inSeconds),
    collectExpiresAt: null,
    pageLimit: input.pageLimit ?? row.pageLimit,
    ...(input.restartFeed
      ? { cursor: null, cursorOpenedAt: null, relisted: counted(tables, row.id, 'items.listed') }
      : {}),
  });
}

export function postponeReconcile(tables: Tables, run: ImportRun, problem: string, inSeconds: number): void {
  const row = tables.imports.find('id', run.id);
  if (row)
    tables.imports.update(row, {
      problem,
      attempts: row.attempts + 1,
      nextAttemptAt: tables.inSeconds(inSeconds),
    });
}

export function dueCollects(tables: Tables): { organizationId: string; connectorId: string }[] {
  const due = new Map<string, { organizationId: string; connectorId: string }>();
  for (const phase of ['collecting', 'queued'] as const) {
    for (const row of tables.imports.with('phase', phase)) {
      const connector = tables.connectors.find('id', row.connectorId);
      // A window that is due behind a busy one is told as well: the claim decides.
      if (connector && isRunning(connector) && isDue(tables, row, false))
        due.set(row.connectorId, { organizationId: row.organizationId, connectorId: row.connectorId });
    }
  }
  return [...due.values()];
}

export function deliveredImports(
  tables: Tables,
  importIds: readonly string[] | null,
): { organizationId: string; importId: string }[] {
  const sources = runningSources(tables);
  const asked =
    importIds === null
      ? [...tables.imports.with('phase', 'delivering'), ...tables.imports.with('phase', 'reconciling')]
      : [...new Set(importIds)].flatMap((id) => tables.imports.find('id', id) ?? []);
  return asked
    .filter(
      (row) =>
        (row.phase === 'delivering' || row.phase === 'reconciling') &&
        row.nextAttemptAt <= tables.now() &&
        sources.has(row.sourceId) &&
        counted(tables, row.id, 'copies.pending') === 0,
    )
    .map(({ organizationId, id }) => ({ organizationId, importId: id }));
}
