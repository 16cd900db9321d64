/**
 * The bytes of an attachment, from any offset, over a connection that may break: a broken body is resumed where it
 * stopped (`Range`, `If-Range`), and only while the source still holds the same bytes.
 */
import { type AttachmentStream, SourceError } from '../source.ts';
import { headerOf, type OpenAnswer, open, unreachable, urlOf } from './client.ts';
import type { TeleMessageSession } from './session.ts';

/** Resumptions in a row that bring no byte before the download counts as unreachable. */
const FRUITLESS_RESUMPTIONS = 3;

interface Opened {
  readonly answer: OpenAnswer;
  /** bytes at the head of the body that were not asked for: the source answered a range with the whole */
  readonly surplus: number;
  readonly totalSize: number | null;
  readonly etag: string | null;
}

/**
 * @param offset bytes to leave out, 0 for the whole
 * @throws SourceError `attachment_not_ready` (425), `attachment_gone` (410), `not_found`; while reading `unreachable`
 *   where it breaks off, `attachment_changed` where the bytes changed under the reader, and `bad_answer`
 */
export async function openAttachment(
  session: TeleMessageSession,
  id: string,
  offset: number,
  signal?: AbortSignal,
): Promise<AttachmentStream> {
  const first = await openFrom(session, id, offset, null, signal);
  return { body: bytes(session, id, offset, first, signal), totalSize: first.totalSize, etag: first.etag };
}

async function* bytes(
  session: TeleMessageSession,
  id: string,
  offset: number,
  first: Opened,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let opened = first;
  let position = offset;
  let fruitless = 0;
  for (;;) {
    let broken: unknown = null;
    let left = opened.surplus;
    try {
      for await (const chunk of opened.answer.body) {
        if (!(chunk instanceof Uint8Array)) continue;
        const wanted = chunk.subarray(Math.min(left, chunk.byteLength));
        left -= chunk.byteLength - wanted.byteLength;
        if (wanted.byteLength === 0) continue;
        fruitless = 0;
        position += wanted.byteLength;
        yield wanted;
      }
    } catch (error) {
      broken = error;
    }
    if (broken === null && (first.totalSize === null || position === first.totalSize)) return;
    if (first.totalSize !== null && position > first.totalSize) {
      throw new SourceError('bad_answer', 'TeleMessage sent more bytes of an attachment than it had announced');
    }
    fruitless += 1;
    const failure = unreachable(urlOf(session.endpoint.baseUrl, '/'), broken ?? new Error('ended early'), signal);
    // Without a strong validator nobody can tell whether a resumed body continues the same bytes.
    if (signal?.aborted === true || first.etag === null || fruitless > FRUITLESS_RESUMPTIONS) throw failure;
    opened = await openFrom(session, id, position, first.etag, signal);
    if (opened.etag !== first.etag || opened.totalSize !== first.totalSize) {
      opened.answer.body.destroy();
      throw new SourceError('attachment_changed', 'An attachment changed at TeleMessage while it was being read');
    }
  }
}

async function openFrom(
  session: TeleMessageSession,
  id: string,
  offset: number,
  ifRange: string | null,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  const headers: Record<string, string> = { accept: '*/*' };
  if (offset > 0) headers.range = `bytes=${offset}-`;
  if (offset > 0 && ifRange !== null) headers['if-range'] = ifRange;
  const answer = await session.withToken(
    (token) =>
      open(session.endpoint, {
        method: 'GET',
        path: `/v1/attachments/${encodeURIComponent(id)}`,
        token,
        headers,
        signal,
      }),
    signal,
  );
  const etag = headerOf(answer, 'etag');
  const strong = etag !== null && !etag.startsWith('W/') ? etag : null;
  if (answer.statusCode !== 206)
    return { answer, surplus: offset, totalSize: sizeOf(headerOf(answer, 'content-length')), etag: strong };
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headerOf(answer, 'content-range') ?? '');
  if (range === null || Number(range[1]) !== offset) {
    answer.body.destroy();
    throw new SourceError('bad_answer', 'TeleMessage answered with another range of an attachment than was asked for');
  }
  return { answer, surplus: 0, totalSize: range[2] === '*' ? null : sizeOf(range[2] ?? null), etag: strong };
}

function sizeOf(value: string | null): number | null {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}
