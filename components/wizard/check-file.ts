/** The check of a mapping file as the preview shows it, while it goes on and at its end. Runs in a worker. */
import { type FileRefusal, type MappingRow, type RowError, readMappingFile } from '#lib/mapping/mapping-file.ts';
import { isRegion } from '#lib/mapping/number.ts';
import { errorHeader, errorLine } from '#lib/mapping/write-csv.ts';

export interface CheckRequest {
  readonly file: Blob;
  readonly region: string;
  /** lower case; empty where nobody knows them yet */
  readonly verifiedDomains: readonly string[];
}

export type PreviewRow = Pick<MappingRow, 'row' | 'number' | 'mailbox'>;

/** What was found so far. */
export interface Findings {
  readonly rowCount: number;
  readonly erroneousRowCount: number;
  /** at most 5 */
  readonly firstRows: readonly PreviewRow[];
  /** at most 100 */
  readonly firstErrors: readonly RowError[];
}

export type CheckMessage =
  /** ten times a second; lists that did not change since the last time are left out */
  | { readonly kind: 'progress'; readonly fraction: number; readonly found: Partial<Findings> }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  /** the disk did not give it out: moved, changed, unplugged */
  | { readonly kind: 'unreadable' }
  | ({
      readonly kind: 'checked';
      /** the whole list, as a file to download */
      readonly errorsCsv: Blob;
    } & Findings);

const FIRST_ROWS = 5;
const FIRST_ERRORS = 100;
const PROGRESS_MS = 100;

/**
 * @param post hears how far it is
 * @param now milliseconds of a monotonic clock
 * @returns the last message
 */
export async function checkFile(
  { file, region, verifiedDomains }: CheckRequest,
  post: (message: CheckMessage) => void,
  now: () => number = () => performance.now(),
): Promise<CheckMessage> {
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) return { kind: 'unreadable' };
  const firstRows: PreviewRow[] = [];
  const firstErrors: RowError[] = [];
  // The mark tells spreadsheets that this is UTF-8: values are as somebody wrote them.
  const csv = new TextFile(`\uFEFF${errorHeader()}`);
  let [rowCount, erroneousRowCount] = [0, 0];
  let posted = { at: now(), rows: 0, errors: 0 };
  const result = await readMappingFile(
    new Uint8Array(bytes),
    { region: isRegion(region) ? region : 'US', verifiedDomains: new Set(verifiedDomains) },
    {
      rows(rows) {
        rowCount += rows.length;
        if (firstRows.length === FIRST_ROWS) return;
        for (const { row, number, mailbox } of rows.slice(0, FIRST_ROWS - firstRows.length)) {
          firstRows.push({ row, number, mailbox });
        }
      },
      errors(errors) {
        erroneousRowCount += new Set(errors.map(({ row }) => row)).size;
        firstErrors.push(...errors.slice(0, FIRST_ERRORS - firstErrors.length));
        csv.append(errors.map(errorLine).join(''));
      },
      progress(fraction) {
        if (now() - posted.at < PROGRESS_MS) return;
        const found = {
          rowCount,
          erroneousRowCount,
          ...(firstRows.length > posted.rows ? { firstRows } : {}),
          ...(firstErrors.length > posted.errors ? { firstErrors } : {}),
        };
        post({ kind: 'progress', fraction, found });
        posted = { at: now(), rows: firstRows.length, errors: firstErrors.length };
      },
    },
  );
  if (result.kind === 'refused') return { kind: 'refused', refusal: result.refusal };
  ({ rowCount, erroneousRowCount } = result);
  // A later row may have contradicted what was shown as good.
  const withdrawn = new Set(result.withdrawnRows);
  const goodRows = firstRows.filter(({ row }) => !withdrawn.has(row));
  return { kind: 'checked', rowCount, erroneousRowCount, firstRows: goodRows, firstErrors, errorsCsv: csv.end() };
}

/** Text that grows for long: what is written is the browser's to keep, on its disk where it is much. */
class TextFile {
  readonly #parts: Blob[] = [];
  #text: string;

  constructor(begin: string) {
    this.#text = begin;
  }

  append(text: string): void {
    this.#text += text;
    if (this.#text.length < PART) return;
    this.#parts.push(new Blob([this.#text]));
    this.#text = '';
  }

  end(): Blob {
    return new Blob([...this.#parts, this.#text], { type: 'text/csv;charset=utf-8' });
  }
}

const PART = 1024 * 1024;
