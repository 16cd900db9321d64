/**
 * A mapping file, checked: from bytes to rows and errors. The one set of rules for the preview in the browser and the
 * check on the server. Pure; runs in the browser too.
 *
 * Forgiving in form, strict in substance (row-check.ts); what cannot be read as a table is refused as a whole, with the row.
 */
import { type CsvRecord, csvRecords, delimiterOf, RecordTooLong } from './csv-records.ts';
import { decodePieces, detectEncoding, END_OF_FILE, type NotText, type TextEncoding } from './decode.ts';
import { type Column, type HeaderResult, readHeaders } from './headers.ts';
import { MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS } from './limits.ts';
import { type Batch, type MappingRow, RowCheck, type RowOptions } from './row-check.ts';
import type { RowError } from './row-error.ts';

export type { MappingRow } from './row-check.ts';
export type { RowError, RowProblem } from './row-error.ts';

export type FileRefusal =
  | { readonly problem: 'empty' | 'header_only' | 'too_large' | 'too_many_rows' }
  | { readonly problem: NotText }
  | { readonly problem: 'missing_column' | 'column_twice'; readonly column: Column; readonly found: readonly string[] }
  /** a quote that never closes, a record of more than 64 KB or 100 cells, a character that no text has */
  | { readonly problem: 'unclosed_quote' | 'record_too_long' | 'too_many_columns' | 'nul'; readonly row: number }
  /** the upload ended before the file did; in bytes */
  | { readonly problem: 'broken_off'; readonly received: number; readonly size: number };

export interface MappingFileOptions extends RowOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Called in order and awaited, so that a slow taker slows the reading and memory stays bounded. */
export interface MappingFileTaker {
  rows(rows: readonly MappingRow[]): void | Promise<void>;
  errors(errors: readonly RowError[]): void | Promise<void>;
  /** 0 to 1, after every piece that takes about a millisecond: the place to let others have their turn */
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
      /** rows that were given out before a later row contradicted them: not to be applied. Their errors come last */
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
  const turn = async (): Promise<void> => {
    options.signal?.throwIfAborted();
    await taker.progress?.(0);
  };
  const detected = await detectEncoding(bytes, turn);
  if (!detected.ok) return refused({ problem: detected.problem });
  try {
    return await readText(bytes, detected.encoding, options, taker);
  } catch (error) {
    if (error instanceof RecordTooLong) return refused({ problem: 'record_too_long', row: error.row });
    throw error;
  }
}

async function readText(
  bytes: Uint8Array,
  encoding: TextEncoding,
  options: MappingFileOptions,
  taker: MappingFileTaker,
): Promise<MappingFileResult> {
  const pieces = decodePieces(bytes, encoding);
  const first = pieces.next();
  if (first.done === true) return refused({ problem: 'empty' });
  const { delimiter, skip } = delimiterOf(first.value, (cells) => readHeaders(cells).ok);
  const bytesPerCharacter = encoding.startsWith('utf-16') ? 2 : 1;
  let read = 0;
  let nulSeen = false;
  function* counted(): Generator<string> {
    for (const piece of withoutFirst(skip, chain(first.value, pieces))) {
      read += piece.length;
      // Nothing is read behind a NUL: where one is, there are often megabytes of them.
      const nul = piece.indexOf('\0');
      nulSeen = nul >= 0;
      yield nulSeen ? piece.slice(0, nul + 1) : piece;
      if (nulSeen) return;
    }
  }

  let check: RowCheck | null = null;
  for (const records of csvRecords(counted(), delimiter)) {
    options.signal?.throwIfAborted();
    const batch: Batch = { rows: [], errors: [] };
    for (const record of records) {
      if (isBlank(record)) continue;
      const refusal = refusalOf(record, nulSeen);
      if (refusal !== null) return refused(refusal);
      if (check === null) {
        const header = readHeaders(record.cells);
        if (!header.ok) return refused(headerRefusal(header));
        check = new RowCheck(options, { positions: header.positions, width: record.cells.length, delimiter });
      } else {
        if (check.seen === MAX_ROWS) return refused({ problem: 'too_many_rows' });
        check.take(record, batch);
      }
    }
    await give(batch, taker);
    await taker.progress?.(Math.min(1, (read * bytesPerCharacter) / bytes.byteLength));
  }
  if (check === null) return refused({ problem: 'empty' });
  if (check.seen === 0) return refused({ problem: 'header_only' });
  check.finish();
  const { withdrawals } = check;
  if (withdrawals.size > 0) {
    const again = csvRecords(withoutFirst(skip, decodePieces(bytes, encoding)), delimiter);
    await giveWithdrawn(again, check, options, taker);
  }
  return {
    kind: 'read',
    rowCount: check.given - withdrawals.size,
    erroneousRowCount: check.erroneous + withdrawals.size,
    withdrawnRows: withdrawals.rows(),
    encoding,
    delimiter,
  };
}

/** Reads the file again, as far as the last row that was withdrawn. */
async function giveWithdrawn(
  again: Iterable<readonly CsvRecord[]>,
  check: RowCheck,
  options: MappingFileOptions,
  taker: MappingFileTaker,
): Promise<void> {
  let missing = check.withdrawals.size;
  for (const records of again) {
    options.signal?.throwIfAborted();
    const errors = records.map((record) => check.withdrawalOf(record)).filter((error) => error !== null);
    await give({ rows: [], errors }, taker);
    await taker.progress?.(1);
    missing -= errors.length;
    if (missing === 0) return;
  }
}

interface Found {
  readonly rows: readonly MappingRow[];
  readonly errors: readonly RowError[];
}

async function give({ rows, errors }: Found, taker: MappingFileTaker): Promise<void> {
  if (rows.length > 0) await taker.rows(rows);
  if (errors.length > 0) await taker.errors(errors);
}

/** What makes the rest of the file unreadable, or shows that it is no table. */
function refusalOf(record: CsvRecord, nulSeen: boolean): FileRefusal | null {
  const { row, cells } = record;
  if (nulSeen && cells.some((cell) => cell.includes('\0'))) return { problem: 'nul', row };
  if (cells.length > MAX_COLUMNS) return { problem: 'too_many_columns', row };
  if (record.badQuotes && cells.some((cell) => /[\r\n]/.test(cell))) return { problem: 'unclosed_quote', row };
  return null;
}

function* chain(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}

/** The text without its first `count` characters, which its first piece has. */
function* withoutFirst(count: number, pieces: Iterable<string>): Generator<string> {
  let skip = count;
  for (const piece of pieces) {
    yield piece.slice(skip);
    skip = 0;
  }
}

function headerRefusal(header: HeaderResult & { readonly ok: false }): FileRefusal {
  const problem = header.problem === 'missing' ? 'missing_column' : 'column_twice';
  return { problem, column: header.column, found: header.found };
}

/** Also the end-of-file mark that old programs write. */
function isBlank({ cells }: CsvRecord): boolean {
  return cells.every((cell) => cell.trim() === '') || (cells.length === 1 && cells[0] === END_OF_FILE);
}

function refused(refusal: FileRefusal): MappingFileResult {
  return { kind: 'refused', refusal };
}
