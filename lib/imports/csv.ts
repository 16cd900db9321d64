/**
 * A line of CSV (RFC 4180) that no spreadsheet takes for a formula. Pure.
 *
 * Texts here come from phones and from the source. A text that begins like a formula gets an apostrophe in front, which
 * spreadsheets show as nothing or as itself (OWASP, CSV Injection). Numbers are ours and stay numbers.
 */
const BEGINS_LIKE_A_FORMULA = /^[=+\-@\t\r\n|%]/;
const NEEDS_QUOTES = /[",\r\n]/;

export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = BEGINS_LIKE_A_FORMULA.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
