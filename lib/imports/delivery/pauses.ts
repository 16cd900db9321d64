/**
 * Mailboxes that Graph asked us to leave alone, and until when. What one run is told, the next one of this process knows
 * as well, and so does the sweep: a run lasts as long as there is something to do, a pause as long as Graph says. Another
 * process is told for itself; a mailbox's shard is at one worker at a time.
 */
import type { Graph } from '../../microsoft/graph.ts';
import { errorOfPause } from '../../microsoft/graph-errors.ts';
import type { Clock } from '../clock.ts';

export class MailboxPauses {
  readonly #clock: Clock;
  /** by user id: monotonic milliseconds */
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Of several pauses the longest counts. */
  add(userId: string, seconds: number): void {
    const until = this.#clock.monotonic() + seconds * 1000;
    this.#until.set(userId, Math.max(until, this.#until.get(userId) ?? 0));
  }

  /** for how long a mailbox is still to be left alone; 0: it may be asked */
  secondsOf(userId: string): number {
    const left = (this.#until.get(userId) ?? 0) - this.#clock.monotonic();
    if (left <= 0) this.#until.delete(userId);
    return Math.max(0, left) / 1000;
  }

  /** @throws GraphError that says what Graph has said, without asking it */
  throwIfPaused(userId: string): void {
    const seconds = this.secondsOf(userId);
    if (seconds > 0) throw errorOfPause(seconds);
  }

  /** user ids of all that are to be left alone now */
  get mailboxes(): string[] {
    return [...this.#until.keys()].filter((userId) => this.secondsOf(userId) > 0);
  }
}

const byGraph = new WeakMap<Graph, MailboxPauses>();

/** @param graph the organization's, one object a process */
export function pausesOf(graph: Graph, clock: Clock): MailboxPauses {
  const known = byGraph.get(graph) ?? new MailboxPauses(clock);
  byGraph.set(graph, known);
  return known;
}
