/**
 * What comes to a run of a shard while it is at work: copies of pages that this process collects, claimed already, and
 * calls for what else is due. A run whose shard gets something with every page stays at work, instead of beginning anew a
 * hundred times an import.
 */
import type { Clock } from '../clock.ts';
import type { HandedCopy } from '../prepare.ts';
import type { ShardLease } from '../store/leases.ts';

/** So long a run takes what comes: what it leaves in doubt is the next one's. */
const ACCEPTS_MS = 20_000;
/** A page has a few copies for each shard: so long they wait for those of the next, to fill batches with them. */
const GATHER_MS = 1_000;

/** What a run takes without asking the ledger. It is not reserved: two pages that are written at once may take it twice. */
export interface Room {
  readonly copies: number;
  /** staged */
  readonly bytes: number;
}

/** The run behind an intake. */
export interface Taker {
  /** for how much it has room now; null: it ends */
  room(): Room | null;
  /** whether it sends into a mailbox now */
  takes(userId: string): boolean;
}

/** Copies of one page. */
export interface HandedPage {
  readonly copies: readonly HandedCopy[];
  /** monotonic milliseconds until which a request for them may live; their rows say so too */
  readonly validUntil: number;
  /** the feed goes on */
  readonly moreComes: boolean;
}

export class Intake {
  readonly lease: ShardLease;
  readonly #clock: Clock;
  readonly #taker: Taker;
  readonly #mayStay: () => boolean;
  readonly #acceptsUntil: number;
  /** monotonic milliseconds; null: nothing came since it was last sent */
  #gathersUntil: number | null = null;
  #pages: HandedPage[] = [];
  #offers = 0;
  #called = false;
  #changed = Promise.withResolvers<void>();

  /** @param mayStay false where others wait for its place in this process */
  constructor(clock: Clock, lease: ShardLease, taker: Taker, mayStay: () => boolean) {
    this.#clock = clock;
    this.lease = lease;
    this.#taker = taker;
    this.#mayStay = mayStay;
    this.#acceptsUntil = clock.monotonic() + ACCEPTS_MS;
  }

  /** For how much there is room; null: for nothing more. */
  room(): Room | null {
    const room = this.#accepts && this.#mayStay() ? this.#taker.room() : null;
    if (room === null) return null;
    let { copies, bytes } = room;
    for (const { delivery } of this.#pages.flatMap((page) => page.copies)) {
      copies--;
      bytes -= delivery.frameLength;
    }
    return copies > 0 && bytes > 0 ? { copies, bytes } : null;
  }

  get #accepts(): boolean {
    return this.#clock.monotonic() < this.#acceptsUntil;
  }

  takes(userId: string): boolean {
    return this.#taker.takes(userId);
  }

  /** Asks the run to look again for what is due. @returns false where it does not any more */
  call(): boolean {
    if (!this.#accepts || this.#taker.room() === null) return false;
    this.#called = true;
    this.#changed.resolve();
    return true;
  }

  /** Something may come: the run waits for it until `endOffer`. */
  beginOffer(): void {
    this.#offers++;
  }

  endOffer(): void {
    this.#offers--;
    this.#changed.resolve();
  }

  receive(page: HandedPage): void {
    this.#pages.push(page);
    if (!page.moreComes) this.#gathersUntil = Number.NEGATIVE_INFINITY;
    else if (this.#gathersUntil === null) {
      this.#gathersUntil = this.#clock.monotonic() + GATHER_MS;
      // A moment later, when it is over for certain.
      this.#clock.after(GATHER_MS + 1, () => this.#changed.resolve());
    }
    this.#changed.resolve();
  }

  /** Whether more is expected soon, so that a batch which is not full had better wait. */
  get gathers(): boolean {
    return this.#gathersUntil !== null && this.#clock.monotonic() < this.#gathersUntil;
  }

  /** What came is sent now, full batches or not. */
  sweep(): void {
    this.#gathersUntil = null;
  }

  /** Whether something may come within moments. */
  get isOffered(): boolean {
    return this.#offers > 0;
  }

  /** Whether something came, or may come within moments. */
  get isOpen(): boolean {
    return this.isOffered || this.#pages.length > 0 || this.#called;
  }

  takePages(): HandedPage[] {
    return this.#pages.splice(0);
  }

  /** Whether somebody called since this was last asked. */
  takeCall(): boolean {
    const called = this.#called;
    this.#called = false;
    return called;
  }

  /** Has the run look around. */
  nudge(): void {
    this.#changed.resolve();
  }

  /** Resolves when something came, an offer ended, gathering is over, or the run was nudged; since the last `rearm`. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** To be called after `changed` was met, before what came is taken. */
  rearm(): void {
    this.#changed = Promise.withResolvers();
  }
}
