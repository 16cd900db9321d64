import { expect, it } from 'vitest';
import { type LedgerFacts, verdictOf } from './verdict.ts';

const at = new Date('2026-11-27T06:00:00Z');
const sound: LedgerFacts = {
  counted: { epoch: 100n, home: 'a' },
  home: 'a',
  stored: { epoch: 100n, at, home: 'a', mappings: {} },
  seen: null,
  failoverLosesNothing: false,
};
const restored = (cause: string) => ({ kind: 'restored', cause });

it.each<[string, Partial<LedgerFacts>, object]>([
  ['both say the same', {}, { kind: 'sound' }],
  ['the storage was not told yet', { counted: { epoch: 101n, home: 'a' } }, { kind: 'sound' }],
  ['the storage knows a later minute', { counted: { epoch: 99n, home: 'a' } }, restored('older')],
  ['this process saw a later minute', { seen: 101n }, restored('older')],
  ['another home, and nobody vouches for it', { home: 'b' }, restored('moved')],
  ['another home that has everything', { home: 'b', failoverLosesNothing: true }, { kind: 'sound' }],
  [
    'another home that has everything, and lacks minutes',
    { home: 'b', failoverLosesNothing: true, counted: { epoch: 99n, home: 'a' } },
    restored('older'),
  ],
  [
    'another database counts into the same storage',
    { stored: { epoch: 100n, at, home: 'b', mappings: {} } },
    restored('moved'),
  ],
  ['the storage forgot, and this process did not', { stored: null, seen: 100n }, { kind: 'sound' }],
  ['the storage forgot', { stored: null }, { kind: 'storage_lost' }],
  ['nothing was ever counted', { counted: null, stored: null }, { kind: 'first' }],
  ['an empty database, and the storage knows one', { counted: null }, restored('no_record')],
])('%s', (_name, facts, verdict) => {
  expect(verdictOf({ ...sound, ...facts })).toEqual(verdict);
});
