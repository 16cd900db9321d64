/** Attachments through `attachment-cipher.ts` into and out of a container, in memory that does not grow with them. */
import { createHash } from 'node:crypto';
import { type DataKey, TamperedError } from '#lib/security/sealing.ts';
import {
  CHUNK_BYTES,
  chunkOpener,
  chunkSealer,
  chunksIn,
  HEADER_BYTES,
  SEALED_CHUNK_BYTES,
  TAG_BYTES,
} from './attachment-cipher.ts';
import type { BlobContainer } from './azure.ts';
import { AttachmentTooLargeError } from './errors.ts';

/** The stated limit, which is also Exchange Online's for one message. */
export const ATTACHMENT_LIMIT_BYTES = 150 * 1024 * 1024;
/** A block of four chunks: a tenth of the requests, and at most two blocks in memory. */
const BLOCK_CHUNKS = 4;

export interface WrittenAttachment {
  /** bytes of the attachment itself */
  readonly size: number;
  /** of the attachment itself, lower-case hexadecimal */
  readonly sha256: string;
  readonly chunks: number;
}

/**
 * Seals and stores what `source` gives. It appears as a whole or, when anything throws, not at all; an earlier writing
 * under the same name stays until then.
 *
 * @throws AttachmentTooLargeError as soon as the limit is passed
 */
export async function writeAttachment(
  container: BlobContainer,
  name: string,
  source: AsyncIterable<Uint8Array>,
  dataKey: DataKey,
  signal?: AbortSignal,
): Promise<WrittenAttachment> {
  const sealer = chunkSealer(dataKey);
  const sha256 = createHash('sha256');
  const writing = container.startBlocks(name, 'replace', signal);
  let block: Buffer[] = [sealer.header];
  let staged = 0;
  let inFlight: Promise<void> = Promise.resolve();
  let size = 0;
  let chunks = 0;
  for await (const { bytes, last } of fullChunks(source)) {
    size += bytes.length;
    if (size > ATTACHMENT_LIMIT_BYTES) throw new AttachmentTooLargeError(ATTACHMENT_LIMIT_BYTES);
    sha256.update(bytes);
    block.push(sealer.seal(bytes, last));
    chunks += 1;
    if (last || chunks % BLOCK_CHUNKS !== 0) continue;
    await inFlight;
    inFlight = writing.stage(Buffer.concat(block));
    // Awaited before the next block. Should the source break first, its error is the one to report.
    inFlight.catch(() => {});
    staged += 1;
    block = [];
  }
  if (staged === 0) {
    await container.write(name, Buffer.concat(block), 'replace', signal);
  } else {
    await inFlight;
    await writing.stage(Buffer.concat(block));
    await writing.commit();
  }
  return { size, sha256: sha256.digest('hex'), chunks };
}

/**
 * The attachment's bytes from `fromByte` on, verified chunk by chunk before any of them is given out.
 *
 * @throws StagedContentMissingError, TamperedError
 */
export async function* readAttachment(
  container: BlobContainer,
  name: string,
  dataKey: DataKey,
  options: { fromByte?: number; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Buffer> {
  const { fromByte = 0, signal } = options;
  const firstChunk = Math.floor(fromByte / CHUNK_BYTES);
  const opened = await openAtChunk(container, name, firstChunk, signal);
  if (opened === null) return;
  const { totalBytes, body } = opened;
  const chunks = chunksIn(totalBytes);
  const pieces = exactPieces(body);
  try {
    const open = chunkOpener(dataKey, opened.header ?? (await pieces.take(HEADER_BYTES)));
    let skip = fromByte - firstChunk * CHUNK_BYTES;
    for (let index = firstChunk; index < chunks; index += 1) {
      const last = index === chunks - 1;
      const sealedBytes = last ? totalBytes - HEADER_BYTES - index * SEALED_CHUNK_BYTES : SEALED_CHUNK_BYTES;
      const chunk = open(await pieces.take(sealedBytes), index, last);
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  } finally {
    await pieces.close();
  }
}

interface OpenedAt {
  readonly body: AsyncIterable<Uint8Array>;
  readonly totalBytes: number;
  /** null where it is still ahead in `body` */
  readonly header: Buffer | null;
}

/** From the middle: the header first, then the chunk, both of one writing. Null when the attachment ends before. */
async function openAtChunk(
  container: BlobContainer,
  name: string,
  chunk: number,
  signal: AbortSignal | undefined,
): Promise<OpenedAt | null> {
  if (chunk === 0) return { ...(await container.open(name, 0, { signal })), header: null };
  const start = await container.open(name, 0, { length: HEADER_BYTES, signal });
  const header = await exactPieces(start.body).take(HEADER_BYTES);
  if (chunk >= chunksIn(start.totalBytes)) return null;
  const offset = HEADER_BYTES + chunk * SEALED_CHUNK_BYTES;
  const { body, totalBytes } = await container.open(name, offset, { etag: start.etag, signal });
  return { body, totalBytes, header };
}

/** Cuts into chunks of `CHUNK_BYTES`. The last one, and only it, says so; an empty source gives one empty chunk. */
async function* fullChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  // One buffer for all of them: whoever takes a chunk is done with it before asking for the next.
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for await (const part of source) {
    let used = 0;
    while (used < part.length) {
      if (filled === CHUNK_BYTES) {
        yield { bytes: chunk, last: false };
        filled = 0;
      }
      const taken = Math.min(CHUNK_BYTES - filled, part.length - used);
      chunk.set(part.subarray(used, used + taken), filled);
      filled += taken;
      used += taken;
    }
  }
  yield { bytes: chunk.subarray(0, filled), last: true };
}

/** Pieces of exactly the length asked for out of a stream. */
function exactPieces(body: AsyncIterable<Uint8Array>) {
  const parts = body[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    /** @throws TamperedError when the stream ends before */
    async take(length: number): Promise<Buffer> {
      if (length < TAG_BYTES) throw new TamperedError('An attachment');
      const piece = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        if (rest.length === 0) {
          const next = await parts.next();
          if (next.done) throw new TamperedError('An attachment');
          rest = next.value;
        }
        const taken = Math.min(length - filled, rest.length);
        piece.set(rest.subarray(0, taken), filled);
        rest = rest.subarray(taken);
        filled += taken;
      }
      return piece;
    },
    /** Lets go of the connection, also when the reader stopped early. */
    async close(): Promise<void> {
      await parts.return?.();
    },
  };
}
