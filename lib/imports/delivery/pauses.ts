/**
 * Which mailboxes are left alone, because Graph asked for it. What a run is told, its process obeys at once, in whatever it
 * does; it is written with the run's next results, so that other processes obey it too.
 */
import type { Graph } from '../../microsoft/graph.ts';
import { errorOfPause } from '../../microsoft/graph-errors.ts';
import type { ImportDeps } from '../deps.ts';
import { shardOf } from '../shards.ts';
import type { ShardLease } from '../store/leases.ts';

/** Null stands for the organization as a whole. */
type Whom = string | null;

type PauseDeps = Pick<ImportDeps, 'clock' | 'ledger' | 'graph'>;
type OfShard = Pick<ShardLease, 'organizationId' | 'shard'>;

/** By organization: monotonic milliseconds until which nothing is to be asked. */
const memories = new WeakMap<Graph, Map<Whom, number>>();

function memoryOf(graph: Graph): Map<Whom, number> {
  const known = memories.get(graph) ?? new Map<Whom, number>();
  memories.set(graph, known);
  return known;
}

export class Pauses {
  readonly #deps: PauseDeps;
  readonly #of: OfShard;
  readonly #until: Map<Whom, number>;
  readonly #unwritten = new Set<Whom>();

  constructor(deps: PauseDeps, { organizationId, shard }: OfShard) {
    this.#deps = deps;
    this.#of = { organizationId, shard };
    this.#until = memoryOf(deps.graph(organizationId));
  }

  /** The pauses that concern one mailbox, for whoever works without a lease. */
  static of(deps: PauseDeps, organizationId: string, userId: string): Pauses {
    return new Pauses(deps, { organizationId, shard: shardOf(userId) });
  }

  add(whom: Whom, seconds: number): void {
    this.#remember(whom, seconds);
    this.#unwritten.add(whom);
  }

  /** What is left of a pause in seconds; 0 where there is none. */
  secondsOf(whom: Whom): number {
    const until = this.#until.get(whom);
    if (until === undefined) return 0;
    const seconds = (until - this.#deps.clock.monotonic()) / 1000;
    if (seconds > 0) return seconds;
    this.#until.delete(whom);
    return 0;
  }

  /** @throws GraphError that says what Graph has said, of a mailbox or of its organization, without asking it */
  throwIfPaused(userId: string): void {
    const seconds = Math.max(this.secondsOf(userId), this.secondsOf(null));
    if (seconds > 0) throw errorOfPause(seconds);
  }

  mailboxes(): string[] {
    return [...this.#until.keys()].filter((whom): whom is string => whom !== null && this.secondsOf(whom) > 0);
  }

  /** Learns what other processes were asked. */
  async read(): Promise<void> {
    for (const { userId, seconds } of await this.#deps.ledger.currentPauses(this.#of)) {
      this.#remember(userId, seconds);
    }
  }

  async write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const pauses = [...this.#unwritten].map((userId) => ({ userId, seconds: this.secondsOf(userId) }));
    this.#unwritten.clear();
    try {
      await this.#deps.ledger.notePauses(this.#of, pauses);
    } catch (error) {
      for (const { userId } of pauses) this.#unwritten.add(userId);
      throw error;
    }
  }

  #remember(whom: Whom, seconds: number): void {
    const until = this.#deps.clock.monotonic() + seconds * 1000;
    this.#until.set(whom, Math.max(until, this.#until.get(whom) ?? 0));
  }
}
