/** The pages of a window in the order of the feed. While one is written, the next is made ready and the source prepares a third. */
import {
  type Around,
  type FeedPage,
  fetchPage,
  type PreparedPage,
  preparePage,
  preparePageAhead,
} from './collect-page.ts';

export class PagesAhead {
  readonly #around: Around;
  readonly #limit: number;
  readonly #signal: AbortSignal;
  /** What is made ready behind a page that is not written is of no use. */
  readonly #ending = new AbortController();
  /** the page to be taken next; null: the feed has ended */
  #next: Promise<FeedPage | null>;
  /** what that page was made ready as; null: it waits for its turn */
  #early: Promise<PreparedPage | null> = Promise.resolve(null);
  /** the page behind that one */
  #behind: Promise<FeedPage | null>;

  /**
   * @param cursor from where the feed is read; null: from its beginning
   * @param limit items a page
   */
  constructor(around: Around, cursor: string | null, limit: number, signal: AbortSignal) {
    this.#around = around;
    this.#limit = limit;
    this.#signal = AbortSignal.any([signal, this.#ending.signal]);
    this.#next = metLater(this.#fetch(cursor));
    this.#behind = metLater(this.#fetchBehind(this.#next));
  }

  /**
   * The next page, ready to be written; null: the feed has ended. Every page before it is in the ledger.
   *
   * @throws SourceError, PageConflictError, and what else keeps a page from being made ready
   */
  async take(): Promise<PreparedPage | null> {
    const early = await this.#early;
    if (early !== null) return early;
    const page = await this.#next;
    return page && preparePage(this.#around, page, this.#signal);
  }

  /**
   * Begins to make the next page ready, beside `before`, which was taken and is about to be written. Where that one had an item
   * that was known, the next has some as a rule, and waits for its turn.
   */
  prepareNext(before: PreparedPage): void {
    this.#next = this.#behind;
    this.#behind = metLater(this.#fetchBehind(this.#next));
    this.#early =
      before.collected.repeats > 0 ? Promise.resolve(null) : metLater(this.#prepareEarly(before.sourceItemIds));
  }

  /** Ends what is under way for pages that nobody will write now. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.allSettled([this.#early, this.#next, this.#behind]);
  }

  /** @param before not the page itself: nothing is to hold what was kept of it */
  async #prepareEarly(before: ReadonlySet<string>): Promise<PreparedPage | null> {
    const page = await this.#next;
    const prepared = page && (await preparePageAhead(this.#around, page, before, this.#signal));
    // Its items are staged: nothing is to hold them while the page before it is written.
    if (prepared !== null) this.#next = Promise.resolve(null);
    return prepared;
  }

  #fetch(cursor: string | null): Promise<FeedPage> {
    return fetchPage(this.#around, cursor, this.#limit, this.#signal);
  }

  async #fetchBehind(arriving: Promise<FeedPage | null>): Promise<FeedPage | null> {
    const nextCursor = (await arriving)?.nextCursor ?? null;
    return nextCursor === null ? null : this.#fetch(nextCursor);
  }
}

/** A failure is met where the answer is awaited; until then it must not count as nobody's. */
function metLater<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => {});
  return answer;
}
