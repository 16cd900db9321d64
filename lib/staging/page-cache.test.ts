import { describe, expect, it } from 'vitest';
import { TamperedError } from '#lib/security/sealing.ts';
import { StagedContentMissingError } from './errors.ts';
import { PageCache } from './page-cache.ts';

/** Blobs in memory that count how often they are asked for. */
class Container {
  readonly blobs = new Map<string, Buffer>();
  readonly asked: string[] = [];
  failures = 0;

  async open(name: string, offset: number, { length = Number.POSITIVE_INFINITY } = {}) {
    this.asked.push(`open ${name}`);
    if (this.failures > 0) {
      this.failures -= 1;
      throw new StagedContentMissingError(name);
    }
    const blob = this.#blob(name);
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let at = offset; at < Math.min(blob.length, offset + length); at += 7) {
        yield blob.subarray(at, Math.min(at + 7, blob.length, offset + length));
      }
    }
    return { body: body(), totalBytes: blob.length, etag: '"1"' };
  }

  async readRange(name: string, offset: number, length: number): Promise<Buffer> {
    this.asked.push(`range ${name}`);
    return this.#blob(name).subarray(offset, offset + length);
  }

  #blob(name: string): Buffer {
    const blob = this.blobs.get(name);
    if (!blob) throw new StagedContentMissingError(name);
    return blob;
  }
}

const limits = { mostBytes: 250, pageBytes: 100 };
const page = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));

function opened(blobs: Readonly<Record<string, Buffer>>) {
  const container = new Container();
  for (const [name, blob] of Object.entries(blobs)) container.blobs.set(name, blob);
  return { container, cache: new PageCache(container, limits) };
}

describe('pages', () => {
  it('are fetched once, however many want a part of them at once', async () => {
    const { container, cache } = opened({ a: page(90) });
    const parts = await Promise.all([0, 30, 60].map((offset) => cache.readRange('a', offset, 30)));
    expect(Buffer.concat(parts)).toEqual(page(90));
    expect(await cache.readRange('a', 10, 5)).toEqual(page(90).subarray(10, 15));
    expect(container.asked).toEqual(['open a']);
  });

  it('that this process deletes are let go of', async () => {
    const { container, cache } = opened({ a: page(90) });
    await cache.readRange('a', 0, 10);
    container.blobs.delete('a');
    cache.forget('a');
    await expect(cache.readRange('a', 0, 10)).rejects.toThrow(StagedContentMissingError);
  });

  it('that this process has written are not fetched', async () => {
    const { container, cache } = opened({});
    cache.keep('a', page(90));
    expect(await cache.readRange('a', 10, 5)).toEqual(page(90).subarray(10, 15));
    expect(container.asked).toEqual([]);
  });

  it('that it has written and deleted are let go of', async () => {
    const { cache } = opened({});
    cache.keep('a', page(90));
    cache.forget('a');
    await expect(cache.readRange('a', 0, 10)).rejects.toThrow(StagedContentMissingError);
  });

  it('that it has written take the room of those that were not wanted for longest', async () => {
    const { container, cache } = opened({ a: page(100), b: page(100) });
    for (const name of ['a', 'b']) await cache.readRange(name, 0, 1);
    cache.keep('c', page(100));
    for (const name of ['b', 'c', 'a']) await cache.readRange(name, 0, 1);
    expect(container.asked).toEqual(['open a', 'open b', 'open a']);
  });

  it('that it has written, and are too large to be kept, are read range by range', async () => {
    const { container, cache } = opened({ large: page(101) });
    cache.keep('large', page(101));
    expect(await cache.readRange('large', 95, 6)).toEqual(page(101).subarray(95));
    expect(container.asked).toEqual(['range large']);
  });

  it('that are too large to be kept are read range by range', async () => {
    const { container, cache } = opened({ large: page(101) });
    expect(await cache.readRange('large', 95, 6)).toEqual(page(101).subarray(95));
    expect(await cache.readRange('large', 0, 2)).toEqual(page(2));
    expect(container.asked).toEqual(['open large', 'range large', 'range large']);
  });

  it('leave when there is no room, the one that was not wanted for longest first', async () => {
    const { container, cache } = opened({ a: page(100), b: page(100), c: page(100) });
    for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.readRange(name, 0, 1);
    expect(container.asked).toEqual(['open a', 'open b', 'open c', 'open b']);
  });

  it('that could not be fetched are fetched again by the next who wants them', async () => {
    const { container, cache } = opened({ a: page(10) });
    container.failures = 1;
    await expect(cache.readRange('a', 0, 5)).rejects.toThrow(StagedContentMissingError);
    expect(await cache.readRange('a', 0, 5)).toEqual(page(5));
  });

  it('that end before the range are tampered with', async () => {
    const { cache } = opened({ a: page(10) });
    await expect(cache.readRange('a', 5, 6)).rejects.toThrow(TamperedError);
  });

  it('are not waited for by who gave up, and come for the others', async () => {
    const { container, cache } = opened({ a: page(10) });
    const giveUp = new AbortController();
    const [one, other] = [cache.readRange('a', 0, 5, giveUp.signal), cache.readRange('a', 5, 5)];
    giveUp.abort(new Error('stop'));
    await expect(one).rejects.toThrow('stop');
    expect(await other).toEqual(page(10).subarray(5));
    expect(container.asked).toEqual(['open a']);
  });
});
