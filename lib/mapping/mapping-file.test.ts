import { describe, expect, test } from 'vitest';
import {
  type MappingFileOptions,
  type MappingFileResult,
  type MappingRow,
  type RowError,
  readMappingFile,
} from './mapping-file.ts';
import { rowErrorSentence } from './words.ts';

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

  test('digits that are valid with and without the region show both', async () => {
    expect(await sentences(file('15123456789,a@company.com'), { region: 'DE' })).toEqual([
      'Row 2: 15123456789 can be +4915123456789 or +15123456789. Write it with + and the country code.',
    ]);
  });

  test('an address outside the verified domains, where they are known', async () => {
    const verifiedDomains = new Set(['company.com']);
    expect(await sentences(file('+12125550101,a@other.com'), { verifiedDomains })).toEqual([
      'Row 2: a@other.com is not in a verified domain of your organization.',
    ]);
    expect(await sentences(file('+12125550101,a@cornpany.com'), { verifiedDomains })).toEqual([
      'Row 2: cornpany.com looks like company.com and is another domain. Type the address again.',
    ]);
    expect(await sentences(file('+12125550101,a@company.com'), { verifiedDomains })).toEqual([]);
  });

  test('two domains that look alike are both right where the organization has both', async () => {
    const both = file('+12125550101,a@cornpany.com', '+12125550102,a@company.com');
    const verifiedDomains = new Set(['company.com', 'cornpany.com']);
    expect(await sentences(both, { verifiedDomains })).toEqual([]);
    expect(await sentences(both)).toHaveLength(1);
  });

  test('where no domain is known, that of fewer rows is the mistyped one', async () => {
    const mistyped = file('+12125550101,a@cornpany.com', '+12125550102,b@company.com', '+12125550103,c@company.com');
    const { rows, result } = await read(mistyped, { verifiedDomains: new Set() });
    expect(pairs(rows)).toEqual(['3 +12125550102 b@company.com', '4 +12125550103 c@company.com']);
    expect(result).toMatchObject({ rowCount: 2, erroneousRowCount: 1, withdrawnRows: [2] });
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
      'Row 5: Row 4 maps this number to another mailbox for the same time.',
      'Row 2: Row 4 maps this number to another mailbox for the same time.',
    ]);
    expect(pairs(rows)).toEqual(['3 +12125550102 c@company.com']);
    expect(result).toMatchObject({ rowCount: 1, erroneousRowCount: 3, withdrawnRows: [2] });
  });

  test('a row that contradicts several is an error of all of them', async () => {
    const contrary = file(
      '+12125550101,a@company.com,2020-01-01,2020-12-31',
      '+12125550101,b@company.com,2021-01-01,2021-12-31',
      '+12125550101,c@company.com,2020-06-01,2021-06-30',
    );
    const { rows, errors } = await read(contrary);
    expect(rows).toEqual([]);
    expect(errors.map(({ row, otherRow }) => [row, otherRow])).toEqual([
      [4, 3],
      [2, 4],
      [3, 4],
    ]);
  });

  test('a row in error contradicts later ones', async () => {
    const chain = file(
      '+12125550101,a@company.com,2020-01-01,2020-12-31',
      '+12125550101,b@company.com,2020-06-01,2021-12-31',
      '+12125550101,c@company.com,2021-06-01,2022-12-31',
    );
    expect((await read(chain)).rows).toEqual([]);
    const unreadable = file('+12125550101,susan@x', '+12125550101,tom@x.com');
    expect((await read(unreadable)).rows).toEqual([]);
    expect(await sentences(unreadable)).toEqual([
      'Row 2: “susan@x” is not an e-mail address.',
      "Row 3: Row 2 names this number, too, and its mailbox or dates can't be read.",
    ]);
    const later = file('+12125550101,tom@x.com', '+12125550101,susan@x.com,2020-01-32');
    expect((await read(later)).rows).toEqual([]);
    expect((await sentences(later)).at(-1)).toBe(
      "Row 2: Row 3 names this number, too, and its mailbox or dates can't be read.",
    );
  });

  test('errors that a later row shows have their values as they are written', async () => {
    const { errors } = await read(
      `sep=;\nO365UserMailbox;ExternalUserId\nA@company.com;1 (212) 555-0101\nb@company.com;'+1 212 555 0101\nC@CORNPANY.com ;+12125550102\n${'d@company.com;+12125550103\n'.repeat(2)}`,
    );
    expect(errors.map(({ row, value }) => [row, value])).toEqual([
      [3, "'+1 212 555 0101"],
      [6, '+12125550103'],
      [2, '1 (212) 555-0101'],
      [4, 'C@CORNPANY.com '],
    ]);
  });

  test('a row with the same mailbox as one in error is right', async () => {
    const domains = { verifiedDomains: new Set(['company.com']) };
    const { rows } = await read(file('+12125550101,a@company.com,x', '+12125550101,a@company.com'), domains);
    expect(pairs(rows)).toEqual(['3 +12125550101 a@company.com']);
    // Of another domain it is another mailbox.
    const other = file('+12125550101,a@other.com', '+12125550101,a@company.com');
    expect((await read(other, domains)).rows).toEqual([]);
  });

  test('a row behind 100 periods withdraws what it contradicts', async () => {
    const day = (index: number): string => new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10);
    const lines = Array.from({ length: 150 }, (_, index) => `+12125550101,a@company.com,${day(index)},${day(index)}`);
    const { rows, result } = await read(file(...lines, `+12125550101,b@company.com,${day(10)},${day(20)}`));
    expect(rows).toHaveLength(89);
    expect(result).toMatchObject({ rowCount: 89, erroneousRowCount: 62 });
  });

  test('a number with more than 100 periods does not slow the reading down', async () => {
    const day = (index: number): string => new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10);
    const lines = Array.from({ length: 150 }, (_, index) => `+12125550101,a@company.com,${day(index)},${day(index)}`);
    const { rows, errors } = await read(file(...lines));
    expect(rows).toHaveLength(100);
    expect(errors.map(({ problem }) => problem)).toEqual(Array.from({ length: 50 }, () => 'too_many_periods'));
  });
});

test('others have their turn while it is found out what a file is', async () => {
  let before = 0;
  const line = '+12125550101,a@company.com\n';
  const file = new TextEncoder().encode(`ExternalUserId,O365UserMailbox\n${line.repeat(200_000)}`);
  await readMappingFile(
    file,
    { region: 'US' },
    {
      rows: () => {},
      errors: () => {},
      progress: (fraction) => {
        if (fraction === 0) before += 1;
      },
    },
  );
  expect(before).toBe(Math.floor(file.byteLength / 2 ** 20));
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
