import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRecords } from './csv-records.ts';
import { isMailboxAddress } from './mailbox-address.ts';
import { type MappingRow, type RowError, readMappingFile } from './mapping-file.ts';
import { isE164, isRegion } from './number.ts';
import { errorHeader, errorLine, mappingHeader, mappingLine, mappingTemplate } from './write-csv.ts';

async function read(file: string, region = 'US') {
  const rows: MappingRow[] = [];
  const errors: RowError[] = [];
  const result = await readMappingFile(
    new TextEncoder().encode(file),
    { region: isRegion(region) ? region : 'US' },
    { rows: (some) => void rows.push(...some), errors: (some) => void errors.push(...some) },
  );
  return { rows, errors, result };
}

/** What a spreadsheet takes for a formula, as a cell begins. */
const FORMULA = /^[=+\-@\t\r]/;

test('the template has the documented headers and maps nobody', async () => {
  expect(mappingTemplate()).toBe('ExternalUserId,O365UserMailbox\r\n');
  expect((await read(mappingTemplate())).result).toMatchObject({ refusal: { problem: 'header_only' } });
});

test('any mapping that is downloaded uploads again unchanged, in any region, and runs no formula', async () => {
  const number = fc
    .tuple(fc.constantFrom('+1212555', '+44770090', '+4917612345', '+8190123456'), fc.integer({ min: 1000, max: 9999 }))
    .map((parts) => parts.join(''))
    .filter(isE164);
  const local = fc.string({ unit: fc.constantFrom(..."ab1+-!#$%&*/?^_`{|}~'."), minLength: 1, maxLength: 8 });
  const mailbox = local
    .map((name) => `${name}@company.com`)
    .filter((text) => isMailboxAddress(text) && !/^['"]/.test(text));
  const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  const limit = fc.option(
    fc.oneof(
      day,
      day.map((date) => new Date(Math.floor(+date / 86_400_000) * 86_400_000)),
    ),
  );
  const validity = fc.tuple(limit, limit).filter(([from, to]) => from === null || to === null || from < to);
  const table = fc.uniqueArray(fc.record({ number, mailbox, validity }), {
    selector: (row) => row.number,
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('US', 'GB', 'DE'), fc.boolean(), async (mapping, region, withValidity) => {
      const rows = mapping.map(({ number: written, mailbox: address, validity: [from, to] }, index) => ({
        row: index + 2,
        number: written,
        mailbox: address,
        validity: withValidity ? { from, to } : { from: null, to: null },
      }));
      const file =
        mappingHeader(withValidity) + rows.map((row) => mappingLine(row as MappingRow, withValidity)).join('');
      for (const { cells } of [...csvRecords([file], ',')].flat())
        for (const cell of cells) expect(cell).not.toMatch(FORMULA);
      const again = await read(file, region);
      expect(again.errors).toEqual([]);
      expect(again.rows).toEqual(rows);
      const twice = mappingHeader(withValidity) + again.rows.map((row) => mappingLine(row, withValidity)).join('');
      expect(twice).toBe(file);
    }),
    { numRuns: 300 },
  );
});

test('a row for ever stays so', async () => {
  const file =
    "ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\r\n'+12125550101,a@company.com,1970-01-01,9999-12-31\r\n";
  const { rows } = await read(file);
  expect(mappingHeader(true) + rows.map((row) => mappingLine(row, true)).join('')).toBe(file);
});

test('all errors as a list to download', async () => {
  const { errors } = await read('ExternalUserId,O365UserMailbox\n4.45204E+11,"=cmd|\'/c calc\'!A1"\n');
  expect([errorHeader(), ...errors.map(errorLine)].join('')).toBe(
    [
      'Row,Column,Value,Reason',
      '2,ExternalUserId,4.45204E+11,4.45204E+11 has lost digits. Format the column as text and save again.',
      "2,O365UserMailbox,'=cmd|'/c calc'!A1,The mailbox is a formula. Save the column as values.",
      '',
    ].join('\r\n'),
  );
});
