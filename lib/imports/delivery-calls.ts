/** Calls for delivery while an import is collected: together, and not for every page. */
import type { ImportDeps } from './deps.ts';

/**
 * A page has something for nearly every shard, but little for each: called for every page, shards would send batches
 * that are nearly empty, and ask and write the ledger for a handful of copies.
 */
const APART_MS = 2_000;
/** Sooner where the source is fast: as much as fills a batch for each of hundreds of mailboxes. */
const COPIES = 8_000;

export class DeliveryCalls {
  readonly #deps: Pick<ImportDeps, 'clock' | 'enqueue'>;
  readonly #organizationId: string;
  readonly #shards = new Set<number>();
  #copies = 0;
  /** the first page's are not held back: mailboxes and their folders are found while further pages come */
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(deps: Pick<ImportDeps, 'clock' | 'enqueue'>, organizationId: string) {
    this.#deps = deps;
    this.#organizationId = organizationId;
  }

  /**
   * Notes copies that are to be delivered, and calls for all that were noted when it is time.
   *
   * @param shards of each copy
   */
  async add(shards: readonly number[]): Promise<void> {
    for (const shard of shards) this.#shards.add(shard);
    this.#copies += shards.length;
    if (this.#copies >= COPIES || this.#deps.clock.monotonic() - this.#sentAt >= APART_MS) await this.send();
  }

  /** Calls now. What a process that dies does not call for any more, the reconciler finds. */
  async send(): Promise<void> {
    this.#sentAt = this.#deps.clock.monotonic();
    this.#copies = 0;
    const organizationId = this.#organizationId;
    const shards = [...this.#shards];
    this.#shards.clear();
    await Promise.all(
      shards.map((shard) =>
        this.#deps.enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` }),
      ),
    );
  }
}
