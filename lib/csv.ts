/**
 * The one writer of CSV (RFC 4180): every download of the product is written here. Pure; runs in the browser too.
 *
 * No spreadsheet calculates what it reads in it: a text that begins like a formula gets an apostrophe in front, which
 * spreadsheets show as nothing or as itself (OWASP, CSV injection), and which the reader of mappings takes off again. It
 * also keeps +445204334324 from becoming 4.45204E+11. Where the list separator is not the comma, a spreadsheet splits
 * cells in their middle, whatever quotes there are; so what follows a separator or a line end within a cell is marked in
 * the same way. papaparse's `escapeFormulae` looks at the beginning of a cell only.
 */

/** = + - @, their full-width forms, and what older programs take for the beginning of a command. */
const FORMULA = '=+\\-@\uFF1D\uFF0B\uFF0D\uFF20|%';
/** Quotes and blanks do not keep a spreadsheet from seeing the formula behind them. */
const BEGINS = new RegExp(`^(?=["\\s]*[${FORMULA}]|[\\t\\r\\n])|(?<=[,;\\t\\r\\n])(?=["\\s]*[${FORMULA}])`, 'g');
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/** One record with its line end. Numbers are ours and stay numbers. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (typeof cell === 'number' ? String(cell) : csvCell(cell))).join(',')}\r\n`;
}

export function csvCell(text: string): string {
  const safe = text.replace(BEGINS, "'");
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
