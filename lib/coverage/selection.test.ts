import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COVERAGE_REASONS } from './coverage-reasons.ts';
import { COVERAGE_FILTERS, type CoverageSelection, selectionOf, selectionQuery } from './selection.ts';

const PLAIN: CoverageSelection = { filter: 'all', reason: null, silentDays: 30, search: '', after: null };
const of = (query: string): CoverageSelection => selectionOf(new URLSearchParams(query));

it.each([
  ['', PLAIN],
  ['filter=without&reason=guest', { ...PLAIN, filter: 'without', reason: 'guest' }],
  ['filter=unusable&reason=no_mailbox', { ...PLAIN, filter: 'unusable', reason: 'no_mailbox' }],
  ['filter=silent&days=90', { ...PLAIN, filter: 'silent', silentDays: 90 }],
  ['search=%20ann%20', { ...PLAIN, search: 'ann' }],
  ['after=17.ann.b', { ...PLAIN, after: { id: '17', key: 'ann.b' } }],
])('reads %s', (query, selection) => {
  expect(of(query)).toEqual(selection);
});

it.each([
  'filter=x',
  'reason=guest',
  'reason=guest&days=0',
  'days=-1',
  'days=1.5',
  'days=99999',
  'after=x',
  'after=1',
  `after=${'9'.repeat(30)}.a`,
])('leaves out what makes no sense: %s', (query) => {
  expect(of(query)).toEqual(PLAIN);
});

it('an address gives the selection that it was made of, and nothing that PostgreSQL does not take', () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', ''));
  const selections = fc.record({
    filter: fc.constantFrom(...COVERAGE_FILTERS),
    reason: fc.constantFrom(null, ...COVERAGE_REASONS),
    silentDays: fc.integer({ min: 1, max: 3650 }),
    search: words.map((text) => text.trim()),
    after: fc.option(fc.record({ id: fc.nat().map(String), key: words })),
  });
  fc.assert(
    fc.property(selections, (selection) => {
      const hasReason = selection.filter === 'without' || selection.filter === 'unusable';
      expect(of(selectionQuery(selection))).toEqual({ ...selection, reason: hasReason ? selection.reason : null });
    }),
  );
  expect(of('search=a%00b&after=1.%00').search).not.toContain('\0');
  expect(of('after=1.%00').after?.key).not.toContain('\0');
});
