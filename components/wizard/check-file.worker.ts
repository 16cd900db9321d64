/** Checks a mapping file beside the page, by the server's own rules, so that a million rows do not freeze a click. */
import { type FileRefusal, type MappingRow, type RowError, readMappingFile } from '#lib/mapping/mapping-file.ts';
import { isRegion } from '#lib/mapping/number.ts';
import { errorHeader, errorLine } from '#lib/mapping/write-csv.ts';

export interface CheckRequest {
  readonly bytes: ArrayBuffer;
  readonly region: string;
}

export type CheckMessage =
  | { readonly kind: 'progress'; readonly fraction: number }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  | {
      readonly kind: 'checked';
      readonly rowCount: number;
      readonly erroneousRowCount: number;
      readonly firstRows: readonly Pick<MappingRow, 'row' | 'number' | 'mailbox'>[];
      readonly firstErrors: readonly RowError[];
      /** the whole list, as a file to download */
      readonly errorsCsv: Blob;
    };

const FIRST_ROWS = 5;
const FIRST_ERRORS = 100;

self.addEventListener('message', (event: MessageEvent<CheckRequest>) => {
  void check(event.data).then((message) => self.postMessage(message));
});

async function check({ bytes, region }: CheckRequest): Promise<CheckMessage> {
  const firstRows: Pick<MappingRow, 'row' | 'number' | 'mailbox'>[] = [];
  const firstErrors: RowError[] = [];
  const lines: string[] = [errorHeader()];
  const result = await readMappingFile(
    new Uint8Array(bytes),
    { region: isRegion(region) ? region : 'US' },
    {
      rows(rows) {
        for (const { row, number, mailbox } of rows.slice(0, FIRST_ROWS - firstRows.length)) {
          firstRows.push({ row, number, mailbox });
        }
      },
      errors(errors) {
        firstErrors.push(...errors.slice(0, FIRST_ERRORS - firstErrors.length));
        lines.push(errors.map(errorLine).join(''));
      },
      progress(fraction) {
        self.postMessage({ kind: 'progress', fraction } satisfies CheckMessage);
      },
    },
  );
  if (result.kind === 'refused') return { kind: 'refused', refusal: result.refusal };
  const { rowCount, erroneousRowCount } = result;
  const errorsCsv = new Blob(lines, { type: 'text/csv;charset=utf-8' });
  return { kind: 'checked', rowCount, erroneousRowCount, firstRows, firstErrors, errorsCsv };
}
