/**
 * The shortest time of a request to a mailbox, which takes longer at Exchange. Were it nothing, requests at once would
 * follow each other here, and the limit on them would bite by chance.
 *
 * It is counted in turns of the event loop that take a millisecond or more: on a busy machine time passes while nothing
 * is read, and what was sent at once must be taken all the same before the first of it is done.
 */
const TURNS = {
  /** enough for eight requests whose connections are made at the same time */
  single: 8,
  /** less than eight batches under way take by themselves for four requests each, so benchmarks hardly wait for it */
  inBatch: 3,
} as const;

export type RequestKind = keyof typeof TURNS;

/** A request that takes as long by itself lets so many turns pass. */
export const LONG_ENOUGH_MS = 50;

/** One timer for all who wait: one for each of thousands of requests in a second would cost more than the requests. */
export class ShortestTime {
  /** who is done after the next turn, after the one that follows, and so on */
  readonly #turns: (() => void)[][] = Array.from({ length: Math.max(...Object.values(TURNS)) }, () => []);
  #isTurning = false;

  /** Resolves when the shortest time has passed from now. */
  passed(kind: RequestKind): Promise<void> {
    return new Promise((resolve) => {
      this.#turns[TURNS[kind] - 1]?.push(resolve);
      if (!this.#isTurning) this.#turn();
    });
  }

  #turn(): void {
    this.#isTurning = true;
    setTimeout(() => {
      const done = this.#turns.shift() ?? [];
      this.#turns.push([]);
      this.#isTurning = false;
      for (const resolve of done) resolve();
      if (this.#turns.some((waiting) => waiting.length > 0)) this.#turn();
    }, 1);
  }
}
