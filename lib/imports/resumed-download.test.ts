import { describe, expect, test } from 'vitest';
import { type ArchiveSource, type AttachmentStream, SourceError, type SourceFailure } from '../archive/source.ts';
import { systemClock } from './clock.ts';
import { openDownload } from './resumed-download.ts';

const BYTES = Buffer.from('the bytes of an attachment');
const SIZE = BYTES.length;
const broken = (failure: SourceFailure = 'unreachable', retryAfter: number | null = null) =>
  new SourceError(failure, 'broke off', retryAfter);

interface Answer {
  /** how many bytes come */
  readonly gives?: number;
  /** after them, or instead of an answer */
  readonly breaks?: SourceError;
  readonly etag?: string | null;
}

/** A source that answers one call after the other as told; the last answer for good. */
function scripted(...answers: readonly Answer[]) {
  const offsets: number[] = [];
  const source: Pick<ArchiveSource, 'attachment'> = {
    async attachment(_id, offset): Promise<AttachmentStream> {
      const { gives, breaks, etag = '"1"' } = answers[Math.min(offsets.length, answers.length - 1)] ?? {};
      offsets.push(offset);
      if (breaks && gives === undefined) throw breaks;
      const body = async function* () {
        yield BYTES.subarray(offset, offset + (gives ?? SIZE));
        if (breaks) throw breaks;
      };
      return { body: body(), totalSize: SIZE, etag };
    },
  };
  return { source: source as ArchiveSource, offsets };
}

/** Reads everything. @returns what came, how it ended, and the pauses in seconds */
async function read(source: ArchiveSource, signal: AbortSignal = new AbortController().signal) {
  const pauses: number[] = [];
  const clock = {
    ...systemClock,
    after(milliseconds: number, callback: () => void) {
      pauses.push(milliseconds / 1000);
      queueMicrotask(callback);
      return () => {};
    },
  };
  const parts: Uint8Array[] = [];
  let failure: unknown = null;
  try {
    const { body } = await openDownload({ clock }, source, 'one', signal);
    for await (const part of body) parts.push(part);
  } catch (error) {
    failure = error instanceof SourceError ? error.failure : error;
  }
  return { text: Buffer.concat(parts).toString(), failure, pauses };
}

describe('a download that breaks off', () => {
  test('goes on where it stopped, after a pause', async () => {
    const { source, offsets } = scripted({ gives: 7, breaks: broken() }, { gives: 5, breaks: broken() }, {});
    expect(await read(source)).toEqual({ text: BYTES.toString(), failure: null, pauses: [1, 1] });
    expect(offsets).toEqual([0, 7, 12]);
  });

  test('waits for longer while nothing comes, and for as long as the source asks', async () => {
    const { source, offsets } = scripted(
      { gives: 7, breaks: broken() },
      { breaks: broken() },
      { breaks: broken('throttled', 12) },
      { breaks: broken('throttled', 3_600) },
      {},
    );
    expect(await read(source)).toEqual({ text: BYTES.toString(), failure: null, pauses: [1, 2, 12, 30] });
    expect(offsets).toEqual([0, 7, 7, 7, 7]);
  });

  test('is given up where the source stays away', async () => {
    const { source } = scripted({ gives: 7, breaks: broken() }, { breaks: broken() });
    expect(await read(source)).toMatchObject({ failure: 'unreachable', pauses: [1, 2, 4, 8, 16] });
  });

  test('is given up where it breaks off again and again before the first byte', async () => {
    const { source } = scripted({ gives: 7, breaks: broken() }, { gives: 0, breaks: broken() });
    const { failure, pauses } = await read(source);
    expect([failure, pauses.length <= 6]).toEqual(['unreachable', true]);
  });

  test('is whole where it broke off behind its last byte', async () => {
    const { source, offsets } = scripted({ gives: SIZE, breaks: broken() });
    expect(await read(source)).toMatchObject({ text: BYTES.toString(), failure: null });
    expect(offsets).toEqual([0]);
  });

  test.each(['attachment_gone', 'bad_answer', 'invalid_credentials'] as const)('by %s is over', async (failure) => {
    const { source, offsets } = scripted({ gives: 7, breaks: broken(failure) }, {});
    expect(await read(source)).toMatchObject({ failure, pauses: [] });
    expect(offsets).toEqual([0]);
  });

  test('and is others’ bytes when it comes back is never pieced together', async () => {
    const { source } = scripted({ gives: 7, breaks: broken() }, { etag: '"2"' });
    expect(await read(source)).toMatchObject({ text: BYTES.toString().slice(0, 7), failure: 'attachment_changed' });
  });

  test('is not gone on with where the source gives no validator', async () => {
    const { source, offsets } = scripted({ gives: 7, breaks: broken(), etag: null }, { etag: null });
    expect(await read(source)).toMatchObject({ failure: 'unreachable', pauses: [] });
    expect(offsets).toEqual([0]);
  });

  test('ends where whoever wants it stops, also in a pause', async () => {
    const { source } = scripted({ gives: 7, breaks: broken() }, {});
    const stop = new AbortController();
    const reading = openDownload({ clock: systemClock }, source, 'one', stop.signal).then(async ({ body }) => {
      for await (const _ of body) setTimeout(() => stop.abort(new Error('stopped')), 20);
    });
    await expect(reading).rejects.toThrow('stopped');
  });
});
