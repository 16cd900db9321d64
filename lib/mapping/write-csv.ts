/**
 * CSV that we write: the template, the mapping in force, lists of errors. What is downloaded can be uploaded again
 * unchanged, and opens in a spreadsheet without running anything. Pure; runs in the browser too.
 */
import { csvLine } from '../csv.ts';
import { WRITTEN_HEADERS } from './headers.ts';
import type { MappingRow, RowError } from './mapping-file.ts';
import { writeValidity } from './validity.ts';
import { columnName, rowErrorReason } from './words.ts';

/** "Download CSV mapping template": the headers and no row, so that an upload of it by mistake maps nobody. */
export function mappingTemplate(): string {
  return csvLine([WRITTEN_HEADERS.number, WRITTEN_HEADERS.mailbox]);
}

/** The header line of a download. Validity columns only where some row has one: most administrators never see them. */
export function mappingHeader(withValidity: boolean): string {
  const { number, mailbox, validFrom, validTo } = WRITTEN_HEADERS;
  return csvLine(withValidity ? [number, mailbox, validFrom, validTo] : [number, mailbox]);
}

export function mappingLine(row: Pick<MappingRow, 'number' | 'mailbox' | 'validity'>, withValidity: boolean): string {
  const cells: string[] = [row.number, row.mailbox];
  if (withValidity) cells.push(writeValidity(row.validity.from, 'from'), writeValidity(row.validity.to, 'to'));
  return csvLine(cells);
}

export function errorHeader(): string {
  return csvLine(['Row', 'Column', 'Value', 'Reason']);
}

export function errorLine(error: RowError): string {
  return csvLine([String(error.row), columnName(error.column), error.value, rowErrorReason(error)]);
}
