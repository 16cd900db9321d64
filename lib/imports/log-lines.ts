/** The columns of *Download log* and how a line of it is written. Pure. */
import { csvLine } from '../csv.ts';

export const COLUMNS = [
  'Record',
  'Import',
  'Window start (UTC)',
  'Window end (UTC)',
  'Import completion time (UTC)',
  'Items available from source',
  'Items available for import',
  'Items imported successfully',
  'Items partially imported',
  'Items skipped',
  'Items failed',
  'Items waiting for mapping',
  'Items unreadable',
  'Item id',
  'Source User ID',
  'M365 User ID',
  'Failure Reason',
  'Note',
] as const;

type Line = Partial<Record<(typeof COLUMNS)[number], string | number>>;

export function lineOf(line: Line): string {
  return csvLine(COLUMNS.map((column) => line[column] ?? ''));
}

/** 2026-11-21 06:14:00 */
export function utc(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ');
}
