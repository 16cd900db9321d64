/**
 * Files that nobody should upload, and what is said of each. docs/mapping-files.md is held to this list, the check of
 * files to its sentences, and the upload to leaving the mapping in force untouched.
 */
import { LONGEST_RECORD } from './csv-records.ts';
import { MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS } from './limits.ts';

export interface BadFile {
  /** `refused`: as a whole; `error`: its row is wrong, and the others may be applied without it */
  readonly outcome: 'refused' | 'error';
  readonly bytes: () => Uint8Array;
  /** what the administrator reads */
  readonly says: string;
}

const HEADER = 'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n';
const GOOD = '+12125550100,ann@company.com,,\n';
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

function refused(content: string | (() => Uint8Array), says: string): BadFile {
  return { outcome: 'refused', bytes: typeof content === 'string' ? () => text(content) : content, says };
}

/** Row 3 of a file whose row 2 is good. */
function error(row: string, reason: string): BadFile {
  return { outcome: 'error', bytes: () => text(`${HEADER}${GOOD}${row}\n`), says: `Row 3: ${reason}` };
}

export const BAD_FILES: Readonly<Record<string, BadFile>> = {
  'an empty file': refused('', 'The file is empty.'),
  'nothing but blanks': refused(' \r\n\r\n\t', 'The file is empty.'),
  'a header and no row': refused(HEADER, 'The file has headers and no rows.'),
  'no mailbox column': refused(
    'ExternalUserId,Name\n1,2\n',
    'No mailbox column. Name its header O365UserMailbox. Found: ExternalUserId, Name.',
  ),
  'no number column': refused(
    'Phone,Name\n1,2\n',
    'No number column. Name its header ExternalUserId. Found: Phone, Name.',
  ),
  'a column twice': refused(
    'ExternalUserId,O365UserMailbox,External User ID\n1,2,3\n',
    'Two number columns. Keep one of them. Found: ExternalUserId, O365UserMailbox, External User ID.',
  ),
  'a workbook renamed to .csv': refused(
    () => new Uint8Array([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x06, 0x00]),
    'This is a workbook, not a CSV file. Save it as CSV UTF-8.',
  ),
  'an image renamed to .csv': refused(
    () => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    'This is an image, not a CSV file.',
  ),
  'a binary file': refused(() => new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01]), 'This is not a text file.'),
  'a NUL byte in a row': refused(
    `${HEADER}${GOOD.repeat(100)}+12125550101,a\0nn@company.com,,\n`,
    'Row 102 contains a NUL character. The file is damaged: save it again.',
  ),
  'megabytes of NUL at the end': refused(
    `${HEADER}${GOOD.repeat(100)}${'\0'.repeat(5_000_000)}`,
    'Row 102 contains a NUL character. The file is damaged: save it again.',
  ),
  'more than 64 MB': refused(() => new Uint8Array(MAX_FILE_BYTES + 1), 'The file is larger than 64 MB.'),
  '1,000,001 rows': refused(
    // Rows that are wrong in themselves: they are read quickly.
    HEADER + ',x\n'.repeat(MAX_ROWS + 1),
    'The file has more than 1,000,000 rows.',
  ),
  'a row of 10 MB': refused(
    `${HEADER}${GOOD}+12125550101,${'x'.repeat(10_000_000)}\n`,
    'Row 3 is longer than 64 KB. A quotation mark may not be closed.',
  ),
  'a header of 10 MB': refused(
    `${'x'.repeat(10_000_000)},y\n`,
    'Row 1 is longer than 64 KB. A quotation mark may not be closed.',
  ),
  '10,000 columns': refused(`${HEADER.trim()}${',x'.repeat(10_000)}\n`, `Row 1 has more than ${MAX_COLUMNS} columns.`),
  'a row of 10,000 cells': refused(
    `${HEADER}${GOOD}${',x'.repeat(10_000)}\n`,
    `Row 3 has more than ${MAX_COLUMNS} columns.`,
  ),
  'a quotation mark that is never closed': refused(
    `${HEADER}${GOOD}+12125550101,"bob@company.com,,\n+12125550102,eve@company.com,,\n`,
    'Row 3 has a quotation mark that is never closed.',
  ),
  'one that is never closed in a long file': refused(
    `${HEADER}${GOOD}+12125550101,"bob@company.com,,\n${GOOD.repeat(LONGEST_RECORD / 8)}`,
    'Row 3 is longer than 64 KB. A quotation mark may not be closed.',
  ),
  'one that the quotation mark of a later row closes': {
    outcome: 'error',
    bytes: () =>
      text(
        `ExternalUserId,Name,O365UserMailbox\n+12125550100,Ann,ann@company.com\n+12125550101,"Bob,bob@company.com\n+12125550102,Eve",eve@company.com\n`,
      ),
    says: 'Row 3: A cell holds several lines that look like rows. A quotation mark may not be closed.',
  },
  'one that a later row closes, in a file of an old Mac': {
    outcome: 'error',
    bytes: () =>
      text(
        `ExternalUserId,O365UserMailbox,Name\r+12125550100,ann@company.com,Ann\r+12125550101,bob@company.com,"Bob\r+12125550102,eve@company.com,Eve"\r`,
      ),
    says: 'Row 3: A cell holds several lines that look like rows. A quotation mark may not be closed.',
  },
  'a quotation mark within a quoted cell': error(
    '+12125550101,"bob"@company.com",,',
    'A quotation mark is not closed or not doubled.',
  ),
  'a delimiter within a cell': error(
    '+12125550101,bob@company.com,,,Byrne',
    '“Byrne” stands to the right of the last header. Put cells that contain the delimiter in quotation marks.',
  ),
  'no number': error(',bob@company.com,,', 'The number is missing.'),
  'no mailbox': error('+12125550101', 'The mailbox is missing.'),
  'the scientific notation of spreadsheets': error(
    '4.45204E+11,bob@company.com,,',
    '4.45204E+11 has lost digits. Format the column as text and save again.',
  ),
  'a formula for a number': error(
    '=A1&"0101",bob@company.com,,',
    'The number is a formula. Save the column as values.',
  ),
  'a formula for a mailbox': error(
    '+12125550101,"=HYPERLINK(""http://x.example"")",,',
    'The mailbox is a formula. Save the column as values.',
  ),
  'a command for a mailbox': error("+12125550101,+cmd|'/c calc'!A1,,", "“+cmd|'/c calc'!A1” is not an e-mail address."),
  'a name for a number': error('Bob,bob@company.com,,', '“Bob” is not a phone number.'),
  'a short code': error(
    '62626,bob@company.com,,',
    '62626 is too long or too short for a phone number. Write it with + and the country code.',
  ),
  'a number that is cut off': error(
    '+44 20 79,bob@company.com,,',
    '+44 20 79 is too long or too short for a phone number. Write it with + and the country code.',
  ),
  'a number that only a phone at home could dial': error(
    '+64 000 4446,bob@company.com,,',
    '+64 000 4446 is too long or too short for a phone number. Write it with + and the country code.',
  ),
  'digits that are valid in the region and internationally': error(
    '3546111234,bob@company.com,,',
    '3546111234 can be +13546111234 or +3546111234. Write it with + and the country code.',
  ),
  'a right-to-left mark in a number': error(
    '\u200F+12125550101,bob@company.com,,',
    '“‹U+200F›+12125550101” contains a character that cannot be seen (U+200F). Type it again.',
  ),
  'a zero-width space in a number': error(
    '+1212\u200B5550101,bob@company.com,,',
    '“+1212‹U+200B›5550101” contains a character that cannot be seen (U+200B). Type it again.',
  ),
  'a right-to-left override in an address': error(
    '+12125550101,\u202Emoc.ynapmoc@bob,,',
    '“‹U+202E›moc.ynapmoc@bob” contains a character that cannot be seen (U+202E). Type it again.',
  ),
  'a zero-width joiner in an address': error(
    '+12125550101,bob@com\u200Dpany.com,,',
    '“bob@com‹U+200D›pany.com” contains a character that cannot be seen (U+200D). Type it again.',
  ),
  'a letter of another script in a domain': error(
    '+12125550101,bob@c\u043Empany.com,,',
    '“bob@cоmpany.com” contains “о” (U+043E), which only looks like a letter of a to z. Type the address again.',
  ),
  'a domain that looks like the others': error(
    '+12125550101,bob@cornpany.com,,',
    'cornpany.com looks like company.com and is another domain. Type the address again.',
  ),
  'a letter with an accent in an address': error(
    '+12125550101,zoë@company.com,,',
    '“zoë@company.com” contains “ë” (U+00EB), which no mailbox address has.',
  ),
  'no address': error('+12125550101,bob,,', '“bob” is not an e-mail address.'),
  'two addresses': error(
    '+12125550101,bob@company.com eve@company.com,,',
    '“bob@company.com eve@company.com” is not an e-mail address.',
  ),
  'a date in the order of a country': error(
    '+12125550101,bob@company.com,01/02/2026,',
    '“01/02/2026” is not a date. Write it as 2026-11-30.',
  ),
  'a period that ends before it begins': error(
    '+12125550101,bob@company.com,2026-02-02,2026-02-01',
    'ValidTo lies before ValidFrom.',
  ),
  'a row twice': error('1 (212) 555-0100,Ann@company.com,,', 'This number is in row 2 already, with the same mailbox.'),
  'one number with two mailboxes at one time': error(
    '+12125550100,bob@company.com,2026-01-01,',
    'Row 2 maps this number to another mailbox for the same time.',
  ),
  'one number twice, once with a mailbox that cannot be read': {
    outcome: 'error',
    bytes: () => text(`${HEADER}${GOOD}+12125550101,bob@x,,\n+12125550101,bob@company.com,,\n`),
    says: "Row 4: Row 3 names this number, too, and its mailbox or dates can't be read.",
  },
};
