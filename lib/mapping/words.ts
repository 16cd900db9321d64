/** What is said about mapping files, in sentences: the same in the preview, on the page and in a downloaded list. Pure. */
import { type Column, WRITTEN_HEADERS } from './headers.ts';
import { MAX_COLUMNS } from './limits.ts';
import { strangeLetter } from './mailbox-address.ts';
import type { FileRefusal, RowError, RowProblem } from './mapping-file.ts';

const COLUMN_NAMES: Readonly<Record<Column, string>> = {
  number: 'number',
  mailbox: 'mailbox',
  validFrom: WRITTEN_HEADERS.validFrom,
  validTo: WRITTEN_HEADERS.validTo,
};

const MEGABYTE = 1024 * 1024;

/** The header of the column that an error is about; empty for the row as a whole. */
export function columnName(column: Column | null): string {
  return column === null ? '' : WRITTEN_HEADERS[column];
}

/** "Row 18: 4.45204E+11 has lost digits. Format the column as text and save again." */
export function rowErrorSentence(error: RowError): string {
  return `Row ${error.row}: ${rowErrorReason(error)}`;
}

/** The same without the row. */
export function rowErrorReason(error: RowError): string {
  const value = error.value.trim();
  const domain = value.slice(value.lastIndexOf('@') + 1);
  const sentences: Readonly<Record<RowProblem, string>> = {
    number_empty: 'The number is missing.',
    number_invisible: invisible(value),
    number_scientific_notation: `${value} has lost digits. Format the column as text and save again.`,
    number_formula: 'The number is a formula. Save the column as values.',
    number_not_a_number: `“${value}” is not a phone number.`,
    number_not_possible: `${value} is too long or too short for a phone number. Write it with + and the country code.`,
    number_ambiguous: `${value} can be ${error.readings.join(' or ')}. Write it with + and the country code.`,
    mailbox_empty: 'The mailbox is missing.',
    mailbox_invisible: invisible(value),
    mailbox_formula: 'The mailbox is a formula. Save the column as values.',
    mailbox_not_an_address: `“${value}” is not an e-mail address.`,
    mailbox_look_alike: `“${value}” contains ${named(strangeLetter(value))}, which only looks like a letter of a to z. Type the address again.`,
    mailbox_not_ascii: `“${value}” contains ${named(strangeLetter(value))}, which no mailbox address has.`,
    mailbox_look_alike_domain: `${domain} looks like ${error.similar} and is another domain. Type the address again.`,
    mailbox_other_domain: `${value} is not in a verified domain of your organization.`,
    date_unreadable: `“${value}” is not a date. Write it as 2026-11-30.`,
    validity_reversed: 'ValidTo lies before ValidFrom.',
    repeated: `This number is in row ${error.otherRow} already, with the same mailbox.`,
    contradiction: `Row ${error.otherRow} maps this number to another mailbox for the same time.`,
    other_row_unreadable: `Row ${error.otherRow} names this number, too, and its mailbox or dates can't be read.`,
    too_many_periods: 'This number has more than 100 periods.',
    quotes: 'A quotation mark is not closed or not doubled.',
    swallowed_rows: 'A cell holds several lines that look like rows. A quotation mark may not be closed.',
    surplus_cell: `“${value}” stands to the right of the last header. Put cells that contain the delimiter in quotation marks.`,
  };
  return sentences[error.problem];
}

/** "64 MB", "812 KB", "17 bytes" */
function size(bytes: number): string {
  if (bytes >= MEGABYTE) return `${(bytes / MEGABYTE).toFixed(1).replace('.0', '')} MB`;
  return bytes >= 1024 ? `${Math.floor(bytes / 1024)} KB` : `${bytes} bytes`;
}

function invisible(value: string): string {
  // Values come with such characters shown by their code points (row-check.ts).
  const character = /‹(U\+[0-9A-F]{4,6})›/.exec(value)?.[1];
  return `“${value}” contains a character that cannot be seen${character ? ` (${character})` : ''}. Type it again.`;
}

/** "“о” (U+043E)": two letters that look the same are told apart by their numbers. */
function named(letter: string | null): string {
  const code = (letter?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return letter === null ? 'a letter' : `“${letter}” (U+${code})`;
}

/** "No mailbox column. Name its header O365UserMailbox. Found: Phone, Name." */
export function refusalSentence(refusal: FileRefusal): string {
  switch (refusal.problem) {
    case 'missing_column':
      return `No ${COLUMN_NAMES[refusal.column]} column. Name its header ${WRITTEN_HEADERS[refusal.column]}. Found: ${refusal.found.join(', ') || 'nothing'}.`;
    case 'column_twice':
      return `Two ${COLUMN_NAMES[refusal.column]} columns. Keep one of them. Found: ${refusal.found.join(', ')}.`;
    case 'unclosed_quote':
      return `Row ${refusal.row} has a quotation mark that is never closed.`;
    case 'record_too_long':
      return `Row ${refusal.row} is longer than 64 KB. A quotation mark may not be closed.`;
    case 'empty':
      return 'The file is empty.';
    case 'header_only':
      return 'The file has headers and no rows.';
    case 'too_large':
      return 'The file is larger than 64 MB.';
    case 'too_many_rows':
      return 'The file has more than 1,000,000 rows.';
    case 'too_many_columns':
      return `Row ${refusal.row} has more than ${MAX_COLUMNS} columns.`;
    case 'nul':
      return `Row ${refusal.row} contains a NUL character. The file is damaged: save it again.`;
    case 'broken_off':
      return `The upload broke off after ${size(refusal.received)} of ${size(refusal.size)}. Nothing changed. Upload the file again.`;
    case 'spreadsheet':
      return 'This is a workbook, not a CSV file. Save it as CSV UTF-8.';
    case 'image':
      return 'This is an image, not a CSV file.';
    case 'binary':
      return 'This is not a text file.';
  }
}
