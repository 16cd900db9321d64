import { expect, test } from 'vitest';
import type { ConnectorRow, OpenImport } from '#lib/connectors/snapshot.ts';
import { countsOf } from '#lib/imports/counts.ts';
import { liveStateOf, stopped, withMessage } from './live-state.ts';

const A = 'a0000000-0000-4000-8000-000000000001';
const B = 'b0000000-0000-4000-8000-000000000002';
const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 6, 14, second)).toISOString();

function importOf(number: number, phase: OpenImport['phase'], counts: Readonly<Record<string, number>>): OpenImport {
  return {
    id: `c0000000-0000-4000-8000-00000000000${number}`,
    number,
    phase,
    windowStart: at(0),
    windowEnd: at(1),
    since: at(0),
    counts: countsOf(Object.entries(counts).map(([outcome, count]) => ({ outcome, count }))),
    problem: null,
    nextAttemptAt: at(0),
  };
}

function row(id: string, open: readonly OpenImport[] = []): ConnectorRow {
  return {
    id,
    name: id,
    kind: 'android',
    health: 'balanced',
    activity: 'idle',
    stoppedReason: null,
    stoppedAt: null,
    pausedAt: null,
    alerts: [],
    toDo: { waiting: 0, failed: 0, unreadable: 0 },
    open: [...open],
    version: 1,
    lastNumber: null,
    balancedUpTo: null,
    verification: null,
    verifiedAt: null,
    nextImportAt: null,
  };
}

const delivering = (done: number) => [importOf(1, 'delivering', { 'copies.available': 100, 'copies.imported': done })];

test('changes replace the rows that they name and leave the others as they are', () => {
  const before = liveStateOf(at(0), [row(A), row(B)]);
  const after = withMessage(
    before,
    { type: 'changed', at: at(1), connectors: [row(A, delivering(1))], removed: [] },
    1000,
  );
  expect(after.rows.get(A)?.progress).toEqual({ kind: 'delivering', done: 1, total: 100 });
  expect(after.rows.get(B)).toBe(before.rows.get(B));
  const gone = withMessage(after, { type: 'changed', at: at(2), connectors: [], removed: [A] }, 2000);
  expect([...gone.rows.keys()]).toEqual([B]);
});

test('a snapshot is the whole truth', () => {
  const after = withMessage(
    liveStateOf(at(0), [row(A), row(B)]),
    { type: 'snapshot', at: at(1), connectors: [row(B)], kept: [] },
    0,
  );
  expect([...after.rows.keys()]).toEqual([B]);
});

test('measures a running import over messages, also over a snapshot after a break', () => {
  let state = liveStateOf(at(0), [row(A, delivering(0))]);
  state = withMessage(state, { type: 'snapshot', at: at(0), connectors: [row(A, delivering(0))], kept: [] }, 0);
  state = withMessage(state, { type: 'changed', at: at(4), connectors: [row(A, delivering(40))], removed: [] }, 4000);
  state = withMessage(state, { type: 'snapshot', at: at(8), connectors: [row(A, delivering(80))], kept: [] }, 8000);
  expect(state.rows.get(A)?.samples).toEqual([
    { at: 0, done: 0 },
    { at: 4000, done: 40 },
    { at: 8000, done: 80 },
  ]);
});

test('does not mix the speed of two phases or of two imports', () => {
  let state = liveStateOf(at(0), []);
  const tell = (open: readonly OpenImport[], seconds: number) => {
    state = withMessage(
      state,
      { type: 'changed', at: at(seconds), connectors: [row(A, open)], removed: [] },
      seconds * 1000,
    );
    return state.rows.get(A)?.samples;
  };
  tell([importOf(1, 'collecting', { 'items.listed': 10 })], 1);
  expect(tell(delivering(50), 2)).toEqual([{ at: 2000, done: 50 }]);
  const other = importOf(2, 'delivering', { 'copies.available': 300, 'copies.imported': 200 });
  expect(tell([other], 3)).toEqual([{ at: 3000, done: 200 }]);
});

test('says since when it is deaf, until it hears again', () => {
  const broken = stopped(liveStateOf(at(5), []));
  expect(broken.stoppedAt).toBe(at(5));
  expect(withMessage(broken, { type: 'heartbeat', at: at(9) }, 0)).toMatchObject({ stoppedAt: null, at: at(9) });
});
