import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { HEALTH_STATES } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { COLUMNS, queryOf, SORT_COLUMNS, shown, toggled, type View, viewOf } from './view.ts';

const base: ConnectorRow = {
  id: 'a0000000-0000-4000-8000-000000000001',
  name: 'A',
  kind: 'android',
  health: 'balanced',
  activity: 'idle',
  stoppedReason: null,
  stoppedAt: null,
  pausedAt: null,
  alerts: [],
  toDo: { waiting: 0, failed: 0, unreadable: 0 },
  open: [],
  version: 1,
  lastNumber: null,
  balancedUpTo: null,
  verification: null,
  verifiedAt: null,
  nextImportAt: null,
};
const rows = [
  { row: { ...base, name: 'Line 10' } },
  { row: { ...base, name: 'Line 9', health: 'stopped', balancedUpTo: '2026-11-20T00:00:00.000Z' } },
  {
    row: {
      ...base,
      name: 'Bell',
      kind: 'whatsapp-archiver',
      health: 'needs_you',
      toDo: { waiting: 3, failed: 0, unreadable: 0 },
    },
  },
] satisfies { row: ConnectorRow }[];
const plain = viewOf(new URLSearchParams());
const names = (view: Partial<View>) => shown(rows, { ...plain, ...view }).map(({ row }) => row.name);

test('a view survives the address', () => {
  fc.assert(
    fc.property(
      fc.record({
        search: fc.string({ unit: 'grapheme' }),
        needing: fc.boolean(),
        health: fc.option(fc.constantFrom(...HEALTH_STATES)),
        kind: fc.option(fc.constantFrom('android-archiver', 'whatsapp-archiver')),
        columns: fc.subarray([...COLUMNS]),
        sort: fc.constantFrom(...SORT_COLUMNS),
        descending: fc.boolean(),
        connector: fc.option(fc.uuid()),
      }),
      (view) => {
        expect(viewOf(new URLSearchParams(queryOf(view)))).toEqual(view);
      },
    ),
  );
});

test('the usual view has a clean address, and nonsense in it is left out', () => {
  expect(queryOf(plain)).toBe('');
  expect(viewOf(new URLSearchParams('sort=moon&order=up&needing=maybe&health=fine&kind='))).toEqual(plain);
});

test('columns are taken away and added, and stand in their order whatever the address says', () => {
  const without = toggled(plain.columns, 'balanced');
  expect(without).toEqual(['health', 'now', 'toDo', 'next']);
  expect(toggled(without, 'balanced')).toEqual(plain.columns);
  expect(viewOf(new URLSearchParams('columns=next+moon+kind')).columns).toEqual(['kind', 'next']);
  expect(viewOf(new URLSearchParams('columns=')).columns).toEqual([]);
});

describe('shown', () => {
  it('sorts names as people count', () => {
    expect(names({})).toEqual(['Bell', 'Line 9', 'Line 10']);
    expect(names({ descending: true })).toEqual(['Line 10', 'Line 9', 'Bell']);
  });

  it('sorts health worst first, and keeps equals by name in either direction', () => {
    expect(names({ sort: 'health' })).toEqual(['Line 9', 'Bell', 'Line 10']);
    expect(names({ sort: 'balanced', descending: true })).toEqual(['Line 9', 'Bell', 'Line 10']);
    expect(names({ sort: 'toDo', descending: true })).toEqual(['Bell', 'Line 9', 'Line 10']);
  });

  it('finds part of a name in any case, and who needs somebody', () => {
    expect(names({ search: ' LINE ' })).toEqual(['Line 9', 'Line 10']);
    expect(names({ needing: true })).toEqual(['Bell', 'Line 9']);
    expect(names({ needing: true, search: 'x' })).toEqual([]);
  });

  it('filters by health and by kind', () => {
    expect(names({ health: 'balanced' })).toEqual(['Line 10']);
    expect(names({ kind: 'whatsapp-archiver' })).toEqual(['Bell']);
    expect(names({ kind: 'whatsapp-archiver', health: 'stopped' })).toEqual([]);
  });
});
