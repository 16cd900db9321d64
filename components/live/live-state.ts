/** What a page knows of the connectors: rows, how old they are, and how fast they move. Pure. */
import type { ConnectorRow, LiveMessage } from '#lib/connectors/snapshot.ts';
import { type Progress, progressOf, type Sample, withSample } from '#lib/imports/progress.ts';

export interface LiveRow {
  readonly row: ConnectorRow;
  /** when it was read, on the server's clock */
  readonly at: string;
  readonly progress: Progress;
  /** measurements of what `measured` names, on this browser's clock */
  readonly samples: readonly Sample[];
  readonly measured: string;
}

export interface LiveState {
  readonly rows: ReadonlyMap<string, LiveRow>;
  /** time of the server at which the newest row was read */
  readonly at: string;
  /** since when nothing comes any more, on the server's clock; null while the stream runs */
  readonly stoppedAt: string | null;
}

export function liveStateOf(at: string, connectors: readonly ConnectorRow[]): LiveState {
  return { rows: merged(new Map(), { at, connectors }, null), at, stoppedAt: null };
}

/** @param receivedAt milliseconds on this browser's clock */
export function withMessage(state: LiveState, message: LiveMessage, receivedAt: number): LiveState {
  switch (message.type) {
    case 'heartbeat':
      return { ...state, at: message.at, stoppedAt: null };
    case 'snapshot': {
      const ids = new Set(message.connectors.map(({ id }) => id));
      const known = new Map([...state.rows].filter(([id]) => ids.has(id)));
      return { rows: merged(known, message, receivedAt), at: message.at, stoppedAt: null };
    }
    case 'changed': {
      const known = new Map(state.rows);
      for (const id of message.removed) known.delete(id);
      return { rows: merged(known, message, receivedAt), at: message.at, stoppedAt: null };
    }
  }
}

export function stopped(state: LiveState): LiveState {
  return state.stoppedAt === null ? { ...state, stoppedAt: state.at } : state;
}

function merged(
  known: ReadonlyMap<string, LiveRow>,
  { at, connectors }: { readonly at: string; readonly connectors: readonly ConnectorRow[] },
  receivedAt: number | null,
): Map<string, LiveRow> {
  const rows = new Map(known);
  for (const row of connectors) rows.set(row.id, liveRow({ row, at }, known.get(row.id), receivedAt));
  return rows;
}

function liveRow(
  { row, at }: Pick<LiveRow, 'row' | 'at'>,
  before: LiveRow | undefined,
  receivedAt: number | null,
): LiveRow {
  const progress = progressOf(row.open);
  // Another phase or another set of imports is another measurement.
  const measured = [progress.kind, ...row.open.filter(({ phase }) => phase !== 'queued').map(({ id }) => id)].join(' ');
  const done = doneOf(progress);
  const samples = before?.measured === measured ? before.samples : [];
  return {
    row,
    at,
    progress,
    measured,
    samples: done === null || receivedAt === null ? samples : withSample(samples, { at: receivedAt, done }),
  };
}

function doneOf(progress: Progress): number | null {
  switch (progress.kind) {
    case 'none':
      return null;
    case 'collecting':
      return progress.items;
    case 'delivering':
      return progress.done;
  }
}
