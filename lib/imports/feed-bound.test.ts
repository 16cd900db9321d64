import { expect, test } from 'vitest';
import { FeedBound, FeedNeverEndsError } from './feed-bound.ts';

/** Reads pages until the feed ends or is ended. @returns entries read, and how often the manifest was asked */
async function readAll(pages: Iterable<{ entries: number; next: string | null }>, count: number) {
  let asked = 0;
  let read = 0;
  const bound = new FeedBound(null, async () => {
    asked += 1;
    return count;
  });
  for (const { entries, next } of pages) {
    read += entries;
    try {
      await bound.passed(entries, next);
    } catch (error) {
      if (!(error instanceof FeedNeverEndsError)) throw error;
      return { read, asked, repeats: error.repeats };
    }
  }
  return { read, asked, repeats: null };
}

function* always(entries: number) {
  for (let page = 0; ; page += 1) yield { entries, next: `cursor-${page}` };
}

function* honest(items: number, page: number) {
  for (let left = items; left > 0; left -= page)
    yield { entries: Math.min(page, left), next: left > page ? `${left}` : null };
}

test.each([1, 7, 500])('an honest feed of 1,000,000 items in pages of %i is read to its end', async (page) => {
  expect(await readAll(honest(1_000_000, page), 1_000_000)).toEqual({ read: 1_000_000, asked: 1, repeats: null });
});

test('a feed in which every item stands twice is honest, too', async () => {
  expect(await readAll(honest(1_000_000, 500), 500_000)).toMatchObject({ read: 1_000_000, repeats: null });
});

test('new cursors for ever end at twice what the manifest counts, and 50,000', async () => {
  expect(await readAll(always(500), 1000)).toEqual({ read: 52_500, asked: 2, repeats: false });
});

test('empty pages for ever end after a thousand', async () => {
  expect(await readAll(always(0), 0)).toMatchObject({ read: 0, repeats: false });
});

test('a cursor that comes back ends the pass, be it the first', async () => {
  expect(
    await readAll(
      [
        { entries: 5, next: 'a' },
        { entries: 5, next: 'b' },
        { entries: 5, next: 'a' },
      ],
      15,
    ),
  ).toEqual({
    ...{ read: 15, asked: 0, repeats: true },
  });
  await expect(new FeedBound('a', async () => 0).passed(1, 'a')).rejects.toThrow(FeedNeverEndsError);
});
