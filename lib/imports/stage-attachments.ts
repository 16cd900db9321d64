/**
 * Attachments on their way from the source into sealed staging. One that cannot be read now is *missing*: its message
 * waits and asks again, and after 24 hours goes without it.
 */
import pLimit from 'p-limit';
import type { SourceAttachment } from '../archive/item.ts';
import { type ArchiveSource, SourceError } from '../archive/source.ts';
import { newDataKey } from '../security/sealing.ts';
import { AttachmentTooLargeError } from '../staging/errors.ts';
import { attachmentName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import type { NewAttachment } from './store/collect.ts';

/** Downloads of one page at a time. */
const DOWNLOADS = 6;

export interface AttachmentToStage {
  readonly importId: string;
  readonly organizationId: string;
  readonly position: number;
  readonly attachment: SourceAttachment;
}

/** What ties a data key to its attachment's row. */
export function dataKeyContext(attachmentId: string): string {
  return `attachment:${attachmentId}`;
}

/**
 * Stages attachments, some at a time.
 *
 * @returns a row for each, in their order
 * @throws SourceError where the source as a whole cannot be read (signed out, throttled, unreachable)
 */
export async function stageAttachments(
  deps: ImportDeps,
  source: ArchiveSource,
  wanted: readonly AttachmentToStage[],
  signal: AbortSignal,
): Promise<NewAttachment[]> {
  const ids = await deps.ledger.reserveIds('attachment_id_seq', wanted.length);
  const limit = pLimit(DOWNLOADS);
  return Promise.all(wanted.map((one, index) => limit(() => stageOne(deps, source, one, ids[index] ?? '', signal))));
}

async function stageOne(
  deps: ImportDeps,
  source: ArchiveSource,
  { importId, organizationId, position, attachment }: AttachmentToStage,
  id: string,
  signal: AbortSignal,
): Promise<NewAttachment> {
  const row = { id, position, sourceAttachmentId: attachment.id };
  const missing = (reason: string): NewAttachment => ({
    ...row,
    size: attachment.size,
    state: 'missing',
    reason,
    dataKey: null,
    sha256: null,
  });
  const { dataKey, wrapped } = newDataKey(deps.keyRing, dataKeyContext(id));
  const name = attachmentName(organizationId, importId, BigInt(id));
  try {
    const stream = await source.attachment(attachment.id, 0, signal);
    const written = await deps.staging.writeAttachment(name, stream.body, dataKey, signal);
    const sha256 = Buffer.from(written.sha256, 'hex');
    const problem = problemOf(attachment, stream.totalSize, written.size, written.sha256);
    if (problem !== null) {
      await deps.staging.delete(name);
      return missing(problem);
    }
    return { ...row, size: written.size, state: 'staged', reason: null, dataKey: wrapped, sha256 };
  } catch (error) {
    if (error instanceof AttachmentTooLargeError) return missing('attachment_too_large');
    if (error instanceof SourceError && ITS_OWN.has(error.failure)) return missing(error.failure);
    throw error;
  }
}

/** Failures that are this attachment's alone. */
const ITS_OWN: ReadonlySet<string> = new Set(['attachment_not_ready', 'attachment_gone', 'not_found', 'bad_answer']);

/**
 * Whether what arrived is what was announced. The hash decides where the source gives one; a size that lies while the
 * bytes are whole (as many as the transfer said) is not held against the attachment.
 */
function problemOf(stated: SourceAttachment, transferSize: number | null, size: number, sha256: string): string | null {
  if (stated.sha256 != null) return stated.sha256.toLowerCase() === sha256 ? null : 'attachment_differs';
  const expected = transferSize ?? stated.size;
  return size === expected ? null : 'attachment_differs';
}
