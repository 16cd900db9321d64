/**
 * A mapping file, checked: from bytes to rows and errors. The one set of rules for the preview in the browser and the
 * check on the server. Pure; runs in the browser too.
 *
 * Forgiving in form, strict in substance: whatever cannot be read for certain is an error with its row, column, value
 * and reason, and an erroneous row is never among the rows.
 */
import { type CsvRecord, csvRecords, delimiterOf, RecordTooLong } from './csv-records.ts';
import { decodePieces, detectEncoding, type TextEncoding } from './decode.ts';
import { type Column, type HeaderResult, readHeaders } from './headers.ts';
import { type AddressProblem, domainOf, type MailboxAddress, parseAddress } from './mailbox-address.ts';
import { type E164, type NumberProblem, parseNumber, type Region } from './number.ts';
import { NumberIndex } from './number-index.ts';
import { parseValidity, type Validity } from './validity.ts';

export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_ROWS = 1_000_000;
export const MAX_COLUMNS = 100;

/** A row that can be applied. `row` counts as a spreadsheet does: the header is 1. */
export interface MappingRow {
  readonly row: number;
  readonly number: E164;
  readonly mailbox: MailboxAddress;
  readonly validity: Validity;
}

export type RowProblem =
  | `number_${NumberProblem}`
  | `mailbox_${AddressProblem}`
  /** not one of the organization's verified domains */
  | 'mailbox_other_domain'
  | 'date_unreadable'
  | 'validity_reversed'
  | 'repeated'
  | 'contradiction'
  | 'too_many_periods'
  | 'quotes';

export interface RowError {
  readonly row: number;
  readonly column: Column;
  /** as written, at most 100 characters */
  readonly value: string;
  readonly problem: RowProblem;
  /** the two readings of an ambiguous number */
  readonly readings: readonly E164[];
  /** the row that it repeats or contradicts */
  readonly otherRow: number | null;
}

export type FileRefusal =
  | { readonly problem: 'empty' | 'header_only' | 'too_large' | 'too_many_rows' | 'too_many_columns' }
  | { readonly problem: 'spreadsheet' | 'image' | 'binary' }
  | { readonly problem: 'missing_column' | 'column_twice'; readonly column: Column; readonly found: readonly string[] }
  /** a quote that never closes, or a record of more than 64 KB */
  | { readonly problem: 'unclosed_quote' | 'record_too_long'; readonly row: number };

export interface MappingFileOptions {
  /** in which national numbers are read */
  readonly region: Region;
  /** lower case; where given, addresses of other domains are errors */
  readonly verifiedDomains?: ReadonlySet<string> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Called in order and awaited, so that a slow taker slows the reading and memory stays bounded. */
export interface MappingFileTaker {
  rows(rows: readonly MappingRow[]): void | Promise<void>;
  errors(errors: readonly RowError[]): void | Promise<void>;
  /** 0 to 1, after every piece of some hundred rows: the place to let others have their turn */
  progress?(fraction: number): void | Promise<void>;
}

export type MappingFileResult =
  /** the whole file is refused: whatever was given out before is void */
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  | {
      readonly kind: 'read';
      /** rows given out, less the withdrawn ones */
      readonly rowCount: number;
      /** rows with at least one error */
      readonly erroneousRowCount: number;
      /** rows that were given out before a later row contradicted them: not to be applied */
      readonly withdrawnRows: readonly number[];
      readonly encoding: TextEncoding;
      readonly delimiter: string;
    };

/**
 * Reads a file of at most 64 MB and 1,000,000 rows. Memory grows by some dozens of bytes a row.
 *
 * @throws the signal's reason, and what the taker throws
 */
export async function readMappingFile(
  bytes: Uint8Array,
  options: MappingFileOptions,
  taker: MappingFileTaker,
): Promise<MappingFileResult> {
  if (bytes.byteLength > MAX_FILE_BYTES) return refused({ problem: 'too_large' });
  const detected = detectEncoding(bytes);
  if (!detected.ok) return refused({ problem: detected.problem });
  try {
    return await readText(decodePieces(bytes, detected.encoding), detected.encoding, bytes.byteLength, options, taker);
  } catch (error) {
    if (error instanceof RecordTooLong) return refused({ problem: 'record_too_long', row: error.row });
    throw error;
  }
}

async function readText(
  pieces: Iterator<string> & Iterable<string>,
  encoding: TextEncoding,
  byteLength: number,
  options: MappingFileOptions,
  taker: MappingFileTaker,
): Promise<MappingFileResult> {
  const first = pieces.next();
  if (first.done === true) return refused({ problem: 'empty' });
  const { delimiter, skip } = delimiterOf(first.value, (cells) => readHeaders(cells).ok);
  const bytesPerCharacter = encoding.startsWith('utf-16') ? 2 : 1;
  let read = 0;
  function* counted(): Generator<string> {
    read += first.value.length;
    yield first.value.slice(skip);
    for (const piece of pieces) {
      read += piece.length;
      yield piece;
    }
  }

  const check = new RowCheck(options);
  let header: HeaderResult | null = null;
  for (const records of csvRecords(counted(), delimiter)) {
    options.signal?.throwIfAborted();
    const batch: Batch = { rows: [], errors: [] };
    for (const record of records) {
      if (isBlank(record)) continue;
      if (record.cells.length > MAX_COLUMNS) return refused({ problem: 'too_many_columns' });
      if (record.badQuotes && record.cells.some((cell) => /[\r\n]/.test(cell)))
        return refused({ problem: 'unclosed_quote', row: record.row });
      if (header === null) {
        header = readHeaders(record.cells);
        if (!header.ok) return refused(headerRefusal(header));
      } else if (header.ok) {
        if (check.seen === MAX_ROWS) return refused({ problem: 'too_many_rows' });
        check.take(record, header.positions, batch);
      }
    }
    if (batch.rows.length > 0) await taker.rows(batch.rows);
    if (batch.errors.length > 0) await taker.errors(batch.errors);
    await taker.progress?.(Math.min(1, (read * bytesPerCharacter) / byteLength));
  }
  if (header === null) return refused({ problem: 'empty' });
  if (check.seen === 0) return refused({ problem: 'header_only' });
  const withdrawnRows = [...check.withdrawn].toSorted((a, b) => a - b);
  return {
    kind: 'read',
    rowCount: check.given - withdrawnRows.length,
    erroneousRowCount: check.erroneous + withdrawnRows.length,
    withdrawnRows,
    encoding,
    delimiter,
  };
}

interface Batch {
  readonly rows: MappingRow[];
  readonly errors: RowError[];
}

type Positions = (HeaderResult & { readonly ok: true })['positions'];

/** The rules of a row, and what later rows must know of earlier ones. */
class RowCheck {
  seen = 0;
  given = 0;
  erroneous = 0;
  readonly withdrawn = new Set<number>();
  readonly #index = new NumberIndex();
  readonly #options: MappingFileOptions;

