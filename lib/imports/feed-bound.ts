/**
 * The end of a feed that has none. A cursor that comes back would be followed for ever, and so would cursors that are
 * always new; the latter are bounded by what the source itself counts for the window.
 */

/**
 * Entries that any window may list before the source is asked how many it has. Beyond twice that number, and this many
 * more, a list is longer than repeats and late arrivals explain: an honest one of a million items stays below.
 */
const UNASKED = 50_000;
/** What a page without an entry counts as: an honest feed has few of them. */
const EMPTY_PAGE = 50;

/** The source's list of a window does not end. What it listed so far is in the ledger. */
export class FeedNeverEndsError extends Error {
  override name = 'FeedNeverEndsError';
  /** it comes back to a cursor that it gave before: only from the beginning can it be read anew */
  readonly repeats: boolean;
  constructor(repeats: boolean) {
    super(
      repeats ? 'the feed comes back to a cursor that it gave before' : 'the feed lists more than its manifest counts',
    );
    this.repeats = repeats;
  }
}

/** Watches one pass over a feed. */
export class FeedBound {
  readonly #seen = new Set<string>();
  readonly #count: () => Promise<number>;
  #read = 0;
  #allowed = UNASKED;

  /**
   * @param from the cursor at which this pass begins
   * @param count how many distinct items the source counts for the window, asked where a pass is long
   */
  constructor(from: string | null, count: () => Promise<number>) {
    if (from !== null) this.#seen.add(from);
    this.#count = count;
  }

  /**
   * Called with every page that is in the ledger.
   *
   * @throws FeedNeverEndsError where the next page must not be written, though it may be staged already, and the one behind it asked
   *   for; what `count` throws
   */
  async passed(entries: number, nextCursor: string | null): Promise<void> {
    if (nextCursor === null) return;
    if (this.#seen.has(nextCursor)) throw new FeedNeverEndsError(true);
    this.#seen.add(nextCursor);
    this.#read += entries === 0 ? EMPTY_PAGE : entries;
    if (this.#read <= this.#allowed) return;
    this.#allowed = 2 * (await this.#count()) + UNASKED;
    if (this.#read > this.#allowed) throw new FeedNeverEndsError(false);
  }
}
