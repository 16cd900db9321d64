import fc from 'fast-check';
import Papa from 'papaparse';
import { expect, it, test } from 'vitest';
import { csvLine } from './csv.ts';

it.each([
  ['=1+1', "'=1+1"],
  ['+15550100', "'+15550100"],
  ['-2', "'-2"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['a "quoted", cell', '"a ""quoted"", cell"'],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
])('writes %j so that it stays text', (cell, written) => {
  expect(csvLine([cell])).toBe(`${written}\r\n`);
});

test('a number stays a number, also below zero', () => {
  expect(csvLine([-4, 10412])).toBe('-4,10412\r\n');
});

test('what was written is what is read, but for the apostrophe', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2 }), (cells) => {
      const [read = []] = Papa.parse<string[]>(csvLine(cells).slice(0, -2), { delimiter: ',' }).data;
      expect(read).toHaveLength(cells.length);
      for (const [index, cell] of cells.entries()) expect([cell, `'${cell}`]).toContain(read[index]);
    }),
  );
});
