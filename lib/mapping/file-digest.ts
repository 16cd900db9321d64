/** Digests of a file in memory, without keeping the process from serving pages. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** Bytes between two turns of the event loop: some milliseconds at most. */
const PIECE = 1024 * 1024;

/** @throws the signal's reason */
export function sha256Of(bytes: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
  return digestOf('sha256', bytes, signal);
}

/** @throws the signal's reason */
export async function digestOf(
  algorithm: 'sha256' | 'sha512',
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const hash = createHash(algorithm);
  for (let start = 0; start < bytes.byteLength; start += PIECE) {
    hash.update(bytes.subarray(start, start + PIECE));
    await setImmediate();
    signal?.throwIfAborted();
  }
  return hash.digest();
}
