/**
 * Files in the shape of a video: an ISO base media file (`ftyp`, `free`, `mdat`) of 10.5 to 18 MB whose media data is
 * noise. No player shows it; what matters is that it is larger than what travels inline, and never held as a whole.
 */
import { Draw, hash32 } from '../random.ts';

const PIECE = 65_536;
const HEAD = 32;

export function videoSize(variant: number): number {
  return new Draw('video', variant).between(11_010_048, 18_874_368);
}

/** Bytes of [start, end) in pieces of at most 64 KiB. Each piece follows from its number alone. */
export function* readVideo(variant: number, start: number, end: number): Generator<Uint8Array> {
  const size = videoSize(variant);
  for (let at = Math.max(0, start); at < Math.min(end, size); ) {
    const number = Math.floor(at / PIECE);
    const until = Math.min(end, size, (number + 1) * PIECE);
    yield piece(variant, number, size).subarray(at - number * PIECE, until - number * PIECE);
    at = until;
  }
}

function piece(variant: number, number: number, size: number): Uint8Array {
  const words = new Uint32Array(PIECE / 4);
  let state = hash32('video', variant, number) | 1;
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  const bytes = new Uint8Array(words.buffer);
  if (number === 0) bytes.set(head(size));
  return bytes;
}

function head(size: number): Buffer {
  const bytes = Buffer.alloc(HEAD);
  bytes.writeUInt32BE(24, 0);
  bytes.write('ftypisom', 4, 'latin1');
  bytes.write('isommp42', 16, 'latin1');
  bytes.writeUInt32BE(size - 24, 24);
  bytes.write('mdat', 28, 'latin1');
  return bytes;
}
