import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, csvLine } from './csv.ts';
import { csvRecords } from './mapping/csv-records.ts';

/** What a spreadsheet takes for a formula, as a cell begins; quotes and blanks in front do not help. */
const FORMULA = /^["\s]*[=+\-@|%＝＋－＠]/;

const texts = fc.array(fc.string({ unit: fc.constantFrom(...'=+-@＝＋－＠\t\r\n",;|% a1é\''), maxLength: 10 }), {
  minLength: 1,
  maxLength: 6,
});

test('wherever a list separator or a line end splits a line, no part of it begins like a formula', () => {
  fc.assert(
    fc.property(texts, (cells) => {
      const line = csvLine(cells);
      for (const separator of [/[,\r\n]/, /[;\r\n]/, /[\t\r\n]/, /[,;\t\r\n]/])
        for (const field of line.split(separator)) expect(field).not.toMatch(FORMULA);
    }),
    { numRuns: 5_000 },
  );
});

test('no reader finds a formula in a cell, whatever its separator', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(',', ';', '\t'), (cells, separator) => {
      const records = [...csvRecords([csvLine([...cells, 'end'])], separator as ',')].flat();
      for (const record of records) for (const cell of record.cells) expect(cell).not.toMatch(FORMULA);
    }),
    { numRuns: 5_000 },
  );
});

test('a cell is read as it was, but for apostrophes', () => {
  fc.assert(
    fc.property(texts, (cells) => {
      const [record] = [...csvRecords([csvLine([...cells, 'end'])], ',')].flat();
      const bare = (all: readonly string[] | undefined) => all?.map((cell) => cell.replaceAll("'", ''));
      expect(bare(record?.cells)).toEqual(bare([...cells, 'end']));
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["x;=cmd|' /C calc'!A0;y", "\"x;'=cmd|' /C calc'!A0;y\""],
  ['x\t@SUM(A1)', '"x\t\'@SUM(A1)"'],
  ['＝1＋1', "'＝1＋1"],
  ['x;"=1', '"x;\'""=1"'],
  ['+445204334324', "'+445204334324"],
  ['Lucas Meyer-Voss', 'Lucas Meyer-Voss'],
  ['Meyer, Lucas', '"Meyer, Lucas"'],
  ['first-last@company.com', 'first-last@company.com'],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['a "quoted", cell', '"a ""quoted"", cell"'],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
])('%s', (text, written) => {
  expect(csvCell(text)).toBe(written);
});

test('numbers stay numbers', () => {
  expect(csvLine([-1, 2.5])).toBe('-1,2.5\r\n');
});
