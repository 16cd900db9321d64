/**
 * How many mapping files this process reads at once. A file of 64 MB takes twice its size of memory, a connection of the
 * database and a processor for seconds: with all of them at once, no page would answer. Who comes later waits, in order.
 */
export interface TurnSettings {
  readonly atOnce: number;
  /** beyond it, who comes is sent away at once */
  readonly mostWaiting: number;
  /** after it, who waits is sent away */
  readonly longestMs: number;
}

/** Gives the turn back; any number of times. */
export type Release = () => void;

interface Waiter {
  readonly begin: (release: Release) => void;
}

export class FileTurns {
  readonly #settings: TurnSettings;
  readonly #waiting = new Set<Waiter>();
  #taken = 0;

  constructor(settings: TurnSettings) {
    this.#settings = settings;
  }

  /**
   * @param signal aborted by whoever no longer wants it
   * @returns null where it takes too long
   * @throws the signal's reason
   */
  async take(signal: AbortSignal): Promise<Release | null> {
    const { atOnce, mostWaiting, longestMs } = this.#settings;
    signal.throwIfAborted();
    if (this.#taken < atOnce) return this.#begin();
    if (this.#waiting.size >= mostWaiting) return null;
    const turn = Promise.withResolvers<Release | null>();
    const waiter: Waiter = { begin: turn.resolve };
    this.#waiting.add(waiter);
    // At once, so that no turn is given to who has gone.
    const leave = () => this.#waiting.delete(waiter);
    const tooLong = setTimeout(() => leave() && turn.resolve(null), longestMs);
    const gone = () => leave() && turn.reject(signal.reason);
    signal.addEventListener('abort', gone, { once: true });
    try {
      return await turn.promise;
    } finally {
      clearTimeout(tooLong);
      signal.removeEventListener('abort', gone);
    }
  }

  #begin(): Release {
    this.#taken += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#taken -= 1;
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next);
      next.begin(this.#begin());
    };
  }
}
