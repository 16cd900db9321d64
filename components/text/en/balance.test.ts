import { describe, expect, it } from 'vitest';
import { countsOf } from '#lib/imports/counts.ts';
import { copyBalance, itemBalance } from './balance.ts';

function counts(of: Readonly<Record<string, number>>) {
  return countsOf(Object.entries(of).map(([outcome, count]) => ({ outcome, count })));
}

describe('itemBalance', () => {
  it('names every term that is not zero and says that it balances', () => {
    const balance = itemBalance(
      counts({
        'items.listed': 10_412,
        'items.imported': 10_380,
        'items.waiting': 25,
        'items.unreadable': 4,
        'items.repeat': 3,
      }),
    );
    expect(balance).toEqual({
      equation: '10,412 from source = 10,380 imported + 25 waiting for mapping + 4 unreadable + 3 repeats.',
      verdict: 'Balances.',
      state: 'balances',
    });
  });

  it('is not silent about a difference, in either direction', () => {
    expect(itemBalance(counts({ 'items.listed': 10, 'items.imported': 6 }))).toMatchObject({
      verdict: '4 items unaccounted for.',
      state: 'differs',
    });
    expect(itemBalance(counts({ 'items.listed': 10, 'items.imported': 9, 'items.pending': 2 }))).toMatchObject({
      verdict: '1 more item than available.',
      state: 'differs',
    });
  });

  it('holds while it runs, with what is under way as a term', () => {
    expect(itemBalance(counts({ 'items.listed': 10, 'items.imported': 1, 'items.pending': 9 }))).toEqual({
      equation: '10 from source = 1 imported + 9 under way.',
      verdict: 'Still running.',
      state: 'running',
    });
  });

  it('says zero where the source had nothing', () => {
    expect(itemBalance(counts({}))).toMatchObject({ equation: '0 from source = 0 imported.', verdict: 'Balances.' });
  });
});

describe('copyBalance', () => {
  it('keeps what waits for mapping beside the equation', () => {
    expect(
      copyBalance(
        counts({
          'copies.available': 21,
          'copies.imported': 17,
          'copies.partially_imported': 1,
          'copies.skipped': 2,
          'copies.failed': 1,
          'copies.waiting': 25,
        }),
      ),
    ).toEqual({
      equation:
        '21 copies available for import = 17 imported + 1 partially imported + 2 skipped + 1 failed. Beside these, 25 wait for mapping.',
      verdict: 'Balances.',
      state: 'balances',
    });
  });

  it('counts a missing copy', () => {
    expect(copyBalance(counts({ 'copies.available': 3, 'copies.imported': 2 })).verdict).toBe(
      '1 copy unaccounted for.',
    );
  });
});
