/**
 * A thread that reads a file of as many rows as one may have, and says what it has read. Its data: how many rows name each
 * number.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { MAX_ROWS } from './limits.ts';
import { readMappingFile } from './mapping-file.ts';

const HEADER = 'ExternalUserId,O365UserMailbox\n';
/** 64 bytes a row, so that the file is nearly as large as one may be. */
const ROW_BYTES = 64;

/** Written into bytes at once: as text the file would lie in the heap that is to stay small. */
function largeFile(): Uint8Array {
  const bytes = Buffer.alloc(HEADER.length + MAX_ROWS * ROW_BYTES);
  let at = bytes.write(HEADER, 'latin1');
  for (let row = 0; row < MAX_ROWS; row += 1) {
    const line = `+1212${2_000_000 + Math.floor(row / Number(workerData))},person.${row}@company.example`;
    at += bytes.write(`${line.padEnd(ROW_BYTES - 1)}\n`, at, 'latin1');
  }
  return bytes;
}

let rows = 0;
const result = await readMappingFile(
  largeFile(),
  { region: 'US' },
  {
    rows: (some) => {
      rows += some.length;
    },
    errors: () => {},
  },
);
parentPort?.postMessage(
  result.kind === 'read' ? { rows, ...result, withdrawnRows: result.withdrawnRows.length } : result,
);
