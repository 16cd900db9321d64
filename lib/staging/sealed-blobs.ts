/**
 * Staging: what was collected lies here, sealed, until every mailbox that is owed it has it.
 *
 * Pages hold frames (`frames.ts`), one an item; attachments lie apart (`attachment-cipher.ts`). Everything is encrypted
 * before it leaves the process. Which blob, offset and length belong to which row, and when something may go, is the
 * ledger's business (`imports/`), not ours.
 */
import type { KeyRing } from '#lib/security/keyring.ts';
import { type DataKey, keyIdOf, LONGEST_HEADER_BYTES, TamperedError, UnknownKeyError } from '#lib/security/sealing.ts';
import { readAttachment, type WrittenAttachment, writeAttachment } from './attachments.ts';
import type { BlobContainer, StagedBlob } from './azure.ts';
import { openFrame, type Place, withNewestKey } from './frames.ts';
import { PageCache } from './page-cache.ts';
import { planReads, type StagedPlace } from './reads.ts';

/** A frame and where it lies. Callers may carry more in it, such as their row. */
export interface StagedFrame extends StagedPlace {
  readonly itemIdentity: string;
}

/** One broken frame is that item's failure, not its neighbours'. */
export type OpenedFrame<T> =
  | { readonly frame: T; readonly body: Buffer; readonly error: null }
  | { readonly frame: T; readonly body: null; readonly error: TamperedError | UnknownKeyError };

export interface SealedBlobs {
  /**
   * Stores a page of `packFrames`. A name is written once: a worker that lost its lease must not change the page under
   * its successor's rows. Take the next number when it is taken.
   *
   * @param page not to be changed afterwards: it is kept for those who read it next
   * @throws StagedNameTakenError
   */
  putPage(name: string, page: Buffer, signal?: AbortSignal): Promise<void>;

  /** Sealed bytes. @throws StagedContentMissingError; TamperedError when the blob is shorter */
  readRange(name: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer>;

  /**
   * Frames, opened, in the order given, with neighbours fetched together: sort by blob and offset. At most 8 MiB, or one
   * frame, is in memory for a caller, and what `page-cache.ts` keeps for all.
   *
   * @throws StagedContentMissingError; TamperedError when a whole page was cut short
   */
  readFrames<T extends StagedFrame>(
    ring: KeyRing,
    frames: Iterable<T>,
    signal?: AbortSignal,
  ): AsyncIterable<OpenedFrame<T>>;

  /**
   * Copies frames, sealed, into a new page, so that the old ones can be deleted. What lies under an older key of the ring is
   * sealed anew under the newest, so that a page has one key, whatever it is made of.
   *
   * @returns their new places, in the order given
   * @throws StagedNameTakenError; StagedContentMissingError; RangeError when there is none to copy
   */
  copyFrames(ring: KeyRing, frames: Iterable<StagedFrame>, target: string, signal?: AbortSignal): Promise<Place[]>;

  /**
   * The id of the key that a page is sealed with; null for what is no page.
   *
   * @param size bytes of its blob
   * @throws StagedContentMissingError
   */
  keyOfPage(name: string, size: number, signal?: AbortSignal): Promise<string | null>;

  /** See `attachments.ts`. @throws AttachmentTooLargeError */
  writeAttachment(
    name: string,
    source: AsyncIterable<Uint8Array>,
    dataKey: DataKey,
    signal?: AbortSignal,
  ): Promise<WrittenAttachment>;

  /** Verified bytes from `fromByte` on. @throws StagedContentMissingError, TamperedError */
  readAttachment(
    name: string,
    dataKey: DataKey,
    options?: { fromByte?: number; signal?: AbortSignal },
  ): AsyncIterable<Buffer>;

  /** @returns false when nothing was there */
  delete(name: string): Promise<boolean>;

  /** What lies under a prefix of `names.ts`; `''` lists everything, for the sweep. */
  list(prefix: string): AsyncIterable<StagedBlob>;
}

/** Blocks of a copied page; the last may be smaller. */
const COPY_BLOCK_BYTES = 4 * 1024 * 1024;

export function sealedBlobs(container: BlobContainer): SealedBlobs {
  const pages = new PageCache(container);
  return {
    putPage: async (name, page, signal) => {
      await container.write(name, page, 'keep', signal);
      pages.keep(name, page);
    },
    readRange: (name, offset, length, signal) => container.readRange(name, offset, length, signal),
    readFrames: (ring, frames, signal) => readFrames(pages, ring, frames, signal),
    copyFrames: (ring, frames, target, signal) => copyFrames(container, ring, frames, target, signal),
    keyOfPage: async (name, size, signal) =>
      keyIdOf(await container.readRange(name, 0, Math.min(size, LONGEST_HEADER_BYTES), signal)),
    writeAttachment: (name, source, dataKey, signal) => writeAttachment(container, name, source, dataKey, signal),
    readAttachment: (name, dataKey, options) => readAttachment(container, name, dataKey, options),
    delete: (name) => {
      pages.forget(name);
      return container.delete(name);
    },
    list: (prefix) => container.list(prefix),
  };
}

async function* readFrames<T extends StagedFrame>(
  pages: PageCache,
  ring: KeyRing,
  frames: Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<OpenedFrame<T>> {
  for (const read of planReads(frames)) {
    const bytes = await pages.readRange(read.blob, read.offset, read.length, signal);
    for (const frame of read.wanted) {
      const start = frame.offset - read.offset;
      yield openOne(ring, frame, bytes.subarray(start, start + frame.length));
    }
  }
}

function openOne<T extends StagedFrame>(ring: KeyRing, frame: T, sealed: Uint8Array): OpenedFrame<T> {
  try {
    return { frame, body: openFrame(ring, sealed, frame.itemIdentity), error: null };
  } catch (error) {
    if (error instanceof TamperedError || error instanceof UnknownKeyError) return { frame, body: null, error };
    throw error;
  }
}

async function copyFrames(
  container: BlobContainer,
  ring: KeyRing,
  frames: Iterable<StagedFrame>,
  target: string,
  signal: AbortSignal | undefined,
): Promise<Place[]> {
  const writing = container.startBlocks(target, 'keep', signal);
  const places: Place[] = [];
  let block: Buffer[] = [];
  let blockBytes = 0;
  let offset = 0;
  for (const read of planReads(frames)) {
    const bytes = await container.readRange(read.blob, read.offset, read.length, signal);
    for (const frame of read.wanted) {
      const start = frame.offset - read.offset;
      const sealed = withNewestKey(ring, bytes.subarray(start, start + frame.length), frame.itemIdentity);
      block.push(sealed);
      places.push({ offset, length: sealed.length });
      blockBytes += sealed.length;
      offset += sealed.length;
      if (blockBytes < COPY_BLOCK_BYTES) continue;
      await writing.stage(Buffer.concat(block, blockBytes));
      block = [];
      blockBytes = 0;
    }
  }
  if (places.length === 0) throw new RangeError('No frames to copy');
  if (blockBytes > 0) await writing.stage(Buffer.concat(block, blockBytes));
  await writing.commit();
  return places;
}
