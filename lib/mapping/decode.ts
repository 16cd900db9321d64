/**
 * From the bytes of an uploaded file to text, in pieces. Pure; runs in the browser too.
 *
 * Spreadsheets write UTF-8 with and without a mark, UTF-16 ("Unicode text") and, on Windows, the code page of Western
 * Europe. What is none of these is no text file, and says so instead of becoming rows of rubbish.
 */

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export type EncodingResult =
  | { readonly ok: true; readonly encoding: TextEncoding }
  /** `spreadsheet`: a workbook; `image` and `binary`: not text at all */
  | { readonly ok: false; readonly problem: 'spreadsheet' | 'image' | 'binary' };

/** Bytes decoded at a time: some hundred rows, whose numbers take about 20 ms to read. Nobody waits longer for a turn. */
const PIECE = 16 * 1024;

export function detectEncoding(bytes: Uint8Array): EncodingResult {
  const starts = (...head: number[]): boolean => head.every((byte, index) => bytes[index] === byte);
  if (starts(0x50, 0x4b, 0x03, 0x04) || starts(0xd0, 0xcf, 0x11, 0xe0)) return { ok: false, problem: 'spreadsheet' };
  if (starts(0x89, 0x50, 0x4e, 0x47) || starts(0xff, 0xd8, 0xff) || starts(0x47, 0x49, 0x46, 0x38))
    return { ok: false, problem: 'image' };
  if (starts(0xff, 0xfe)) return textOr(bytes, 'utf-16le');
  if (starts(0xfe, 0xff)) return textOr(bytes, 'utf-16be');
  const guess = utf16WithoutMark(bytes);
  if (guess !== null) return textOr(bytes, guess);
  if (bytes.includes(0)) return { ok: false, problem: 'binary' };
  return { ok: true, encoding: isUtf8(bytes) ? 'utf-8' : 'windows-1252' };
}

/** The text in pieces of some thousand characters, without a byte order mark. */
export function* decodePieces(bytes: Uint8Array, encoding: TextEncoding): Generator<string> {
  const decoder = new TextDecoder(encoding);
  for (let start = 0; start < bytes.byteLength; start += PIECE) {
    const text = decoder.decode(bytes.subarray(start, start + PIECE), { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** ASCII in UTF-16 has a zero in every second byte. */
function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.byteLength, 200) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even += 1;
    if (bytes[index + 1] === 0) odd += 1;
  }
  const most = (length / 2) * 0.7;
  if (odd >= most && even === 0) return 'utf-16le';
  return even >= most && odd === 0 ? 'utf-16be' : null;
}

/** A NUL character has no place in a table, whatever the encoding. */
function textOr(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): EncodingResult {
  for (const piece of decodePieces(bytes, encoding)) {
    if (piece.includes('\0')) return { ok: false, problem: 'binary' };
  }
  return { ok: true, encoding };
}

function isUtf8(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let start = 0; start < bytes.byteLength; start += PIECE)
      decoder.decode(bytes.subarray(start, start + PIECE), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
