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
 * read no further, so that nobody fills the memory.
 *
 * @param limit bytes
 * @returns null where it is longer
 * @throws BrokenOff
 */
export async function readAtMost(request: Request, limit: number): Promise<Uint8Array | null> {
  if (Number(request.headers.get('content-length')) > limit) {
    await request.body?.cancel();
    return null;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength;
      if (length > limit) return null;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new BrokenOff(length, error);
  }
  return Buffer.concat(chunks, length);
}
