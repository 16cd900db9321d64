/**
 * How long a request takes before it is carried out. Timers are shared, as thousands of requests in a second would pay
 * more for a timer each than for all the rest of their waiting.
 */

/** Waits of a turn of the event loop, or of milliseconds. Those that begin together end together. */
export class Latency {
  #turn: Promise<void> | undefined;
  /** the wait that began last, and in which millisecond it did */
  #last: { readonly began: number; readonly ms: number; readonly passed: Promise<void> } | undefined;

  /**
   * Resolves after `ms`, to a millisecond; where it is nothing, after at least a turn, so that what came at the same time
   * is taken before this one is done.
   */
  passed(ms: number): Promise<void> {
    return ms > 0 ? this.#wait(ms) : this.#nextTurn();
  }

  #nextTurn(): Promise<void> {
    this.#turn ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#turn = undefined;
        resolve();
      });
    });
    return this.#turn;
  }

  #wait(ms: number): Promise<void> {
    const began = Math.floor(performance.now());
    if (this.#last?.began !== began || this.#last.ms !== ms) {
      this.#last = { began, ms, passed: new Promise((resolve) => void setTimeout(resolve, ms)) };
    }
    return this.#last.passed;
  }
}
