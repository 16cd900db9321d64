/**
 * Which mailboxes a shard's run leaves alone, because Graph asked for it. Obeyed by this run at once, and written with its
 * next results, so that later runs obey it too.
 */
import type { ImportDeps } from '../deps.ts';
import type { ShardLease } from '../store/leases.ts';

/** Null stands for the organization as a whole. */
type Whom = string | null;

export class Pauses {
  readonly #deps: Pick<ImportDeps, 'clock' | 'ledger'>;
  readonly #lease: ShardLease;
  /** by monotonic milliseconds */
  readonly #until = new Map<Whom, number>();
  readonly #unwritten = new Set<Whom>();

  constructor(deps: Pick<ImportDeps, 'clock' | 'ledger'>, lease: ShardLease) {
    this.#deps = deps;
    this.#lease = lease;
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

  mailboxes(): string[] {
    return [...this.#until.keys()].filter((whom): whom is string => whom !== null && this.secondsOf(whom) > 0);
  }

  /** Learns what other runs were asked. */
  async read(): Promise<void> {
    for (const { userId, seconds } of await this.#deps.ledger.currentPauses(this.#lease)) {
      this.#remember(userId, seconds);
    }
  }

  async write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const pauses = [...this.#unwritten].map((userId) => ({ userId, seconds: this.secondsOf(userId) }));
    this.#unwritten.clear();
    await this.#deps.ledger.notePauses(this.#lease, pauses);
  }

  #remember(whom: Whom, seconds: number): void {
    const until = this.#deps.clock.monotonic() + seconds * 1000;
    this.#until.set(whom, Math.max(until, this.#until.get(whom) ?? 0));
  }
}
