/** Windows and imports: `store/imports.ts`, `store/collecting.ts`. */
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { ImportRun, ImportTrigger } from '#lib/imports/store/imports.ts';
import { earlierWindows, missingWindows } from '#lib/imports/windows.ts';
import { isRunning, lastEnd, liveRow, raiseAlert, runningSources } from './connectors.ts';
import { counted } from './counters.ts';
import { firstStart, insertImport, insertWindow, openAgain, putBefore } from './reopen.ts';
import type { ImportRow, WindowRow } from './rows.ts';
import type { Tables } from './tables.ts';

/** The window of an import. */
export function windowOf(tables: Tables, { windowId }: { readonly windowId: string }): Readonly<WindowRow> {
  const window = tables.windows.find('id', windowId);
  if (window === undefined) throw new RangeError(`there is no window ${windowId}`);
  return window;
}

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
  const { firstImportFrom } = connector;
  const plannedFrom = firstStart(tables, connector.id);
  let follows = lastEnd(tables, connector.id);
  const windows = missingWindows({ ...input, plannedThrough: follows, firstFrom: firstImportFrom });
  const earlier = earlierWindows({ ...input, firstFrom: firstImportFrom, plannedFrom });
  let number = row.nextImportNumber;
  const opened: string[] = [];
  const open = (windowId: string): void => {
    const { trigger, by } = input;
    opened.push(insertImport(tables, connector, { windowId, number, trigger, by }));
    number++;
  };
  if (input.trigger === 'manual' && earlier.length > 0) {
    for (const windowId of putBefore(tables, connector, earlier)) open(windowId);
  }
  let firstLost: string | null = null;
  const of = { organizationId: connector.organizationId, connectorId: connector.id };
  for (const { from, to, lost } of windows) {
    const id = insertWindow(tables, of, { from, to }, { follows, state: lost ? 'lost' : 'open' });
    follows = to;
    if (lost) firstLost ??= id;
    else open(id);
  }
  tables.connectors.update(row, { nextImportNumber: number });
  if (input.trigger === 'manual' || opened.length > 0)
    opened.push(...openAgain(tables, connector, { kind: 'cancelled' }, 'repeat', input.by));
  const lost = windows.filter((window) => window.lost);
  if (firstLost !== null && lost[0]) {
    const detail = { from: lost[0].from.toISOString(), to: (lost.at(-1) ?? lost[0]).to.toISOString() };
    raiseAlert(tables, { ...of, importId: null, windowId: firstLost, code: 'lost_at_source', detail });
  }
  return opened;
}

export function reopenWindow(
  tables: Tables,
  connector: RunningConnector,
  windowId: string,
  trigger: 'repeat' | 'recheck',
  by: string | null,
): string | null {
  if (liveRow(tables, connector.organizationId, connector.id) === undefined) return null;
  return openAgain(tables, connector, { kind: 'window', id: windowId }, trigger, by)[0] ?? null;
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
