/** Time that the source no longer has: `store/unretained.ts`. */
import type { TimeRange } from '#lib/archive/source.ts';
import type { UnretainedOf } from '#lib/imports/store/unretained.ts';
import { splitAtRetention } from '#lib/imports/windows.ts';
import { raiseAlert } from './connectors.ts';
import { isOver } from './reopen.ts';
import type { WindowRow } from './rows.ts';
import { endSeeking } from './seek-content.ts';
import type { Tables } from './tables.ts';

export function loseUnretained(
  tables: Tables,
  { windowId, connectorId }: UnretainedOf,
  earliestRetained: Date,
): TimeRange | null {
  const row = tables.windows.find('id', windowId);
  if (row === undefined) return null;
  const { gone, left } = splitAtRetention({ from: row.startsAt, to: row.endsAt }, earliestRetained);
  if (gone === null) return left;
  const id = left === null ? giveUp(tables, row) : splitOff(tables, row, gone);
  if (row.closedAt === null) {
    const { organizationId } = row;
    const detail = { from: gone.from.toISOString(), to: gone.to.toISOString() };
    raiseAlert(tables, { organizationId, connectorId, importId: null, windowId: id, code: 'lost_at_source', detail });
  }
  return left;
}

const stateOf = ({ closedAt }: Readonly<WindowRow>) => (closedAt === null ? 'lost' : 'closed');

function giveUp(tables: Tables, row: Readonly<WindowRow>): string {
  for (const run of tables.imports.with('window', row.id)) {
    if (isOver(run)) continue;
    tables.imports.update(run, {
      phase: 'cancelled',
      problem: 'lost_at_source',
      collectEpoch: run.collectEpoch + 1,
      collectOwner: null,
      collectExpiresAt: null,
    });
  }
  for (const alert of tables.alerts) {
    const ends = alert.code === 'feed_never_ends' || alert.code === 'manifest_differs';
    if (ends && alert.windowId === row.id && alert.resolvedAt === null)
      tables.alerts.update(alert, { resolvedAt: tables.now() });
  }
  endSeeking(tables, row.id);
  tables.windows.update(row, { state: stateOf(row), recheckDueAt: null });
  return row.id;
}

function splitOff(tables: Tables, row: Readonly<WindowRow>, { from, to }: TimeRange): string {
  const { organizationId, connectorId, follows, closedAt } = row;
  const id = tables.next('import_window');
  const state = stateOf(row);
  tables.windows.update(row, { startsAt: to, follows: to });
  tables.insertWindow({
    id,
    organizationId,
    connectorId,
    startsAt: from,
    endsAt: to,
    follows,
    state,
    manifestCount: null,
    manifestBytes: null,
    manifestReadAt: null,
    recheckDueAt: null,
    rechecks: 0,
    differs: 0,
    closedAt,
  });
  return id;
}
