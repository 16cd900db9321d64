/**
 * For tests of a source: what the engine relies on, whichever source it is (docs/adding-a-source.md). A source's own test file
 * calls it with a range of its data; what is peculiar to that source it tests beside it.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { itemSchema, type SourceAttachment } from './item.ts';
import { type ArchiveSource, SourceError, type TimeRange } from './source.ts';

export interface SourceUnderTest {
  /** a new one each time, as another worker, or the next job, has it */
  readonly open: () => ArchiveSource;
  /** settled and retained, with three items or more that arrived at different times, and an attachment of two bytes or more */
  readonly range: () => Promise<TimeRange>;
}

/** Registers the tests. @param under asked for when they run, so that it may be made in `beforeAll` */
export function keepsTheSourceContract(under: () => SourceUnderTest): void {
  describe('keeps the contract of a source', () => {
    let range: TimeRange;
    let listed: readonly unknown[];
    beforeAll(async () => {
      range = await under().range();
      listed = await readAll(under().open(), range);
      expect(new Set(listed.map(idOf)).size).toBeGreaterThan(2);
    });

    it('has a clock that does not contradict itself', async () => {
      const { now, settledThrough, earliestRetained } = await under().open().clock();
      expect(settledThrough.getTime()).toBeLessThanOrEqual(now.getTime());
      expect(earliestRetained.getTime()).toBeLessThanOrEqual(settledThrough.getTime());
      expect(range.to.getTime()).toBeLessThanOrEqual(settledThrough.getTime());
    });

    it('lists a settled range in pages as small as they are asked for, which end, and the same each time', async () => {
      const limit = Math.max(1, Math.ceil(listed.length / 3));
      const pages = await readPages(under().open(), range, limit);
      expect(pages.length).toBeGreaterThan(1);
      expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(limit);
      expect(pages.flat()).toEqual(listed);
    });

    it('goes on at a cursor for whoever brings it', async () => {
      const limit = Math.max(1, Math.ceil(listed.length / 3));
      const { items, nextCursor } = await under().open().items(range, null, limit);
      expect(nextCursor).not.toBeNull();
      const next = await under().open().items(range, nextCursor, limit);
      expect([...items, ...next.items]).toEqual(listed.slice(0, items.length + next.items.length));
      // A page whose transaction failed is asked for again.
      expect((await under().open().items(range, nextCursor, limit)).items).toEqual(next.items);
    });

    it('lists what arrived in the range, from its beginning and before its end', async () => {
      const times = listed.map(arrivalOf).filter((time) => time !== null);
      expect(times.filter((time) => time < range.from.getTime() || time >= range.to.getTime())).toEqual([]);
      // Cut at a moment at which something arrived, nothing is in both halves, and nothing in neither.
      const cut = new Date([...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0);
      const before = await readAll(under().open(), { from: range.from, to: cut });
      const after = await readAll(under().open(), { from: cut, to: range.to });
      expect(before.map(idOf).concat(after.map(idOf)).sort()).toEqual(listed.map(idOf).sort());
      expect(before.map(arrivalOf)).not.toContain(cut.getTime());
      expect(after.map(arrivalOf)).toContain(cut.getTime());
    });

    it('counts in its manifest each item of the range once', async () => {
      expect((await under().open().manifest(range)).count).toBe(new Set(listed.map(idOf)).size);
    });

    it('names its users, as often as it is asked', async () => {
      const source = under().open();
      const [first, second] = [await usersOf(source), await usersOf(source)];
      expect(first.length).toBeGreaterThan(0);
      expect(second).toEqual(first);
    });

    it('gives an attachment from any offset, under one validator', async () => {
      const { id, whole, etag } = await someAttachment(under().open(), listed);
      const offset = Math.floor(whole.length / 2);
      const tail = await under().open().attachment(id, offset);
      expect(await bytesOf(tail.body)).toEqual(whole.subarray(offset));
      expect([null, whole.length]).toContain(tail.totalSize);
      expect(tail.etag).toBe(etag);
    });

    it('ends the body of an attachment with the reason of whoever ends it, where its bytes are not all there yet', async () => {
      const { id } = await someAttachment(under().open(), listed);
      const reader = new AbortController();
      const { body } = await under().open().attachment(id, 0, reader.signal);
      const reason = new Error('another attachment of the page failed');
      reader.abort(reason);
      const thrown: unknown = await bytesOf(body).then(
        () => reason,
        (error: unknown) => error,
      );
      expect(thrown).toBe(reason);
    });

    it('fails by a SourceError, which names no cause of its own', async () => {
      const refused = await under()
        .open()
        .attachment('no-such-attachment', 0)
        .catch((error: unknown) => error);
      if (!(refused instanceof SourceError)) throw new Error(`no SourceError: ${String(refused)}`);
      expect(['not_found', 'attachment_gone']).toContain(refused.failure);
      expect(refused.cause).toBeUndefined();
    });

    it('ends with the reason of whoever ends it, which is no failure of the source', async () => {
      const reason = new Error('the worker is asked to stop');
      const ended = AbortSignal.abort(reason);
      const source = under().open();
      for (const call of [
        () => source.clock(ended),
        () => source.items(range, null, 10, ended),
        () => source.manifest(range, ended),
        () => usersOf(source, ended),
        () => source.attachment('any', 0, ended),
      ]) {
        await expect(call()).rejects.toBe(reason);
      }
    });
  });
}

async function readPages(source: ArchiveSource, range: TimeRange, limit: number): Promise<(readonly unknown[])[]> {
  const pages: (readonly unknown[])[] = [];
  let cursor: string | null = null;
  do {
    const page = await source.items(range, cursor, limit);
    pages.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && pages.length < 10_000);
  expect(cursor).toBeNull();
  return pages;
}

const readAll = async (source: ArchiveSource, range: TimeRange): Promise<readonly unknown[]> =>
  (await readPages(source, range, 1000)).flat();

/** Of an item as the source lists it, whatever it is. */
const idOf = (raw: unknown): string => (hasField(raw, 'id') ? String(raw.id) : '');

function arrivalOf(raw: unknown): number | null {
  const time = hasField(raw, 'archivedTime') ? Date.parse(String(raw.archivedTime)) : Number.NaN;
  return Number.isNaN(time) ? null : time;
}

function hasField<Name extends string>(raw: unknown, name: Name): raw is Record<Name, unknown> {
  return typeof raw === 'object' && raw !== null && name in raw;
}

async function usersOf(source: ArchiveSource, signal?: AbortSignal) {
  const users = [];
  for await (const user of source.users(signal)) users.push(user);
  return users;
}

/** The first that the source has: one may be on its way from a phone yet, or lost. */
async function someAttachment(source: ArchiveSource, listed: readonly unknown[]) {
  const named = listed.flatMap((raw): readonly SourceAttachment[] => itemSchema.safeParse(raw).data?.attachments ?? []);
  for (const { id } of named.filter(({ size }) => size > 1)) {
    try {
      const { body, etag } = await source.attachment(id, 0);
      return { id, etag, whole: await bytesOf(body) };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
    }
  }
  throw new Error('the range has no attachment that can be had');
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}
