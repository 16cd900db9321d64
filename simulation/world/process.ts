/**
 * A worker process as the simulated world sees it: it can end between any two of its awaits, or stand still while the
 * world goes on. What it has sent by then may still take effect; what was on its way to it waits, or is never read.
 */
import type { Clock } from '#lib/imports/clock.ts';
import type { Random } from './random.ts';
import type { Owner, Scheduler } from './scheduler.ts';

/** How a call to the outside may go. Milliseconds and chances. */
export interface Manners {
  /** until it has its effect */
  readonly effectMs: () => number;
  /** from the effect until the answer is there */
  readonly answerMs: () => number;
  /** the connection breaks, and nothing has happened */
  readonly lostBefore: number;
  /** the connection breaks, and it has happened */
  readonly lostAfter: number;
  readonly broken: () => Error;
}

export class SimulatedProcess implements Owner {
  readonly name: string;
  /** asks the process to end in order */
  readonly stopping = new AbortController();
  readonly clock: Clock;
  /** told of every call before it is made: whoever listens may end or pause the process soon after */
  onCall: (to: 'graph' | 'other') => void = () => {};
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #startedAt: number;
  #alive = true;
  #paused = false;
  #putAside: (() => void)[] = [];

  /** @param skewMs how far its time of day is off */
  constructor(name: string, scheduler: Scheduler, random: Random, skewMs: number) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#startedAt = scheduler.now - random.whole(0, 1_000_000);
    this.clock = {
      monotonic: () => scheduler.now - this.#startedAt,
      date: () => new Date(scheduler.now + skewMs),
      timeout: (milliseconds) => {
        const over = new AbortController();
        scheduler.after(milliseconds, '', () => over.abort(new DOMException('time is over', 'TimeoutError')), this);
        return over.signal;
      },
      after: (milliseconds, callback) => scheduler.after(milliseconds, '', callback, this),
      every: (milliseconds, callback) => {
        let cancel = (): void => {};
        const again = (): void => {
          cancel = scheduler.after(milliseconds, '', round, this);
        };
        const round = (): void => {
          again();
          callback();
        };
        again();
        return () => cancel();
      },
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get awake(): boolean {
    return this.#alive && !this.#paused;
  }

  putAside(event: () => void): boolean {
    if (!this.#paused) return false;
    this.#putAside.push(event);
    return true;
  }

  kill(): void {
    if (!this.#alive) return;
    this.#scheduler.say(`${this.name} is killed`);
    this.#alive = false;
    this.#putAside = [];
  }

  pause(): void {
    if (!this.awake) return;
    this.#scheduler.say(`${this.name} is paused`);
    this.#paused = true;
  }

  /** What came meanwhile is met at once, in its order or, as with timers that ran out, in any. */
  resume(): void {
    if (!this.#paused) return;
    this.#scheduler.say(`${this.name} goes on`);
    this.#paused = false;
    const inOrder = this.#random.chance(0.5);
    this.#putAside.forEach((event, place) => {
      this.#scheduler.after(inOrder ? place / 1000 : this.#random.next(), '', event, this);
    });
    this.#putAside = [];
  }

  /**
   * A call to the outside. Its effect and its answer are two events; between them this process may end.
   *
   * @param effect happens at one moment; what it throws is the answer
   */
  call<T>(label: string, effect: () => T | Promise<T>, manners: Manners, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.onCall('other');
      let open = true;
      const answer = (what: string, give: () => void): void => {
        if (!open) return;
        open = false;
        signal?.removeEventListener('abort', aborted);
        if (this.#scheduler.tracing) this.#scheduler.say(`  ${this.name} < ${label} ${what}`);
        give();
      };
      const aborted = (): void => answer('given up', () => reject(signal?.reason));
      signal?.addEventListener('abort', aborted);
      const fate = this.#random.next();
      if (fate < manners.lostBefore) {
        const breaks = () => answer('lost before', () => reject(manners.broken()));
        this.#scheduler.after(manners.effectMs(), '', breaks, this);
        return;
      }
      const lost = fate < manners.lostBefore + manners.lostAfter;
      const happens = async (): Promise<void> => {
        let give: () => void;
        let what = lost ? 'lost after' : 'answered';
        try {
          const result = await effect();
          if (this.#scheduler.tracing) this.#scheduler.say(`  ${this.name} ! ${label} = ${shown(result)}`);
          give = () => resolve(result);
        } catch (error) {
          what = `${what} ${String(error)}`;
          give = () => reject(error);
        }
        if (lost) give = () => reject(manners.broken());
        this.#scheduler.after(manners.answerMs(), '', () => answer(what, give), this);
      };
      this.#scheduler.after(manners.effectMs(), '', () => void happens(), null);
    });
  }
}

function shown(result: unknown): string {
  const text = JSON.stringify(result, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return text === undefined ? '' : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
