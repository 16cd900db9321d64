/** Imports that are cancelled, and windows that are imported once more: `store/cancel.ts`, `store/reopen.ts`. */
import type { TimeRange } from '#lib/archive/source.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { ImportTrigger } from '#lib/imports/store/imports.ts';
import type { Which } from '#lib/imports/store/reopen.ts';
import { raiseAlert, resolveWindowAlert } from './connectors.ts';
import type { WindowRow } from './rows.ts';
import { requestImport } from './set-up.ts';
import type { Tables } from './tables.ts';

type Named = Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>;

/** Nothing more is collected for it. */
export const isOver = ({ phase }: { readonly phase: string }): boolean =>
  phase === 'completed' || phase === 'cancelled';

/** Cancels an import that is queued or collecting. @returns false where it is neither, or another connector's */
export function cancelImport(tables: Tables, connectorId: string, importId: string): boolean {
  const row = tables.imports.find('id', importId);
  if (row?.connectorId !== connectorId || (row.phase !== 'queued' && row.phase !== 'collecting')) return false;
  const { organizationId, windowId, collectEpoch } = row;
  tables.imports.update(row, {
    ...{
      phase: 'cancelled',
      collectEpoch: collectEpoch + 1,
      collectOwner: null,
      collectExpiresAt: null,
      problem: null,
    },
  });
  raiseAlert(tables, { organizationId, connectorId, importId, windowId, code: 'import_cancelled' });
  return true;
}

/** Imports a past range again. @returns the imports that were opened; null where nothing can be asked for now */
export function repeatRange(tables: Tables, connectorId: string, range: TimeRange, by: string): string[] | null {
  const row = tables.connectors.find('id', connectorId);
  if (row?.status !== 'live' || row.pausedAt !== null || row.stoppedAt !== null) return null;
  const opened = openAgain(tables, row, { kind: 'range', range }, 'repeat', by);
  if (wantSince(tables, row, range.from)) requestImport(tables, connectorId, by);
  return opened;
}

export function openAgain(
  tables: Tables,
  connector: Named,
  which: Which,
  trigger: Extract<ImportTrigger, 'repeat' | 'recheck'>,
  by: string | null,
): string[] {
  const { organizationId, id: connectorId } = connector;
  const chosen = tables.windows
    .with('connector', connectorId)
    .filter((window) => window.organizationId === organizationId && isMeant(tables, window, which))
    .filter(({ id }) => tables.imports.with('window', id).every(isOver))
    .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  const row = tables.connectors.find('id', connectorId);
  if (row?.organizationId !== organizationId) return [];
  const first = row.nextImportNumber;
  tables.connectors.update(row, { nextImportNumber: first + chosen.length });
  return chosen.map((window, place) => {
    tables.windows.update(window, { state: 'open', recheckDueAt: null });
    resolveWindowAlert(tables, connectorId, window.id, 'import_cancelled');
    return insertImport(tables, connector, { windowId: window.id, number: first + place, trigger, by });
  });
}

function isMeant(tables: Tables, { id, startsAt, endsAt, state }: Readonly<WindowRow>, which: Which): boolean {
  switch (which.kind) {
    case 'window':
      return id === which.id;
    case 'range':
      return endsAt > which.range.from && startsAt < which.range.to;
    case 'cancelled': {
      const last = tables.imports.with('window', id).toSorted((a, b) => b.number - a.number)[0];
      return state === 'open' && last?.phase === 'cancelled';
    }
  }
}

export function wantSince(tables: Tables, { id, organizationId }: Named, from: Date): boolean {
  const row = tables.connectors.find('id', id);
  if (row?.organizationId !== organizationId) return false;
  const begins = firstStart(tables, id) ?? row.firstImportFrom;
  if (from >= begins) return false;
  tables.connectors.update(row, { firstImportFrom: from < row.firstImportFrom ? from : row.firstImportFrom });
  return true;
}

/** Where a connector's first window begins; null before its first. */
export function firstStart(tables: Tables, connectorId: string): Date | null {
  return tables.windows
    .with('connector', connectorId)
    .reduce<Date | null>((first, { startsAt }) => (first === null || startsAt < first ? startsAt : first), null);
}

/** @param windows in order; the last ends where the former first one begins */
export function putBefore(tables: Tables, { organizationId, id: connectorId }: Named, windows: readonly TimeRange[]) {
  const former = tables.windows.find('import_window_first', connectorId);
  if (former) tables.windows.update(former, { follows: former.startsAt });
  let follows: Date | null = null;
  return windows.map(({ from, to }) => {
    const id = insertWindow(tables, { organizationId, connectorId }, { from, to }, { follows, state: 'open' });
    follows = to;
    return id;
  });
}

export function insertWindow(
  tables: Tables,
  of: { readonly organizationId: string; readonly connectorId: string },
  { from, to }: TimeRange,
  { follows, state }: Pick<WindowRow, 'follows' | 'state'>,
): string {
  const id = tables.next('import_window');
  tables.insertWindow({
    ...{ id, ...of, startsAt: from, endsAt: to, follows, state },
    ...{ manifestCount: null, manifestBytes: null, manifestReadAt: null },
    ...{ recheckDueAt: null, rechecks: 0, differs: 0, closedAt: null },
  });
  return id;
}

export function insertImport(
  tables: Tables,
  connector: Named,
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
