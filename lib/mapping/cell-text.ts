/** What spreadsheets, and those who know them, set around a cell so that it stays text. Pure. */

/** The text in `'…`, `="…"` or `"…"`, without blanks around it. Our own downloads use the first (write-csv.ts). */
export function cellText(cell: string): string {
  const trimmed = cell.trim();
  const marked = trimmed.startsWith("'") ? trimmed.slice(1) : trimmed;
  return marked.endsWith('"') ? (/^=?"(.*)"$/s.exec(marked)?.[1] ?? marked).trim() : marked.trim();
}
