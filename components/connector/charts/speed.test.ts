import { expect, test } from 'vitest';
import { countsOf } from '#lib/imports/counts.ts';
import type { ImportLine } from '#lib/imports/list.ts';
import { speedsOf } from './speed.ts';
import { volumeOf } from './volume.ts';

const copies = (imported: number, partial = 0) =>
  countsOf([
    { outcome: 'copies.imported', count: imported },
    { outcome: 'copies.partially_imported', count: partial },
  ]);
const line = (change: Partial<ImportLine>): ImportLine => ({
  id: 'a',
  number: 1,
  trigger: 'scheduled',
  phase: 'completed',
  windowStart: '2026-11-20T00:00:00.000Z',
  windowEnd: '2026-11-21T00:00:00.000Z',
  startedAt: '2026-11-21T06:00:00.000Z',
  completedAt: '2026-11-21T06:02:00.000Z',
  problem: null,
  countsAtCompletion: copies(100, 20),
  counts: copies(500, 20),
  ...change,
});
const now = Date.parse('2026-11-21T07:00:30.000Z');

test('a completed import is measured from its start to its end, without what came later', () => {
  expect(speedsOf([line({})], [], now)).toMatchObject([
    { copies: 120, milliseconds: 120_000, rate: 60, running: false },
  ]);
});

test('a running one is measured until now, by what the stream says of it', () => {
  const running = line({
    id: 'b',
    number: 2,
    phase: 'delivering',
    startedAt: '2026-11-21T07:00:00.000Z',
    completedAt: null,
    countsAtCompletion: null,
    counts: copies(10),
  });
  const open = [{ id: 'b', counts: copies(45) }];
  expect(speedsOf([running, line({})], open, now).map(({ number, rate, running }) => [number, rate, running])).toEqual([
    [1, 60, false],
    [2, 90, true],
  ]);
  expect(speedsOf([running], [], now)).toMatchObject([{ copies: 10, rate: 20 }]);
});

test('what has not begun or was cancelled has no speed, and no moment is taken for a rate', () => {
  expect(speedsOf([line({ startedAt: null, phase: 'queued' }), line({ phase: 'cancelled' })], [], now)).toEqual([]);
  expect(speedsOf([line({ completedAt: '2026-11-21T06:00:00.000Z' })], [], now)).toMatchObject([
    { milliseconds: 1_000 },
  ]);
});

test('the volume has every day of the span, the last one today', () => {
  const counts = countsOf([
    { outcome: 'items.imported', count: 5 },
    { outcome: 'items.failed', count: 2 },
  ]);
  const day = { connectorId: 'c', day: '2026-11-01', windows: 1, openWindows: 0, lostWindows: 0, counts };
  const volume = volumeOf([{ ...day, open: [], state: 'balances' }], 30, '2026-11-21');
  expect([volume.length, volume[0]?.day, volume.at(-1)?.day]).toEqual([30, '2026-10-23', '2026-11-21']);
  expect(volume.filter(({ items }) => items.imported > 0)).toEqual([
    { day: '2026-11-01', items: { imported: 5, waiting: 0, failed: 2, unreadable: 0 } },
  ]);
});
