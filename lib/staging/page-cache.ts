/**
 * Pages as they are read for delivery: thirty shards want their part of each page within moments of each other, and of its
 * being written. A page that this process wrote is kept, sealed as it is, and one of another process is fetched once; a large
 * one is read range by range.
 */
import { TamperedError } from '#lib/security/sealing.ts';
import type { BlobContainer } from './azure.ts';

/** What is read of a container here. */
type Pages = Pick<BlobContainer, 'open' | 'readRange'>;

export interface PageCacheLimits {
  /** bytes of pages in memory */
  readonly mostBytes: number;
  /** a page above this is never kept */
  readonly pageBytes: number;
}

const LIMITS: PageCacheLimits = { mostBytes: 32 * 1024 * 1024, pageBytes: 4 * 1024 * 1024 };
/** Names of large pages that are remembered as such. */
const MOST_ENTRIES = 10_000;

interface Entry {
  /** null: too large to be kept */
  readonly page: Promise<Buffer | null>;
  bytes: number;
}

export class PageCache {
  readonly #container: Pages;
  readonly #limits: PageCacheLimits;
  /** the one that was wanted last is last */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(container: Pages, limits: PageCacheLimits = LIMITS) {
    this.#container = container;
    this.#limits = limits;
  }

  /** As `BlobContainer.readRange`. What is in memory is given out although another process may have deleted the blob. */
  async readRange(name: string, offset: number, length: number, signal?: AbortSignal): Promise<Buffer> {
    const page = await unlessAborted(this.#page(name), signal);
    if (page === null) return this.#container.readRange(name, offset, length, signal);
    if (offset + length > page.length) throw new TamperedError(`Staged content under ${name}`);
    return page.subarray(offset, offset + length);
  }

  /** Keeps a page that this process has just stored under that name, which nobody writes twice. */
  keep(name: string, page: Buffer): void {
    this.forget(name);
    const kept = page.length > this.#limits.pageBytes ? null : page;
    const entry: Entry = { page: Promise.resolve(kept), bytes: 0 };
    this.#entries.set(name, entry);
    this.#keep(name, entry, kept?.length ?? 0);
  }

  /** Lets go of a page that this process deletes. */
  forget(name: string): void {
    const entry = this.#entries.get(name);
    if (entry) this.#forget(name, entry);
  }

  #page(name: string): Promise<Buffer | null> {
    const known = this.#entries.get(name);
    if (known) {
      this.#entries.delete(name);
      this.#entries.set(name, known);
      return known.page;
    }
    // Without the signal of whoever asks first: others wait for it as well.
    const entry: Entry = { page: this.#fetch(name), bytes: 0 };
    this.#entries.set(name, entry);
    entry.page.then(
      (page) => this.#keep(name, entry, page?.length ?? 0),
      () => this.#forget(name, entry),
    );
    return entry.page;
  }

  async #fetch(name: string): Promise<Buffer | null> {
    const { body, totalBytes } = await this.#container.open(name, 0, { length: this.#limits.pageBytes });
    if (totalBytes > this.#limits.pageBytes) {
      // Ends the download: the generator lets its connection go.
      for await (const _ of body) break;
      return null;
    }
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    return Buffer.concat(parts);
  }

  #keep(name: string, entry: Entry, bytes: number): void {
    if (this.#entries.get(name) !== entry) return;
    entry.bytes = bytes;
    this.#bytes += bytes;
    for (const [oldName, old] of this.#entries) {
      if (this.#bytes <= this.#limits.mostBytes && this.#entries.size <= MOST_ENTRIES) return;
      this.#forget(oldName, old);
    }
  }

  #forget(name: string, entry: Entry): void {
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
