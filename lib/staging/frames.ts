/**
 * Frames: one item each, sealed by itself and tied to its identity, packed into a page so that what one delivery shard
 * needs lies together. A frame can move to another blob and still opens; it never opens as another item.
 */
import type { KeyRing } from '#lib/security/keyring.ts';
import { isSealedWithOldKey, open, seal, TamperedError, UnknownKeyError } from '#lib/security/sealing.ts';

export interface Frame {
  /** Names organization, source and source item id without ambiguity. Opaque here. */
  readonly itemIdentity: string;
  readonly body: Uint8Array;
  /** delivery shard: frames of one group are contiguous */
  readonly group: number;
}

/** Bytes within a blob. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** @returns the page, and for each frame, in the order given, where it lies */
export function packFrames(ring: KeyRing, frames: readonly Frame[]): { blob: Buffer<ArrayBuffer>; places: Place[] } {
  const byGroup = frames.map((frame, index) => ({ frame, index })).sort((a, b) => a.frame.group - b.frame.group);
  const sealedFrames: Buffer[] = [];
  const places = new Array<Place>(frames.length);
  let offset = 0;
  for (const { frame, index } of byGroup) {
    const sealed = seal(ring, frame.body, associatedData(frame.itemIdentity));
    sealedFrames.push(sealed);
    places[index] = { offset, length: sealed.length };
    offset += sealed.length;
  }
  return { blob: Buffer.concat(sealedFrames, offset), places };
}

/**
 * @throws TamperedError when the bytes were altered or are another item's
 * @throws UnknownKeyError
 */
export function openFrame(ring: KeyRing, frame: Uint8Array, itemIdentity: string): Buffer {
  return open(ring, frame, associatedData(itemIdentity));
}

/** The frame under the ring's newest key; as it is where it does not open, which stays that item's own failure. */
export function withNewestKey(ring: KeyRing, frame: Buffer, itemIdentity: string): Buffer {
  try {
    if (!isSealedWithOldKey(ring, frame)) return frame;
    return seal(ring, openFrame(ring, frame, itemIdentity), associatedData(itemIdentity));
  } catch (error) {
    if (error instanceof TamperedError || error instanceof UnknownKeyError) return frame;
    throw error;
  }
}

function associatedData(itemIdentity: string): string {
  return `frame\0${itemIdentity}`;
}
