/**
 * Attachments on their way from the source into sealed staging. One that cannot be read now is *missing*: its message
 * waits, `fetch-attachments.ts` asks again, and after 24 hours it is given up.
 */
import pLimit from 'p-limit';
import { type SourceAttachment, storableText } from '../archive/item.ts';
import { type ArchiveSource, type AttachmentStream, SourceError, type SourceFailure } from '../archive/source.ts';
import { newDataKey } from '../security/sealing.ts';
import type { WrittenAttachment } from '../staging/attachments.ts';
import { AttachmentTooLargeError } from '../staging/errors.ts';
import { attachmentName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import type { ReasonCode } from './reasons.ts';
import { openDownload } from './resumed-download.ts';
import type { NewAttachment } from './store/new-items.ts';

/** Downloads at a time. */
const DOWNLOADS = 6;

export interface AttachmentToStage {
  readonly importId: string;
  readonly organizationId: string;
  readonly position: number;
  readonly attachment: Pick<SourceAttachment, 'id' | 'size' | 'sha256'>;
  /** how long it has been missing; not at all where it is asked for the first time */
  readonly missedSeconds?: number;
}

/**
 * How long a message waits for an attachment that the source cannot give. Then nothing better will come: bytes that are
 * whole are taken although they are not what was announced, and what does not come is given up.
 */
const PATIENCE_SECONDS = 24 * 60 * 60;
/** The hash that the source announces, which may be any text, as the ledger takes it. */
export function announcedSha256({ sha256 }: Pick<SourceAttachment, 'sha256'>): string | null {
  return sha256 == null ? null : storableText(sha256);
}

/**
 * It is asked for again when it has been missing twice as long: a hiccup holds a message up for seconds, and a day's outage
 * makes no storm of requests.
 */
const ASK_AGAIN_SECONDS = { least: 15, most: 10 * 60 };

export function askAgainSeconds(missedSeconds: number): number {
  return Math.min(Math.max(missedSeconds, ASK_AGAIN_SECONDS.least), ASK_AGAIN_SECONDS.most);
}

/** How long the source asked us to wait for this attachment; not longer than there is patience for. */
function askedToWait(error: unknown): number {
  const asked = error instanceof SourceError ? (error.retryAfterSeconds ?? 0) : 0;
  return Math.min(asked, PATIENCE_SECONDS);
}

/** What ties a data key to its attachment's row. */
export function dataKeyContext(attachmentId: string): string {
  return `attachment:${attachmentId}`;
}

/**
 * Stages attachments, some at a time. Where one meets what concerns the source as a whole, the others end with it, and
 * what was staged is deleted: no row will name it.
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
  const failed = new AbortController();
  const over = AbortSignal.any([signal, failed.signal]);
  const stage = async (one: AttachmentToStage, id: string): Promise<NewAttachment> => {
    over.throwIfAborted();
    try {
      return await stageOne(deps, source, one, id, over);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const staging = wanted.map((one, index) => limit(() => stage(one, ids[index] ?? '')));
  const ends = await Promise.allSettled(staging);
  if (!failed.signal.aborted) return Promise.all(staging);
  const inVain = ends.flatMap((end, index) => {
    const one = wanted[index];
    if (!one || end.status === 'rejected' || end.value.state !== 'staged') return [];
    return [attachmentName(one.organizationId, one.importId, BigInt(end.value.id))];
  });
  // What cannot be deleted now is swept.
  await Promise.allSettled(inVain.map((name) => deps.staging.delete(name)));
  throw failed.signal.reason;
}

async function stageOne(
  deps: ImportDeps,
  source: ArchiveSource,
  { importId, organizationId, position, attachment, missedSeconds = 0 }: AttachmentToStage,
  id: string,
  signal: AbortSignal,
): Promise<NewAttachment> {
  const row = {
    ...{ id, position, sourceAttachmentId: attachment.id, announcedSha256: announcedSha256(attachment) },
    askAgainSeconds: askAgainSeconds(missedSeconds),
  };
  const isLast = missedSeconds >= PATIENCE_SECONDS;
  const missing = (reason: ReasonCode, because?: unknown): NewAttachment => ({
    ...row,
    askAgainSeconds: Math.max(row.askAgainSeconds, askedToWait(because)),
    size: attachment.size,
    // One that is too large stays so, and is not read to the limit again and again.
    state: isLast || reason === 'attachment_too_large' ? 'given_up' : 'missing',
    reason,
    dataKey: null,
    sha256: null,
  });
  const { dataKey, wrapped } = newDataKey(deps.keyRing, dataKeyContext(id));
  const name = attachmentName(organizationId, importId, BigInt(id));
  const download = async (timesAnew = 0): Promise<Downloaded> => {
    const stream = await openDownload(deps, source, attachment.id, signal);
    try {
      return { stream, written: await deps.staging.writeAttachment(name, bodyOf(stream), dataKey, signal) };
    } catch (error) {
      const changed = error instanceof SourceError && error.failure === 'attachment_changed';
      if (!changed || timesAnew === TIMES_ANEW) throw error;
      return download(timesAnew + 1);
    }
  };
  try {
    const { stream, written } = await download();
    const sha256 = Buffer.from(written.sha256, 'hex');
    const reason = isAnnounced(attachment, stream.totalSize, written) ? null : 'attachment_differs';
    if (reason !== null && !isLast) {
      await deps.staging.delete(name);
      return missing(reason);
    }
    return { ...row, size: written.size, state: 'staged', reason, dataKey: wrapped, sha256 };
  } catch (error) {
    const reason = await reasonOf(error, source, signal);
    if (reason === null) throw error;
    return missing(reason, error);
  }
}

/** How often an attachment that changes while it is read is begun anew before it counts as missing for now. */
const TIMES_ANEW = 2;

interface Downloaded {
  readonly stream: AttachmentStream;
  readonly written: WrittenAttachment;
}

/** The body broke off although the source began to give it. */
class BrokeOffError extends Error {
  override name = 'BrokeOffError';
}

async function* bodyOf({ body }: AttachmentStream): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (error instanceof SourceError && error.failure === 'unreachable') throw new BrokeOffError(error.message);
    throw error;
  }
}

