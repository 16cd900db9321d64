import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_FILE_BYTES,
  type MappingFileOptions,
  type MappingFileResult,
  type MappingRow,
  type RowError,
  readMappingFile,
} from './mapping-file.ts';
import { refusalSentence, rowErrorSentence } from './words.ts';
import { csvCell, errorHeader, errorLine, mappingHeader, mappingLine, mappingTemplate } from './write-csv.ts';

interface Read {
  readonly result: MappingFileResult;
  /** as they would be applied */
  readonly rows: readonly MappingRow[];
  readonly errors: readonly RowError[];
}

async function read(file: string | Uint8Array, options: Partial<MappingFileOptions> = {}): Promise<Read> {
  const rows: MappingRow[] = [];
  const errors: RowError[] = [];
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  const result = await readMappingFile(
    bytes,
    { region: 'US', ...options },
    {
      rows: (some) => {
        for (const row of some) rows.push(row);
      },
      errors: (some) => {
        for (const error of some) errors.push(error);
      },
    },
  );
  const withdrawn = new Set(result.kind === 'read' ? result.withdrawnRows : []);
  return { result, rows: rows.filter(({ row }) => !withdrawn.has(row)), errors };
}

async function sentences(file: string, options?: Partial<MappingFileOptions>): Promise<readonly string[]> {
  return (await read(file, options)).errors.map(rowErrorSentence);
}

async function refusal(file: string | Uint8Array): Promise<string> {
  const { result } = await read(file);
  return result.kind === 'refused' ? refusalSentence(result.refusal) : 'not refused';
}

const pairs = (rows: readonly MappingRow[]): string[] =>
  rows.map(({ row, number, mailbox }) => `${row} ${number} ${mailbox}`);

describe('a file is read', () => {
  test("TeleMessage's own example", async () => {
    const { rows, result } = await read(
      'External User ID,Microsoft 365 User Mailbox\n445204334324,susan@company.com\n',
    );
    expect(pairs(rows)).toEqual(['2 +445204334324 susan@company.com']);
    expect(result).toMatchObject({
      kind: 'read',
      rowCount: 1,
      erroneousRowCount: 0,
      delimiter: ',',
      encoding: 'utf-8',
    });
  });

  test('semicolons, CRLF, quoted new lines, spaces, empty rows, further columns', async () => {
    const { rows, errors } = await read(
      'Name;O365UserMailbox;ExternalUserId\r\n"Susan\r\nAlder"; Susan@Company.com ;(212) 555-0101\r\n;;\r\n\r\nBen;ben@company.com;="12125550118"\r\n',
    );
    expect(errors).toEqual([]);
    expect(pairs(rows)).toEqual(['2 +12125550101 susan@company.com', '5 +12125550118 ben@company.com']);
  });

  test('tabs in UTF-16, as "Unicode text" is saved', async () => {
    const file = Buffer.from('\uFEFFExternalUserId\tO365UserMailbox\r\n+12125550101\tsusan@company.com\r\n', 'utf16le');
    expect(pairs((await read(file)).rows)).toEqual(['2 +12125550101 susan@company.com']);
  });

  test('a number that changed hands', async () => {
    const { rows, errors } = await read(
      'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n+12125550101,old@company.com,,2026-03-31\n+12125550101,new@company.com,2026-04-01,\n',
    );
    expect(errors).toEqual([]);
    expect(rows.map(({ validity }) => validity)).toEqual([
      { from: null, to: new Date('2026-04-01T00:00:00Z') },
      { from: new Date('2026-04-01T00:00:00Z'), to: null },
    ]);
  });
});

describe('errors name row, column, value and reason', () => {
  const file = (...lines: readonly string[]): string =>
    ['ExternalUserId,O365UserMailbox,ValidFrom,ValidTo', ...lines].join('\n');

  test.each([
    ['4.45204E+11,a@company.com', 'Row 2: 4.45204E+11 has lost digits. Format the column as text and save again.'],
    [',a@company.com', 'Row 2: The number is missing.'],
    ['+12125550101,', 'Row 2: The mailbox is missing.'],
    ['+12125550101', 'Row 2: The mailbox is missing.'],
    ['Susan,a@company.com', 'Row 2: “Susan” is not a phone number.'],
    [
      '62626,a@company.com',
      'Row 2: 62626 is too long or too short for a phone number. Write it with + and the country code.',
    ],
    ['=1+1,a@company.com', 'Row 2: The number is a formula. Save the column as values.'],
    ['+12125550101,susan', 'Row 2: “susan” is not an e-mail address.'],
    [
      '+12125550101,a@соmpany.com',
      'Row 2: “a@соmpany.com” contains letters that only look like a to z. Type the address again.',
    ],
    ['+12125550101,a@company.com,01/02/2026', 'Row 2: “01/02/2026” is not a date. Write it as 2026-11-30.'],
    ['+12125550101,a@company.com,2026-02-02,2026-02-01', 'Row 2: ValidTo lies before ValidFrom.'],
    ['+12125550101,"a"@company.com', 'Row 2: A quotation mark is not closed or not doubled.'],
  ])('%s', async (line, sentence) => {
    const { result, rows } = await read(file(line));
    expect(await sentences(file(line))).toContain(sentence);
    expect(rows).toEqual([]);
    expect(result).toMatchObject({ kind: 'read', rowCount: 0, erroneousRowCount: 1 });
  });

  test('digits that are valid with and without the region show both', async () => {
    expect(await sentences(file('15123456789,a@company.com'), { region: 'DE' })).toEqual([
      'Row 2: 15123456789 can be +4915123456789 or +15123456789. Write it with + and the country code.',
    ]);
  });

  test('an address outside the verified domains, where they are known', async () => {
    const verifiedDomains = new Set(['company.com']);
    expect(await sentences(file('+12125550101,a@cornpany.com'), { verifiedDomains })).toEqual([
      'Row 2: a@cornpany.com is not in a verified domain of your organization.',
    ]);
    expect(await sentences(file('+12125550101,a@company.com'), { verifiedDomains })).toEqual([]);
  });

  test('a repetition is an error of the later row only', async () => {
    const twice = file('+12125550101,a@company.com', '1 (212) 555-0101,A@company.com');
    expect(await sentences(twice)).toEqual(['Row 3: This number is in row 2 already, with the same mailbox.']);
    expect(pairs((await read(twice)).rows)).toEqual(['2 +12125550101 a@company.com']);
  });

  test('a contradiction is an error of both rows: neither is applied', async () => {
    const contrary = file(
      '+12125550101,a@company.com',
      '+12125550102,c@company.com',
      '+12125550101,b@company.com',
      '+12125550101,a@company.com',
    );
    const { result, rows } = await read(contrary);
    expect(await sentences(contrary)).toEqual([
      'Row 4: Row 2 maps this number to another mailbox for the same time.',
      'Row 2: Row 4 maps this number to another mailbox for the same time.',
      'Row 5: This number is in row 2 already, with the same mailbox.',
    ]);
    expect(pairs(rows)).toEqual(['3 +12125550102 c@company.com']);
    expect(result).toMatchObject({ rowCount: 1, erroneousRowCount: 3, withdrawnRows: [2] });
  });

  test('a number with more than 100 periods does not slow the reading down', async () => {
    const day = (index: number): string => new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10);
    const lines = Array.from({ length: 150 }, (_, index) => `+12125550101,a@company.com,${day(index)},${day(index)}`);
    const { rows, errors } = await read(file(...lines));
    expect(rows).toHaveLength(100);
    expect(errors.map(({ problem }) => problem)).toEqual(Array.from({ length: 50 }, () => 'too_many_periods'));
  });
});

