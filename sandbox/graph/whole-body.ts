/**
 * Reads bodies, and those that are too large to their end: who is answered while still writing sees a broken connection
 * instead of the answer.
 */
import type { Readable } from 'node:stream';
import { errors } from './errors.ts';

const MB = 1_048_576;
export const BODY_BYTES = 4 * MB;
/** What is read of a body that is refused anyway. Past it the connection is cut, answered or not. */
const DRAINED_BYTES = 64 * MB;

/** The body. Rejects with a GraphError 413 when it is longer than `BODY_BYTES`, and once it has been read. */
export function wholeBody(payload: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= BODY_BYTES) chunks.push(chunk);
      else chunks.length = 0;
      if (length <= DRAINED_BYTES) return;
      payload.off('data', take);
      payload.pause();
      reject(errors.tooLarge());
    };
    payload.on('data', take);
    payload.once('error', reject);
    payload.once('end', () =>
      length > BODY_BYTES ? reject(errors.tooLarge()) : resolve(Buffer.concat(chunks, length)),
    );
  });
}
