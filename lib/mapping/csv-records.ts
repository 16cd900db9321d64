/**
 * Records of a table in text that arrives in pieces, by papaparse's parser. Pure; runs in the browser too.
 *
 * Knows quotes, delimiters and line ends, nothing of mappings. Memory holds one piece and one unfinished record.
 */
import Papa from 'papaparse';

export const DELIMITERS = [',', ';', '\t'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export interface CsvRecord {
  /** 1 for the first record, empty ones counted, as a spreadsheet numbers its rows */
  readonly row: number;
  readonly cells: readonly string[];
  /** a quote that is neither closed nor doubled */
  readonly badQuotes: boolean;
}

/** Thrown by `csvRecords` alone: a record that goes on for ever is nearly always a quote that never closes. */
export class RecordTooLong extends Error {
  override name = 'RecordTooLong';
  readonly row: number;
  constructor(row: number) {
    super(`record ${row} is longer than ${LONGEST_RECORD} characters`);
    this.row = row;
  }
}

/** In characters. A mapping row has some sixty. */
export const LONGEST_RECORD = 64 * 1024;

/** What papaparse's parser gives for a piece. Its types call this `any`. */
interface Parsed {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly row?: number; readonly code: string }[];
  readonly meta: { readonly cursor: number };
}

/**
 * @param pieces text of a file in order; a record may lie across pieces
 * @returns records in lists, one for each piece
 * @throws RecordTooLong
 */
export function* csvRecords(pieces: Iterable<string>, delimiter: Delimiter): Generator<readonly CsvRecord[]> {
  let newline: '\n' | '\r' | null = null;
  let open = '';
  let row = 0;
  for (const { text, last } of withLast(pieces)) {
    const input = open + text;
    newline ??= lineEndOf(input);
    const parser = new Papa.Parser({ delimiter, newline: newline ?? '\n' });
    const parsed: Parsed = parser.parse(input, 0, !last);
    const records = toRecords(parsed, row);
    // The line end of the last record is no record of its own.
    if (last && records.at(-1)?.cells.join() === '' && records.at(-1)?.cells.length === 1) records.pop();
    row += parsed.data.length;
    open = last ? '' : input.slice(parsed.meta.cursor);
    for (const record of records) if (lengthOf(record) > LONGEST_RECORD) throw new RecordTooLong(record.row);
    if (open.length > LONGEST_RECORD + text.length) throw new RecordTooLong(row + 1);
    if (records.length > 0) yield records;
  }
}

/**
 * The delimiter of a file: the one that gives the first record the headers that `accepts` knows, else the one that
 * gives it the most cells. A first line `sep=;`, which Excel writes and reads, decides by itself.
 *
 * @param head the beginning of the text
 * @returns also the number of characters to leave out at the front
 */
export function delimiterOf(
  head: string,
  accepts: (cells: readonly string[]) => boolean,
): { readonly delimiter: Delimiter; readonly skip: number } {
  const named = /^"?sep=([,;\t])"?(\r\n|\n|\r)/i.exec(head);
  const delimiter = DELIMITERS.find((one) => one === named?.[1]);
  if (named !== null && delimiter !== undefined) return { delimiter, skip: named[0].length };
  const tried = DELIMITERS.map((one) => ({ delimiter: one, cells: firstCells(head, one) }));
  const known = tried.find(({ cells }) => accepts(cells));
  const most = tried.toSorted((a, b) => b.cells.length - a.cells.length)[0];
  return { delimiter: (known ?? most)?.delimiter ?? ',', skip: 0 };
}

function firstCells(head: string, delimiter: Delimiter): readonly string[] {
  const parser = new Papa.Parser({ delimiter, newline: lineEndOf(head) ?? '\n', preview: 1 });
  const parsed: Parsed = parser.parse(head.slice(0, LONGEST_RECORD), 0, false);
  return parsed.data[0] ?? [];
}

/** CR alone is the line end of old Macs; everything else ends in LF. Null: not seen yet. */
function lineEndOf(text: string): '\n' | '\r' | null {
  if (text.includes('\n')) return '\n';
  return /\r[^\n]/.test(text) ? '\r' : null;
}

function toRecords(parsed: Parsed, before: number): CsvRecord[] {
  const bad = new Set(parsed.errors.map((error) => error.row ?? -1));
  return parsed.data.map((cells, index) => ({
    row: before + index + 1,
    cells: withoutCarriageReturn(cells),
    badQuotes: bad.has(index),
  }));
}

/** The CR of a CRLF stays at the end of a last cell that is not quoted. */
function withoutCarriageReturn(cells: readonly string[]): readonly string[] {
  const last = cells.at(-1);
  return last?.endsWith('\r') ? [...cells.slice(0, -1), last.slice(0, -1)] : cells;
}

function lengthOf(record: CsvRecord): number {
  let length = 0;
  for (const cell of record.cells) length += cell.length + 1;
  return length;
}

function* withLast(pieces: Iterable<string>): Generator<{ readonly text: string; readonly last: boolean }> {
  let held: string | null = null;
  for (const piece of pieces) {
    if (held !== null) yield { text: held, last: false };
    held = piece;
  }
  if (held !== null) yield { text: held, last: true };
}
