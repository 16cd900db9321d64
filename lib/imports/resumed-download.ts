/**
 * The bytes of an attachment from a source that goes away in between: a body that breaks off is gone on with where it
 * stopped, after a pause, and only while the source still holds the same bytes. For every source: what one of them mends
 * by itself, at once, comes before.
 */
import { type ArchiveSource, type AttachmentStream, SourceError } from '../archive/source.ts';
import type { ImportDeps } from './deps.ts';

/** Pauses in a row that bring no byte, in seconds. After the last one the download is given up for now. */
const PAUSES_SECONDS = [1, 2, 4, 8, 16] as const;

/**
 * Opens an attachment from its beginning.
 *
 * @throws SourceError, also while reading: `attachment_changed` where the bytes are others than those before the
 *   interruption, so that it must be begun anew
 */
export async function openDownload(
  { clock }: Pick<ImportDeps, 'clock'>,
  source: ArchiveSource,
  id: string,
  signal: AbortSignal,
): Promise<AttachmentStream> {
  const first = await source.attachment(id, 0, signal);
  const { etag, totalSize } = first;
  return { ...first, body: bytes() };

  async function* bytes(): AsyncGenerator<Uint8Array> {
    let { body } = first;
    let position = 0;
    let fruitless = 0;
    for (;;) {
      try {
        for await (const chunk of body) {
          if (chunk.byteLength > 0) fruitless = 0;
          position += chunk.byteLength;
          yield chunk;
        }
        return;
      } catch (error) {
        // Without a strong validator nobody can tell whether what follows continues the same bytes.
        if (!mayComeBack(error) || etag === null) throw error;
        if (position === totalSize) return;
        const opened = await reopen(error, position, fruitless);
        body = opened.body;
        fruitless = opened.fruitless;
      }
    }
  }

  async function reopen(failure: SourceError, position: number, fruitlessBefore: number) {
    let error = failure;
    for (let fruitless = fruitlessBefore; ; fruitless++) {
      const pause = PAUSES_SECONDS[fruitless];
      if (pause === undefined) throw error;
      await wait(clock, Math.max(pause, retryAfterOf(error)) * 1000, signal);
      try {
        const again = await source.attachment(id, position, signal);
        if (again.etag === etag && again.totalSize === totalSize) return { body: again.body, fruitless: fruitless + 1 };
        throw new SourceError('attachment_changed', 'An attachment changed while it was being read');
      } catch (later) {
        if (!mayComeBack(later)) throw later;
        error = later;
      }
    }
  }
}

/** The longest that a source may ask for in the middle of a download: whoever waits holds its page. */
const LONGEST_PAUSE_SECONDS = 30;

function retryAfterOf({ retryAfterSeconds }: SourceError): number {
  return Math.min(retryAfterSeconds ?? 0, LONGEST_PAUSE_SECONDS);
}

function mayComeBack(error: unknown): error is SourceError {
  return error instanceof SourceError && (error.failure === 'unreachable' || error.failure === 'throttled');
}

function wait(clock: ImportDeps['clock'], milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const cancel = clock.after(milliseconds, end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
