/**
 * The sealed form of an attachment, so that it streams, resumes at any chunk and never gives out unverified bytes:
 *
 *     version (1 byte, 1) · salt (32 bytes) · chunk 0 · chunk 1 · …
 *
 * A chunk is AES-256-GCM over at most 1 MiB, then its tag; every chunk but the last is full. Nonce: the chunk's index
 * (11 bytes, big endian) and a byte that is 1 in the last chunk (the STREAM construction of Hoang, Reyhanitabar, Rogaway
 * and Vizár, 2015). So a chunk that was moved, dropped or cut off, or a file that ends early, fails to open. The key is
 * derived from the data key and the salt, which is new for each writing: nonces never repeat under one key, also when an
 * attachment is written twice, and chunks of two writings never mix.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type DataKey, TamperedError } from '#lib/security/sealing.ts';

export const CHUNK_BYTES = 1024 * 1024;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const VERSION = 1;
const SALT_BYTES = 32;
export const HEADER_BYTES = 1 + SALT_BYTES;

export interface ChunkSealer {
  readonly header: Buffer;
  /** @param chunk exactly `CHUNK_BYTES` unless it is the last */
  seal(chunk: Uint8Array, last: boolean): Buffer;
}

export function chunkSealer(dataKey: DataKey): ChunkSealer {
  const salt = randomBytes(SALT_BYTES);
  const key = keyOf(dataKey, salt);
  let index = 0;
  return {
    header: Buffer.concat([Buffer.from([VERSION]), salt]),
    seal(chunk, last) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, last));
      index += 1;
      const ciphertext = cipher.update(chunk);
      cipher.final();
      return Buffer.concat([ciphertext, cipher.getAuthTag()]);
    },
  };
}

/** Opens chunk by chunk, in any order. Throws TamperedError. */
export type ChunkOpener = (sealed: Uint8Array, index: number, last: boolean) => Buffer;

/** @throws TamperedError when the header is none */
export function chunkOpener(dataKey: DataKey, header: Uint8Array): ChunkOpener {
  if (header.length !== HEADER_BYTES || header[0] !== VERSION) throw new TamperedError('An attachment');
  const key = keyOf(dataKey, header.subarray(1));
  return (sealed, index, last) => {
    const tagAt = sealed.length - TAG_BYTES;
    if (tagAt < 0) throw new TamperedError('An attachment');
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, last), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(tagAt));
    const chunk = decipher.update(sealed.subarray(0, tagAt));
    try {
      decipher.final();
    } catch {
      throw new TamperedError('An attachment');
    }
    return chunk;
  };
}

/** How many chunks a sealed blob of this many bytes holds. An empty attachment has one, empty chunk. */
export function chunksIn(blobBytes: number): number {
  return Math.max(1, Math.ceil((blobBytes - HEADER_BYTES) / SEALED_CHUNK_BYTES));
}

function keyOf(dataKey: DataKey, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', dataKey, salt, 'staged attachment', 32));
}

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}
