/** Reading what a browser sends, within a limit. */

/** The sender ended before what it sent did: a tab that was closed, a connection that broke. */
export class BrokenOff extends Error {
  override name = 'BrokenOff';
  /** bytes */
  readonly received: number;
  constructor(received: number, cause: unknown) {
    super(`the upload broke off after ${received} bytes`, { cause });
    this.received = received;
  }
}

/**
 * The body of a request. One that says beforehand that it is too long is not read at all, and one that turns out to be is
 * read no further, so that nobody fills the memory. It lies in memory once, where its length is told.
 *
 * @param limit bytes
 * @param stallMs how long nothing may come: whoever reads a file has a turn, for which others wait
 * @returns null where it is longer
 * @throws BrokenOff
 */
export async function readAtMost(request: Request, limit: number, stallMs = 30_000): Promise<Uint8Array | null> {
  const told = Number(request.headers.get('content-length'));
  if (told > limit) {
    await request.body?.cancel();
    return null;
  }
  let bytes = Buffer.allocUnsafe(told > 0 ? told : FIRST_BYTES);
  let length = 0;
  try {
    for await (const chunk of unlessStalled(request.body, stallMs)) {
      if (length + chunk.byteLength > limit) return null;
      if (length + chunk.byteLength > bytes.byteLength) bytes = grown(bytes, length + chunk.byteLength);
      bytes.set(chunk, length);
      length += chunk.byteLength;
    }
  } catch (error) {
    throw new BrokenOff(length, error);
  }
  return bytes.subarray(0, length);
}

const FIRST_BYTES = 64 * 1024;

async function* unlessStalled(body: Request['body'], stallMs: number): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const stalled = Promise.withResolvers<never>();
      const timer = setTimeout(() => stalled.reject(new Error(`nothing came for ${stallMs} ms`)), stallMs);
      const { done, value } = await Promise.race([reader.read(), stalled.promise]).finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function grown(bytes: Buffer<ArrayBuffer>, least: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(Math.max(least, bytes.byteLength * 2));
  larger.set(bytes);
  return larger;
}