  constructor(options: MappingFileOptions) {
    this.#options = options;
  }

  take(record: CsvRecord, positions: Positions, batch: Batch): void {
    this.seen += 1;
    const before = batch.errors.length;
    const row = this.#read(record, positions, batch.errors);
    if (row !== null && this.#compare(row, record.cells[positions.number] ?? '', batch.errors)) {
      batch.rows.push(row);
      this.given += 1;
    }
    if (batch.errors.slice(before).some((error) => error.row === record.row)) this.erroneous += 1;
  }

  #read(record: CsvRecord, positions: Positions, errors: RowError[]): MappingRow | null {
    const cell = (position: number | null): string => (position === null ? '' : (record.cells[position] ?? ''));
    const fail = (column: Column, value: string, problem: RowProblem, readings: readonly E164[] = []): void => {
      errors.push({ row: record.row, column, value: shortened(value), problem, readings, otherRow: null });
    };
    const before = errors.length;
    if (record.badQuotes) fail('number', record.cells.join(' '), 'quotes');

    const number = parseNumber(cell(positions.number), this.#options.region);
    if (!number.ok) fail('number', cell(positions.number), `number_${number.problem}`, number.readings);

    const mailbox = parseAddress(cell(positions.mailbox));
    if (!mailbox.ok) fail('mailbox', cell(positions.mailbox), `mailbox_${mailbox.problem}`);
    else if (this.#options.verifiedDomains?.has(domainOf(mailbox.address)) === false)
      fail('mailbox', cell(positions.mailbox), 'mailbox_other_domain');

    const from = parseValidity(cell(positions.validFrom), 'from');
    if (from === undefined) fail('validFrom', cell(positions.validFrom), 'date_unreadable');
    const to = parseValidity(cell(positions.validTo), 'to');
    if (to === undefined) fail('validTo', cell(positions.validTo), 'date_unreadable');
    if (from && to && from >= to) fail('validTo', cell(positions.validTo), 'validity_reversed');

    if (errors.length > before || !number.ok || !mailbox.ok) return null;
    return {
      row: record.row,
      number: number.number,
      mailbox: mailbox.address,
      validity: { from: from ?? null, to: to ?? null },
    };
  }

  /** Whether no earlier row speaks of the same number and time. A contradicted earlier row is withdrawn as well. */
  #compare(row: MappingRow, written: string, errors: RowError[]): boolean {
    const addition = this.#index.add(row.number, row.mailbox, row.validity, row.row);
    if (addition.kind === 'added') return true;
    const error = { column: 'number', value: shortened(written), problem: addition.kind, readings: [] } as const;
    if (addition.kind === 'too_many_periods') {
      errors.push({ ...error, row: row.row, otherRow: null });
      return false;
    }
    errors.push({ ...error, row: row.row, otherRow: addition.row });
    // Nobody can tell which of the two is right: leaving out one would be a choice that nobody made.
    if (addition.kind === 'contradiction' && !this.withdrawn.has(addition.row)) {
      this.withdrawn.add(addition.row);
      errors.push({ ...error, row: addition.row, value: row.number, otherRow: row.row });
    }
    return false;
  }
}

function headerRefusal(header: HeaderResult & { readonly ok: false }): FileRefusal {
  const problem = header.problem === 'missing' ? 'missing_column' : 'column_twice';
  return { problem, column: header.column, found: header.found };
}

function isBlank(record: CsvRecord): boolean {
  return record.cells.every((cell) => cell.trim() === '');
}

function shortened(value: string): string {
  return value.length > 100 ? `${value.slice(0, 99)}…` : value;
}

function refused(refusal: FileRefusal): MappingFileResult {
  return { kind: 'refused', refusal };
}
