/** A table through the whole reader of bytes, and the other way: what a spreadsheet makes of one when it saves it. */
import { csvRecords, delimiterOf } from './csv-records.ts';
import { decodePieces, detectEncoding } from './decode.ts';

export type Table = readonly (readonly string[])[];

/** @throws where the bytes are no text */
export async function readTable(bytes: Uint8Array): Promise<Table> {
  const detected = await detectEncoding(bytes);
  if (!detected.ok) throw new Error(detected.problem);
  const text = [...decodePieces(bytes, detected.encoding)];
  const { delimiter, skip } = delimiterOf(text[0] ?? '', () => false);
  const pieces = text.map((piece, index) => (index === 0 ? piece.slice(skip) : piece));
  return [...csvRecords(pieces, delimiter)].flat().map(({ cells }) => cells);
}

/** Quotes where they are needed, doubled inside; every row has a line end. */
export function writeTable(table: Table, delimiter: string, lineEnd: string): string {
  const cell = (text: string): string => (/["\r\n,;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return table.map((row) => row.map(cell).join(delimiter)).join(lineEnd) + lineEnd;
}

/** How a spreadsheet saves a text. `windows-1252` is right for signs that Latin-1 has, too. */
export const SAVED_AS = {
  'UTF-8': (text: string) => Buffer.from(text),
  'UTF-8 with a mark': (text: string) => Buffer.from(`\uFEFF${text}`),
  'UTF-16 LE': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16 BE': (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  'Windows-1252': (text: string) => Buffer.from(text, 'latin1'),
} as const;
