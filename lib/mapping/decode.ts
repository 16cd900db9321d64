/**
 * From the bytes of an uploaded file to text, in pieces. Pure; runs in the browser too.
 *
 * Spreadsheets write UTF-8 with and without a mark, UTF-16 ("Unicode text") and, on Windows, the code page of Western
 * Europe. What is none of these is no text file, and says so instead of becoming rows of rubbish.
 */

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** `spreadsheet`: a workbook; `image` and `binary`: not text at all */
export type NotText = 'spreadsheet' | 'image' | 'binary';

export type EncodingResult =
  | { readonly ok: true; readonly encoding: TextEncoding }
  | { readonly ok: false; readonly problem: NotText };

/** Bytes decoded at a time: some hundred rows. Nobody waits longer for a turn. */
const PIECE = 16 * 1024;
/** Pieces between two turns of others where nothing else is done with them: 1 MB, about a millisecond. */
const PIECES_A_TURN = 64;
/** Bytes of the beginning that tell what a file is. */
const HEAD = 512;

/** How files of other kinds begin: an offset, and what stands there. */
const SIGNATURES: readonly (readonly [NotText, number, string])[] = [
  ['spreadsheet', 0, 'PK\x03\x04'],
  ['spreadsheet', 0, '\xd0\xcf\x11\xe0'],
  ['image', 0, '\x89PNG'],
  ['image', 0, '\xff\xd8\xff'],
  ['image', 0, 'GIF8'],
  ['image', 0, 'II*\0'],
  ['image', 0, 'MM\0*'],
  ['image', 8, 'WEBP'],
  ['image', 4, 'ftyp'],
  ['binary', 0, '%PDF-'],
  ['binary', 0, '\x1f\x8b'],
];

/** A blank is none. */
const CONTROL = /(?!\s)\p{Cc}/u;
/** What old programs write behind the last line. */
export const END_OF_FILE = String.fromCharCode(0x1a);

/**
 * The encoding of a file. A control character in its first lines makes it no text; a NUL further down has a row, which
 * the reader of rows names.
 *
 * @param turn called and awaited after every megabyte that had to be looked at
 */
export async function detectEncoding(
  bytes: Uint8Array,
  turn: () => void | Promise<void> = () => {},
): Promise<EncodingResult> {
  const head = bytes.subarray(0, HEAD);
  const known = SIGNATURES.find(([, offset, text]) => standsAt(head, offset, text));
  if (known !== undefined) return { ok: false, problem: known[0] };
  const encoding = await encodingOf(bytes, head, turn);
  const [start = ''] = decodePieces(head, encoding);
  return CONTROL.test(start.replaceAll(END_OF_FILE, '')) ? { ok: false, problem: 'binary' } : { ok: true, encoding };
}

async function encodingOf(
  bytes: Uint8Array,
  head: Uint8Array,
  turn: () => void | Promise<void>,
): Promise<TextEncoding> {
  if (standsAt(head, 0, '\xff\xfe')) return 'utf-16le';
  if (standsAt(head, 0, '\xfe\xff')) return 'utf-16be';
  // What says that it is UTF-8 is: broken characters in it are seen in their rows.
  if (standsAt(head, 0, '\xef\xbb\xbf')) return 'utf-8';
  return utf16WithoutMark(head) ?? ((await isUtf8(bytes, turn)) ? 'utf-8' : 'windows-1252');
}

function standsAt(bytes: Uint8Array, offset: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  return true;
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

async function isUtf8(bytes: Uint8Array, turn: () => void | Promise<void>): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, pieces = 1; start < bytes.byteLength; start += PIECE, pieces += 1) {
    if (!decodes(decoder, bytes.subarray(start, start + PIECE))) return false;
    if (pieces % PIECES_A_TURN === 0) await turn();
  }
  return decodes(decoder);
}

/** @param piece of a text that goes on; left out: its end */
function decodes(decoder: TextDecoder, piece?: Uint8Array): boolean {
  try {
    decoder.decode(piece, { stream: piece !== undefined });
    return true;
  } catch {
    return false;
  }
}
