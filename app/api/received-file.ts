/** A mapping file as it lies in a request's body: not too many, not too large, and whole. */
import { overLimit } from '#app/api/over-limit.ts';
import { BrokenOff, readAtMost } from '#app/api/read-at-most.ts';
import { MAX_FILE_BYTES } from '#lib/mapping/limits.ts';
import type { FileRefusal } from '#lib/mapping/mapping-file.ts';
import type { Actor } from '#lib/security/actor.ts';

/**
 * The file's bytes, or the answer to send instead: a refusal as the use-cases give it, or 429 before a byte is read. Where
 * files are read in turn this is asked when the turn has come: who waits asks again and again.
 *
 * @param size bytes of the file: what arrives shorter has broken off, whoever on the way made it look whole
 */
export async function receivedFile(request: Request, size: number, actor: Actor): Promise<Uint8Array | Response> {
  const { organizationId, userId } = actor;
  const over =
    (await overLimit('upload-of-person', organizationId, userId)) ??
    (await overLimit('upload-of-organization', organizationId));
  if (over !== null) return over;
  const bytes = await readAtMost(request, MAX_FILE_BYTES).catch(brokenOff);
  if (bytes === null) return refused({ problem: 'too_large' });
  if (bytes instanceof BrokenOff) return refused({ problem: 'broken_off', received: bytes.received, size });
  if (bytes.byteLength < size) return refused({ problem: 'broken_off', received: bytes.byteLength, size });
  return bytes;
}

function brokenOff(error: unknown): BrokenOff {
  if (error instanceof BrokenOff) return error;
  throw error;
}

function refused(refusal: FileRefusal): Response {
  return Response.json({ kind: 'refused', refusal });
}
