/**
 * Virtual time. What happens in a simulated world is a list of events, each with its time; the next one is taken out,
 * time leaps to it, it happens, and everything in the product that waited for it runs until it waits again. Nothing else
 * moves: no timer, no input or output, no clock of the machine. So the same seed gives the same run, to the last event.
 */
import type { Random } from './random.ts';

/** Whose event it is: one that is dead never sees it, one that is paused sees it when it goes on. */
export interface Owner {
  readonly alive: boolean;
  /** keeps an event that cannot happen now; false: it can */
  putAside(event: () => void): boolean;
}

interface Event {
  readonly at: number;
  /** drawn: of two events of one millisecond either may be first */
  readonly rank: number;
  readonly owner: Owner | null;
  readonly label: string;
  run: (() => void) | null;
}

/** Everything takes some time; a run that does so many things is one that does not end. */
const MOST_EVENTS = 2_000_000;

export class NeverEndsError extends Error {
  override name = 'NeverEndsError';
}

export class Scheduler {
  /** milliseconds since 1970 */
  now: number;
  /** events that happened */
  happened = 0;
  readonly #random: Random;
  readonly #trace: ((line: string) => void) | null;
  readonly #heap: Event[] = [];

  constructor(start: number, random: Random, trace: ((line: string) => void) | null) {
    this.now = start;
    this.#random = random;
    this.#trace = trace;
  }

  /** @param inMs not before so many milliseconds @returns takes it back */
  after(inMs: number, label: string, run: () => void, owner: Owner | null = null): () => void {
    const event: Event = { at: this.now + Math.max(0, inMs), rank: this.#random.next(), owner, label, run };
    push(this.#heap, event);
    return () => {
      event.run = null;
    };
  }

  get tracing(): boolean {
    return this.#trace !== null;
  }

  say(line: string): void {
    this.#trace?.(`${new Date(this.now).toISOString()} ${line}`);
  }

  /** Lets things happen until `until`, or until `done` says so after an event. */
  async run(until: number, done: () => boolean = () => false): Promise<void> {
    for (;;) {
      const [next] = this.#heap;
      if (!next || next.at > until) {
        this.now = Math.max(this.now, until);
        return;
      }
      pop(this.#heap);
      const { owner } = next;
      if (next.run === null || owner?.alive === false) continue;
      this.now = next.at;
      const happen = (): void => {
        // Taken back while it was put aside.
        if (next.run === null) return;
        if (next.label !== '') this.say(next.label);
        next.run();
      };
      if (owner?.putAside(happen)) continue;
      if (++this.happened > MOST_EVENTS) throw new NeverEndsError(`more than ${MOST_EVENTS} events`);
      happen();
      await settled();
      if (done()) return;
    }
  }
}

/** Everything that can go on without another event has done so: promises are done before an immediate comes. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.rank < b.rank);

function push(heap: Event[], event: Event): void {
  let place = heap.length;
  heap.push(event);
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (!parent || !before(event, parent)) break;
    heap[place] = parent;
    heap[above] = event;
    place = above;
  }
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let place = 0;
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    const smaller = right && left && before(right, left) ? right : left;
    if (!smaller || !before(smaller, last)) break;
    heap[place] = smaller;
    place = smaller === right ? 2 * place + 2 : 2 * place + 1;
  }
  heap[place] = last;
}