describe('a file is refused as a whole', () => {
  const header = 'ExternalUserId,O365UserMailbox\n';
  test.each([
    ['', 'The file is empty.'],
    [' \r\n\r\n', 'The file is empty.'],
    [header, 'The file has headers and no rows.'],
    ['Phone,Name\n1,2\n', 'No number column. Found: Phone, Name.'],
    ['ExternalUserId,Name\n1,2\n', 'No mailbox column. Found: ExternalUserId, Name.'],
    [
      'ExternalUserId,O365UserMailbox,External User ID\n',
      'Two number columns. Found: ExternalUserId, O365UserMailbox, External User ID.',
    ],
    [
      `${header}+12125550101,"a@company.com\n+12125550102,b@company.com\n`,
      'Row 2 has a quotation mark that is never closed.',
    ],
    [
      `${header}+12125550101,${'x'.repeat(10_000_000)}\n`,
      'Row 2 is longer than 64 KB. A quotation mark may not be closed.',
    ],
    [`${header.trim()}${',x'.repeat(10_000)}\n`, 'The file has more than 100 columns.'],
    [`${header}+12125550101,a\0b@company.com\n`, 'This is not a text file.'],
    ['\x89PNG\r\n', 'No number column. Found: \uFFFD'],
  ])('%#', async (file, sentence) => {
    if (file.startsWith('\x89'))
      expect(await refusal(Buffer.from(file, 'latin1'))).toBe('This is an image, not a CSV file.');
    else expect(await refusal(file)).toBe(sentence);
  });

  test('larger than 64 MB', async () => {
    expect(await refusal(new Uint8Array(MAX_FILE_BYTES + 1))).toBe('The file is larger than 64 MB.');
  });

  test('1,000,001 rows', async () => {
    // rows that are refused one by one cost no number reading
    expect(await refusal(header + ',x\n'.repeat(1_000_001))).toBe('The file has more than 1,000,000 rows.');
  });
});

describe('what we write we read', () => {
  test('the template has the documented headers and maps nobody', async () => {
    expect(mappingTemplate()).toBe('ExternalUserId,O365UserMailbox\r\n');
    expect(await refusal(mappingTemplate())).toBe('The file has headers and no rows.');
  });

  test('a downloaded mapping comes back unchanged, in any region, and nothing in it runs', async () => {
    const source =
      'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n+15123456789,susan@company.com,,2026-03-31\n+15123456789,+ben@company.com,2026-04-01T12:00:00Z,\n+447700900103,-x@company.com,,\n';
    const { rows } = await read(source);
    const download = [mappingHeader(true), ...rows.map((row) => mappingLine(row, true))].join('');
    for (const cell of download.split(/[,\r\n]+/)) expect(cell).not.toMatch(/^[=+\-@]/);
    const again = await read(download, { region: 'DE' });
    expect(again.errors).toEqual([]);
    expect(again.rows).toEqual(rows);
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

  test('no cell begins like a formula, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'=+-@\t\r",; a1') }), (text) => {
        expect(csvCell(text)).not.toMatch(/^"?[=+\-@\t\r]/);
      }),
    );
  });
});

test('a reading that is cancelled stops', async () => {
  const controller = new AbortController();
  const file = `ExternalUserId,O365UserMailbox\n${'+12125550101,a@company.com\n'.repeat(100_000)}`;
  const reading = readMappingFile(
    new TextEncoder().encode(file),
    { region: 'US', signal: controller.signal },
    { rows: () => controller.abort(new Error('cancelled')), errors: () => {} },
  );
  await expect(reading).rejects.toThrow('cancelled');
});
