/** Calls for delivery while an import is collected: together, and not for every page. */
import type { ImportDeps } from './deps.ts';

/**
 * A page has something for nearly every shard, but little for each: called for every page, shards would send batches
 * that are nearly empty, and ask and write the ledger for a handful of copies. A run of a shard costs some milliseconds
 * whatever it finds, so that calls are further apart the longer the import goes on.
 */
const APART_MS = { first: 1_000, most: 4_000 } as const;
/** Sooner where the source is fast: as much as fills batches for each of hundreds of mailboxes. */
const COPIES = 16_000;

export class DeliveryCalls {
  readonly #deps: CallDeps & Pick<ImportDeps, 'clock'>;
  readonly #organizationId: string;
  readonly #shards = new Set<number>();
  #copies = 0;
  /** the first page's are not held back: mailboxes and their folders are found while further pages come */
  #dueAt = Number.NEGATIVE_INFINITY;
  /** calls when it is time, where nothing more comes until then: a source may be slow */
  #cancelTimer: (() => void) | undefined;
  #apartMs: number = APART_MS.first;

  constructor(deps: CallDeps & Pick<ImportDeps, 'clock'>, organizationId: string) {
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
    const inMs = this.#dueAt - this.#deps.clock.monotonic();
    if (this.#copies >= COPIES || inMs <= 0) return this.send();
    // A call that fails here is the reconciler's.
    this.#cancelTimer ??= this.#deps.clock.after(inMs, () => void this.send().catch(() => {}));
  }

  /** Calls now. What a process that dies does not call for any more, the reconciler finds. */
  async send(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#dueAt = this.#deps.clock.monotonic() + this.#apartMs;
    this.#apartMs = Math.min(2 * this.#apartMs, APART_MS.most);
    this.#copies = 0;
    const organizationId = this.#organizationId;
    const shards = [...this.#shards];
    this.#shards.clear();
    await callForDelivery(this.#deps, organizationId, shards);
  }
}

type CallDeps = Pick<ImportDeps, 'enqueue' | 'shardsAtWork'>;

/** Has somebody look for what is due of some shards: the run that is at work here, or whoever takes the job. */
export async function callForDelivery(
  { enqueue, shardsAtWork }: CallDeps,
  organizationId: string,
  shards: Iterable<number>,
): Promise<void> {
  // A job for a shard that is at work waits until its run has ended.
  const others = [...shards].filter((shard) => !shardsAtWork.call({ organizationId, shard }));
  await Promise.all(
    others.map((shard) => enqueue('deliver', { organizationId, shard }, { key: `${organizationId}.${shard}` })),
  );
}
