import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRecords, type Delimiter, delimiterOf, LONGEST_RECORD, RecordTooLong } from './csv-records.ts';

function cells(pieces: Iterable<string>, delimiter: Delimiter = ','): (readonly string[])[] {
  return [...csvRecords(pieces, delimiter)].flat().map((record) => record.cells);
}

/** A file as a spreadsheet writes it: quotes where needed, doubled inside. */
function written(table: readonly (readonly string[])[], delimiter: string, lineEnd: string): string {
  const cell = (text: string): string => (/["\r\n,;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return table.map((row) => row.map(cell).join(delimiter)).join(lineEnd) + lineEnd;
}

function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let start = 0;
  for (let turn = 0; start < text.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    pieces.push(text.slice(start, start + size));
    start += size;
  }
  return pieces;
}

test('any table written by a spreadsheet comes back the same, wherever the file is cut', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '1', '"', ',', ';', '\t', '\n', '\r\n', ' ', 'é', '電'),
    maxLength: 8,
  });
  // a table of one empty column is an empty file; the last cell of a row cannot end in a bare CR
  const table = fc.array(fc.tuple(text, text, fc.constant('end')), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      table,
      fc.constantFrom<Delimiter>(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
      (rows, delimiter, lineEnd, sizes) => {
        const file = written(rows, delimiter, lineEnd);
        expect(cells([file], delimiter)).toEqual(rows);
        expect(cells(cut(file, sizes), delimiter)).toEqual(rows);
      },
    ),
    { numRuns: 500 },
  );
});

test('rows are numbered as a spreadsheet numbers them, empty ones counted', () => {
  const rows = [...csvRecords(['a,b\r\n\r\n"x\r\ny",2\r\n', '3,4\r\n'], ',')]
    .flat()
    .map(({ row, cells: [first] }) => [row, first]);
  expect(rows).toEqual([
    [1, 'a'],
    [2, ''],
    [3, 'x\r\ny'],
    [4, '3'],
  ]);
});

test('CR alone ends lines, as old Macs wrote them', () => {
  expect(cells(['a,b\r1,2\r3,4'])).toEqual([
    ['a', 'b'],
    ['1', '2'],
    ['3', '4'],
  ]);
});

test('a quote that never closes is found out before the whole file is read', () => {
  let taken = 0;
  function* endless(): Generator<string> {
    yield 'a,b\n1,"open';
    for (let index = 0; index < 10_000; index += 1) {
      taken += 1;
      yield 'x,y\n'.repeat(1000);
    }
  }
  expect(() => cells(endless())).toThrow(RecordTooLong);
  expect(taken * 4000).toBeLessThan(4 * LONGEST_RECORD);
});

test('a row of 10 MB names its row', () => {
  const act = (): unknown => cells(['a,b\n1,2\n', `${'x'.repeat(10_000_000)},2\n`]);
  expect(act).toThrow(expect.objectContaining({ row: 3 }));
});

describe('delimiterOf', () => {
  const knows = (found: readonly string[]): boolean => found.includes('number') && found.includes('mailbox');
  test.each([
    ['number,mailbox\n1,2', ',', 0],
    ['number;mailbox\n1;2', ';', 0],
    ['number\tmailbox\n1\t2', '\t', 0],
    ['"a;b;c;d",number,mailbox\n', ',', 0],
    ['sep=;\r\nnumber;mailbox\r\n', ';', 7],
    ['Phone;Name;Mail\n', ';', 0],
    ['only', ',', 0],
  ])('%j', (head, delimiter, skip) => {
    expect(delimiterOf(head, knows)).toEqual({ delimiter, skip });
  });
});