/** Failures that are this attachment's alone. */
const ITS_OWN: Partial<Record<SourceFailure, ReasonCode>> = {
  attachment_not_ready: 'attachment_not_ready',
  attachment_gone: 'attachment_gone',
  attachment_changed: 'attachment_changed',
  not_found: 'attachment_unknown',
  bad_answer: 'attachment_bad_answer',
};

/** Failures that are this attachment's where the source answers anything else. */
const OF_BOTH: Partial<Record<SourceFailure, ReasonCode>> = {
  unreachable: 'attachment_bad_answer',
  throttled: 'attachment_throttled',
};

/** Why this attachment cannot be had now; null where that is not its own matter. */
async function reasonOf(error: unknown, source: ArchiveSource, signal: AbortSignal): Promise<ReasonCode | null> {
  if (signal.aborted) return null;
  if (error instanceof AttachmentTooLargeError) return 'attachment_too_large';
  if (error instanceof BrokeOffError) return 'attachment_broke_off';
  if (!(error instanceof SourceError)) return null;
  const ofBoth = OF_BOTH[error.failure];
  if (ofBoth) return (await isThere(source, signal)) ? ofBoth : null;
  return ITS_OWN[error.failure] ?? null;
}

/** Where the source answers anything else, it is the attachment that it fails at: its page must not wait for that. */
async function isThere(source: ArchiveSource, signal: AbortSignal): Promise<boolean> {
  try {
    await source.clock(signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether what arrived is what was announced. The hash decides where the source gives one; a size that lies while the
 * bytes are whole (as many as the transfer said) is not held against the attachment.
 */
function isAnnounced(
  stated: AttachmentToStage['attachment'],
  transferSize: number | null,
  written: { readonly size: number; readonly sha256: string },
): boolean {
  if (stated.sha256 != null) return stated.sha256.toLowerCase() === written.sha256;
  return written.size === (transferSize ?? stated.size);
}
