/** A mapping file: any bytes, and tables of which some cells, quotes and line ends are not what they should be. */
import fc, { type Arbitrary } from 'fast-check';
import { readMappingFile } from '#lib/mapping/mapping-file.ts';
import { text } from './arbitraries.ts';
import { bounded, must, type Target } from './target.ts';

const HEADER = 'MobileNumber,User';
const cell = fc.oneof(
  text,
  fc.constantFrom(
    '+13125550100',
    '(312) 555-0100',
    'anna@company.example',
    '"',
    '""',
    '"a""b"',
    'a"b',
    '+1 312 555 0100\u00a0',
  ),
);
const table: Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(
      HEADER,
      'mobile number;user;ValidFrom;ValidTo',
      'MobileNumber\tUser',
      'sep=;\r\nMobileNumber;User',
      `\ufeff${HEADER}`,
    ),
    fc.constantFrom(',', ';', '\t'),
    fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
    fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 }),
    fc.constantFrom('utf8', 'utf16le', 'latin1'),
  )
  .map(([header, delimiter, end, rows, encoding]) =>
    Buffer.from([header, ...rows.map((cells) => cells.join(delimiter))].join(end), encoding as BufferEncoding),
  );
const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some));
/** Bytes thrown into a table, or a part of it missing. */
const damaged = fc
  .tuple(table, fc.nat(400), bytes)
  .map(([whole, at, some]) => Buffer.concat([whole.subarray(0, at), some, whole.subarray(at + some.length)]));

export const mappingFile: Target<Buffer> = {
  name: 'mapping file',
  input: fc.oneof(table, damaged, bytes),
  feed: async (file) => {
    const takes = bounded(file.length + 2, 'rows and errors given out');
    let rows = 0;
    const result = await readMappingFile(
      file,
      { region: 'US' },
      {
        rows: (some) => {
          rows += some.length;
          takes(some.length);
        },
        errors: (some) => takes(some.length),
      },
    );
    if (result.kind === 'read')
      must(result.rowCount === rows - result.withdrawnRows.length, 'rows are counted as they are given out');
  },
};
