import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { TamperedError } from '#lib/security/sealing.ts';
import {
  CHUNK_BYTES,
  chunkOpener,
  chunkSealer,
  chunksIn,
  HEADER_BYTES,
  SEALED_CHUNK_BYTES,
} from './attachment-cipher.ts';

const dataKey = createSecretKey(randomBytes(32));

function sealThree() {
  const sealer = chunkSealer(dataKey);
  const sealed = [
    sealer.seal(Buffer.from('one'), false),
    sealer.seal(Buffer.from('two'), false),
    sealer.seal(Buffer.from('three'), true),
  ] as const;
  return { header: sealer.header, sealed };
}

describe('attachment chunks', () => {
  test('open at their own index, in any order', () => {
    const { header, sealed } = sealThree();
    const open = chunkOpener(dataKey, header);
    expect(open(sealed[2], 2, true).toString()).toBe('three');
    expect(open(sealed[0], 0, false).toString()).toBe('one');
    expect(open(sealed[1], 1, false).toString()).toBe('two');
  });

  test('swapped, cut off, relabelled or altered ones do not', () => {
    const { header, sealed } = sealThree();
    const open = chunkOpener(dataKey, header);
    const altered = Buffer.from(sealed[0]);
    altered[0] = (altered[0] ?? 0) ^ 1;
    expect(() => open(sealed[1], 0, false)).toThrow(TamperedError);
    expect(() => open(sealed[1], 1, true)).toThrow(TamperedError);
    expect(() => open(sealed[2], 2, false)).toThrow(TamperedError);
    expect(() => open(altered, 0, false)).toThrow(TamperedError);
    expect(() => open(sealed[0].subarray(0, 15), 0, false)).toThrow(TamperedError);
  });

  test('of another writing under the same data key do not open', () => {
    const first = sealThree();
    const second = sealThree();
    expect(first.sealed[0].equals(second.sealed[0])).toBe(false);
    expect(() => chunkOpener(dataKey, first.header)(second.sealed[0], 0, false)).toThrow(TamperedError);
  });

  test('a header of another version or length is refused', () => {
    const { header } = sealThree();
    expect(() => chunkOpener(dataKey, header.subarray(1))).toThrow(TamperedError);
    expect(() => chunkOpener(dataKey, Buffer.concat([Buffer.from([2]), header.subarray(1)]))).toThrow(TamperedError);
  });

  test.each([
    [HEADER_BYTES + 16, 1],
    [HEADER_BYTES + SEALED_CHUNK_BYTES, 1],
    [HEADER_BYTES + SEALED_CHUNK_BYTES + 17, 2],
    [HEADER_BYTES + 150 * SEALED_CHUNK_BYTES, 150],
  ])('a blob of %d bytes holds %d chunks', (bytes, chunks) => {
    expect(chunksIn(bytes)).toBe(chunks);
    expect(SEALED_CHUNK_BYTES).toBe(CHUNK_BYTES + 16);
  });
});
