/**
 * Which requests go into the next `$batch`. Pure.
 *
 * Graph hands on four requests of a batch at a time, whatever their mailboxes, and allows four at once per mailbox. So a
 * mailbox is in at most one batch in flight. Two mailboxes in one batch share its four requests at a time, each at half
 * of what it is allowed: what scales is the number of batches, so that a mailbox shares one only where it has too little
 * to lose by it, or where no further batch may be sent.
 */

/** The rules of `$batch` (facts of Microsoft: at most 20 requests, JSON bodies to 4 MB). */
export const BATCH_REQUESTS = 20;
/** 4 MB less room for the envelope of 20 requests. */
export const BATCH_BYTES = 4_000_000 - 20 * 1024;
/** Requests of a batch that Graph hands on at a time. So many of a mailbox take as long as one. */
const AT_A_TIME = 4;

export interface Packable {
  /** Graph object id of the mailbox */
  readonly userId: string;
  /** length of the request's JSON in bytes */
  readonly bytes: number;
}

/** What waits to be sent, by mailbox, first in first out. */
export class MailboxQueues<T extends Packable> {
  readonly #queues = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Everything that waits. */
  *[Symbol.iterator](): Iterator<T> {
    for (const queue of this.#queues.values()) yield* queue;
  }

  add(request: T): void {
    const queue = this.#queues.get(request.userId);
    if (queue) queue.push(request);
    else this.#queues.set(request.userId, [request]);
    this.#size++;
  }

  /** Takes everything of a mailbox out, for example because it asked us to wait. */
  take(userId: string): T[] {
    const queue = this.#queues.get(userId) ?? [];
    this.#queues.delete(userId);
    this.#size -= queue.length;
    return queue;
  }

  /** Takes everything out, for a shutdown. */
  drain(): T[] {
    return [...this.#queues.keys()].flatMap((userId) => this.take(userId));
  }

  /**
   * Takes the next batch out: from mailboxes that are not in `busy`, the one that waited longest first.
   *
   * @param places how many batches may be sent now, this one among them
   * @param least requests of mailboxes that have little: with fewer, and room for more, they wait. A mailbox with more than Graph takes
   *   at a time does not, since it would stand still
   * @returns empty where every mailbox with requests is busy, or waits. A request that is larger than a batch goes alone: Graph's
   *   own refusal is the clearest answer there is
   */
  nextBatch(busy: ReadonlySet<string>, places: number, least = 1): T[] {
    const passedOver = new Set(busy);
    for (;;) {
      const { batch, isFull } = this.#compose(passedOver, places);
      const [first] = batch;
      if (first === undefined) return [];
      const has = this.#queues.get(first.userId)?.length ?? 0;
      if (isFull || batch.length >= least || has > AT_A_TIME) {
        this.#takeOut(batch);
        return batch;
      }
      // It is not to hold up another that has enough.
      passedOver.add(first.userId);
    }
  }

  #compose(busy: ReadonlySet<string>, places: number): { readonly batch: T[]; readonly isFull: boolean } {
    const batch: T[] = [];
    let bytes = 0;
    let ownBatches = [...this.#queues].filter(
      ([userId, queue]) => !busy.has(userId) && queue.length > AT_A_TIME,
    ).length;
    for (const [userId, queue] of this.#queues) {
      if (busy.has(userId)) continue;
      if (queue.length > AT_A_TIME) {
        if (batch.length > 0 && ownBatches < places) continue;
        ownBatches--;
      }
      for (const request of queue) {
        if (batch.length > 0 && bytes + request.bytes > BATCH_BYTES) return { batch, isFull: true };
        batch.push(request);
        bytes += request.bytes;
        if (batch.length === BATCH_REQUESTS) return { batch, isFull: true };
      }
    }
    return { batch, isFull: false };
  }

  #takeOut(batch: readonly T[]): void {
    for (const [userId, { length }] of Map.groupBy(batch, (request) => request.userId)) {
      const left = this.take(userId).slice(length);
      // What is left of a mailbox goes behind the others, so that a large one does not keep small ones waiting.
      for (const request of left) this.add(request);
    }
  }
}
