/** The mapping file that everything here reads: as many rows and as many bytes as one may have, all of them good. */
import { closeSync, openSync, writeSync } from 'node:fs';

/** In which numbers without a country code are read. */
export const REGION = 'US';

const HEADER = 'External User ID,Microsoft 365 User Mailbox\r\n';
const DOMAIN = 'departments.alder-and-byrne.example';
/** Area or mobile codes by country, 10,000,000 numbers in each, and how many of ten rows are of that country. */
const COUNTRIES: readonly (readonly [code: string, national: string, share: number])[] = [
  ['1', '212', 2],
  ['1', '415', 2],
  ['44', '770', 2],
  ['49', '1511', 2],
  ['33', '6', 1],
  ['61', '41', 1],
];
/** Digits of the national number behind the code above. */
const REST = new Map([
  ['44', 7],
  ['49', 7],
  ['33', 8],
  ['61', 7],
]);
const TURN = COUNTRIES.flatMap(([code, national, share]) =>
  Array.from({ length: share }, () => [code, national] as const),
);

/** The number of a row, in E.164. Rows have different ones. */
export function numberOf(row: number): string {
  const [code = '', national = ''] = TURN[row % TURN.length] ?? [];
  const rest = REST.get(code);
  // North America has no exchange that begins with 0 or 1.
  const digits = rest === undefined ? String(2_000_000 + row) : String(row).padStart(rest, '0');
  return `+${code}${national}${digits}`;
}

function mailboxOf(row: number): string {
  return `person.${String(row).padStart(8, '0')}@${DOMAIN}`;
}

/** As people and spreadsheets write it: half with `+`, three of ten digits only, the rest as text cells or from home. */
function written(row: number): string {
  const number = numberOf(row);
  const turn = Math.floor(row / TURN.length) % 10;
  if (turn < 5) return number;
  if (turn < 8) return number.slice(1);
  const home = number.startsWith('+1') ? number.slice(2) : null;
  if (turn === 8 && home !== null) return `(${home.slice(0, 3)}) ${home.slice(3, 6)}-${home.slice(6)}`;
  return `="${number.slice(1)}"`;
}

/**
 * Writes a file.
 *
 * @param wrongEvery one row of so many is a number that a spreadsheet has spoilt
 * @returns its size in bytes
 */
export function writeMappingFile(path: string, rows: number, wrongEvery = Number.POSITIVE_INFINITY): number {
  const file = openSync(path, 'w');
  let bytes = 0;
  const write = (text: string): void => {
    bytes += writeSync(file, text);
  };
  write(HEADER);
  for (let from = 0; from < rows; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, rows - from) }, (_, index) => {
      const row = from + index;
      const number = row % wrongEvery === wrongEvery - 1 ? '4.45204E+11' : written(row);
      return `${number},${mailboxOf(row)}\r\n`;
    });
    write(lines.join(''));
  }
  closeSync(file);
  return bytes;
}
