/**
 * Deliver: writes what is due into the mailboxes of one shard, for whichever import it is owed.
 *
 * The protocol, whose every step survives the death of this process:
 * 1. a copy is claimed as `sending` with a deadline, in a committed transaction, before any request;
 * 2. no request outlives that deadline or the shard's lease;
 * 3. what Graph certainly did is written; what it certainly did not goes back to `pending`;
 * 4. anything else stays `sending` and is looked up after its deadline and the late-commit allowance, twice before
 *    "absent" counts, and only then sent again.
 */
import { BATCH_REQUESTS, MailboxQueues } from '../mailbox/pack.ts';
import type { Intake, Room } from './delivery/intake.ts';
import { Sender } from './delivery/send.ts';
import { PAUSE_SECONDS, type Ready, ShardWork } from './delivery/shard-work.ts';
import { isDoubtful, keepDoubt, SingleCopies } from './delivery/single-copies.ts';
import type { ImportDeps } from './deps.ts';
import { type HeldLease, holdShard } from './lease-guard.ts';
import { type PreparedDelivery, type PutOff, prepareDeliveries, prepareHanded } from './prepare.ts';
import { type ClaimedDelivery, type DoubtfulDelivery, mayHaveLeft } from './store/claims.ts';
import type { Months } from './store/months.ts';
import type { Settlement } from './store/settle.ts';

/** Copies in hand: enough to fill the batches in flight, few enough that a crash leaves little to look up. */
const CLAIM = 300;
/** And of staged bytes, for one shard: a message is text as a rule, and may be one of ten megabytes. */
const CLAIM_BYTES = 8 * 1024 * 1024;
/** `$batch` requests in flight for one shard. */
const IN_FLIGHT = 8;
/** Results are written in sets of this many, or when one is so old, or when there is nothing else to do. */
const FLUSH = 400;
const FLUSH_MS = 2_000;
/** After a stop was asked for, requests under way may take this long. */
const STOP_MS = 12_000;
/** What was put off for a shorter time is not left to the reconciler, which comes round once a minute. */
const WAKE_SECONDS = 60;
/** After so long a shard that another worker had is tried again. */
const TAKEN_SECONDS = 2;

/**
 * Delivers what is due in a shard, and what is handed over meanwhile. Returns when nothing is, when a run of this process has it and
 * goes on to look, when another worker has it, or when asked to stop.
 */
export async function deliverShard(
  deps: ImportDeps,
  organizationId: string,
  shard: number,
  signal: AbortSignal,
): Promise<void> {
  const later = (why: string, delayMs: number, onceInSeconds: number): Promise<void> =>
    deps.enqueue(
      'deliver',
      { organizationId, shard },
      { key: `${organizationId}.${shard}.${why}`, delayMs, onceInSeconds },
    );
  if (deps.shardsAtWork.call({ organizationId, shard })) return;
  const held = await holdShard(deps, organizationId, shard);
  if (!held) {
    // Whoever has it may have seen all that it will: what this call was for must not wait for the reconciler.
    if (!signal.aborted) await later('taken', TAKEN_SECONDS * 1000 + 50, TAKEN_SECONDS);
    return;
  }
  let wakeSeconds: number;
  try {
    wakeSeconds = await new ShardDelivery(deps, held, organizationId, signal).run();
  } finally {
    await held.release();
  }
  if (wakeSeconds > WAKE_SECONDS || signal.aborted) return;
  // Runs that end in the same pause want to be woken once.
  const at = Math.ceil(deps.clock.date().getTime() / 1000 + wakeSeconds);
  await later(String(at), Math.ceil(wakeSeconds * 1000) + 50, Math.ceil(wakeSeconds) + 1);
}

class ShardDelivery {
  readonly #deps: ImportDeps;
  readonly #held: HeldLease;
  readonly #work: ShardWork;
  readonly #sender: Sender;
  readonly #stop: AbortSignal;
  readonly #hardStop = new AbortController();
  readonly #intake: Intake;
  readonly #queues = new MailboxQueues<Ready>();
  readonly #singles: SingleCopies;
  /** mailboxes with a request in flight: each is in at most one */
  readonly #busy = new Set<string>();
  readonly #flying = new Set<Promise<void>>();
  /** a question to the ledger that is under way; never fails */
  #asking: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #lookedUp: boolean;
  /** in which copies may be on their way, as far as this run knows; null: in none */
  #months: Months | null;
  #exhausted: boolean;
  /** something may have become due since the ledger was asked */
  #asksAnew = false;

  constructor(deps: ImportDeps, held: HeldLease, organizationId: string, stop: AbortSignal) {
    this.#deps = deps;
    this.#held = held;
    // What comes into doubt from now on is the next run's, or is looked for when this one is called.
    this.#lookedUp = !held.lease.inDoubt;
    this.#months = held.lease.months;
    this.#exhausted = this.#months === null;
    this.#stop = stop;
    this.#work = new ShardWork(deps, held, organizationId, {
      ...{ stop, hardStop: this.#hardStop.signal },
      onNews: () => this.#intake.nudge(),
    });
    this.#singles = new SingleCopies(this.#work);
    this.#sender = new Sender(this.#work, {
      complete: (ready, messageId) => this.#singles.addCreated(ready, messageId),
    });
    this.#intake = deps.shardsAtWork.begin(deps.clock, held.lease, {
      room: () => this.#room,
      takes: (userId) => this.#work.pauses.secondsOf(userId) === 0,
    });
  }

  /** @returns seconds until something that was put off is due */
  async run(): Promise<number> {
    const onStop = (): void => {
      this.#deps.clock.after(STOP_MS, () => this.#hardStop.abort());
    };
    this.#stop.addEventListener('abort', onStop, { once: true });
    try {
      for (;;) {
        if (this.#failure) throw this.#failure.error;
        this.#intake.rearm();
        await this.#takePages();
        this.#work.restIfAsked();
        const isCalled = this.#intake.takeCall();
        // What it was called for is the next run's then, or the reconciler's.
        if (this.#ends) this.#handBackAll();
        else if (isCalled || this.#work.takeWake()) this.#asksAnew = true;
        this.#launch();
        this.#askLedger();
        const underWay = this.#asking ? [...this.#flying, this.#asking] : [...this.#flying];
        if (underWay.length === 0 && this.#isIdle) break;
        await this.#anyOf([...underWay, this.#intake.changed]);
      }
    } finally {
      this.#deps.shardsAtWork.end(this.#intake);
      this.#stop.removeEventListener('abort', onStop);
      await Promise.allSettled([...this.#flying, this.#asking]);
      try {
        await this.#takeLastPages();
      } finally {
        this.#handBackAll();
        await this.#work.flush();
      }
    }
    return this.#work.wakeSeconds;
  }

  /** Milliseconds until results are to be written, or something that was put off is due; infinite where nothing is. */
  get #dueMs(): number {
    const { unwritten, unwrittenMs, wakeSeconds } = this.#work;
    const flushMs = this.#asking || unwritten === 0 ? Number.POSITIVE_INFINITY : FLUSH_MS - unwrittenMs;
    return Math.max(Math.min(flushMs, this.#ends ? Number.POSITIVE_INFINITY : wakeSeconds * 1000), 0);
  }

  /** Waits for one of these, no longer than until something is due: one long flight is not to keep the rest waiting. */
  async #anyOf(events: readonly Promise<void>[]): Promise<void> {
    const milliseconds = this.#dueMs;
    if (milliseconds === Number.POSITIVE_INFINITY) return Promise.race(events);
    const due = Promise.withResolvers<void>();
    // A moment later, when it is due for certain.
    const cancel = this.#deps.clock.after(milliseconds + 1, () => due.resolve());
    try {
      await Promise.race([...events, due.promise]);
    } finally {
      cancel();
    }
  }

  /** Nothing is left to be done, and nothing comes. */
  get #isIdle(): boolean {
    return this.#waiting === 0 && !this.#intake.isOpen && !this.#gathers;
  }

  /** Takes in what came meanwhile: copies that are this run's already. */
  async #takePages(): Promise<void> {
    const work = this.#work;
    for (const { copies, validUntil } of this.#intake.takePages()) {
      // The answer to their page came so late that they may have been claimed, and sent, since: they are in doubt.
      if (validUntil <= this.#deps.clock.monotonic()) continue;
      const taken = copies.filter(({ delivery }) => work.take(delivery));
      const claimed = taken.map(({ delivery }) => delivery);
      const prepared = () => prepareHanded(this.#deps, work.connectors, taken);
      await this.#add(claimed, prepared, validUntil, (ready) => this.#queues.add(ready));
    }
  }

  /** Where this run breaks off, a page that is being written may still have something for it. */
  async #takeLastPages(): Promise<void> {
    for (;;) {
      this.#intake.rearm();
      await this.#takePages();
      if (!this.#intake.isOffered) return;
      await this.#intake.changed;
    }
  }

  /** copies that wait for a request */
  get #waiting(): number {
    return this.#queues.size + this.#singles.size;
  }

  get #room(): Room | null {
    return this.#ends ? null : { copies: CLAIM - this.#waiting, bytes: this.#roomInBytes };
  }

  get #roomInBytes(): number {
    let bytes = CLAIM_BYTES;
    for (const { delivery } of [...this.#queues, ...this.#singles]) bytes -= delivery.frameLength;
    return bytes;
  }

  /** More comes soon: batches and results had better wait for it. */
  get #gathers(): boolean {
    return !this.#ends && this.#intake.gathers;
  }

  get #ends(): boolean {
    return this.#stop.aborted || this.#work.halted || this.#held.remainingMs() <= 0;
  }

  /** Asks the ledger while batches fly: for the next copies, or to write what became of the last. */
  #askLedger(): void {
    if (this.#asking) return;
    const work = this.#isLow ? this.#claimMore() : this.#shouldFlush ? this.#work.flush() : null;
    if (!work) return;
    const asking = work
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#asking = undefined;
      });
    this.#asking = asking;
  }

  get #isLow(): boolean {
    if (this.#ends || (this.#exhausted && !this.#asksAnew)) return false;
    if (this.#waiting >= CLAIM / 2) return false;
    return this.#roomInBytes > CLAIM_BYTES / 2;
  }

  /** When there are many results, when one is old, or when nothing flies. */
  get #shouldFlush(): boolean {
    const { unwritten, unwrittenMs } = this.#work;
    return (
      unwritten > 0 && ((this.#flying.size === 0 && !this.#gathers) || unwritten >= FLUSH || unwrittenMs >= FLUSH_MS)
    );
  }

  async #learnMonths(): Promise<void> {
    this.#months = await this.#deps.ledger.monthsToDo(this.#work.organizationId);
    this.#exhausted = this.#months === null;
  }

  async #claimMore(): Promise<void> {
    const { ledger, clock, settings } = this.#deps;
    const { lateCommitSeconds, shardLeaseSeconds: seconds } = settings;
    const { pauses } = this.#work;
    await pauses.read();
    this.#work.restIfAsked();
    if (this.#asksAnew) {
      // First: a call that comes while the ledger is asked is another one.
      this.#asksAnew = false;
      this.#lookedUp = false;
      await this.#learnMonths();
    }
    if (this.#ends || this.#months === null) return;
    const claim = {
      months: this.#months,
      limit: CLAIM,
      bytes: CLAIM_BYTES,
      seconds,
      exceptUserIds: pauses.mailboxes(),
    };
    const asked = clock.monotonic();
    if (!this.#lookedUp) {
      const doubtful = await this.#work.claim(() =>
        ledger.claimToLookUp(this.#held.lease, { ...claim, lateCommitSeconds }),
      );
      // Nothing may be sent for them before their deadline is moved, which `permit` does.
      const add = (ready: Ready): void => this.#singles.addDoubtful(ready);
      if (doubtful.claimed.length > 0) return this.#prepare(doubtful.taken, asked, add);
      this.#lookedUp = true;
    }
    const { claimed, taken } = await this.#work.claim(() => ledger.claimToSend(this.#held.lease, claim));
    // What comes later comes with a call of its own.
    if (!mayHaveLeft(claim, claimed)) this.#exhausted = true;
    await this.#prepare(taken, asked + seconds * 1000, (ready) => this.#queues.add(ready));
  }

  #prepare(
    claimed: readonly (ClaimedDelivery | DoubtfulDelivery)[],
    validUntil: number,
    add: (ready: Ready) => void,
  ): Promise<void> {
    const prepared = () => prepareDeliveries(this.#deps, this.#work.connectors, claimed, this.#hardStop.signal);
    return this.#add(claimed, prepared, validUntil, add);
  }

  async #add(
    claimed: readonly (ClaimedDelivery | DoubtfulDelivery)[],
    prepared: () => Iterable<PreparedDelivery | PutOff> | AsyncIterable<PreparedDelivery | PutOff>,
    validUntil: number,
    add: (ready: Ready) => void,
  ): Promise<void> {
    if (claimed.length === 0) return;
    const work = this.#work;
    const open = new Set(claimed);
    try {
      await work.learnConnectors(claimed);
      for await (const one of prepared()) {
        open.delete(one.delivery);
        if (one.kind === 'put_off') this.#putOff(one);
        else add({ ...one, userId: one.delivery.userId, bytes: one.plan.createBytes, validUntil });
      }
    } catch (error) {
      // Staging or the database cannot be read now. Nothing of the rest was sent.
      await work.halt(error, claimed[0]?.sourceId);
      const later: Settlement = { state: 'pending', inSeconds: PAUSE_SECONDS, reason: null };
      for (const delivery of open) work.settle(delivery, keepDoubt(delivery, later));
    }
  }

  #putOff({ delivery, settlement }: PutOff): void {
    if (settlement.state === 'failed' && isDoubtful(delivery)) this.#singles.addLost(delivery, settlement.reason);
    else this.#work.settle(delivery, keepDoubt(delivery, settlement));
  }

  /** Takes out of this run's hands what is for mailboxes that are to be left alone. */
  #leavePaused(): void {
    const { pauses } = this.#work;
    for (const userId of pauses.mailboxes()) {
      const seconds = pauses.secondsOf(userId);
      for (const ready of this.#queues.take(userId)) this.#work.handBack(ready, seconds);
      this.#singles.leave(userId, seconds);
    }
  }

  #launch(): void {
    this.#leavePaused();
    while (this.#flying.size < IN_FLIGHT) {
      const single = this.#singles.next(this.#busy);
      if (!single) break;
      this.#fly(new Set([single.delivery.userId]), single.run());
    }
    const least = this.#gathers ? BATCH_REQUESTS : 1;
    if (least === 1) this.#intake.sweep();
    while (this.#flying.size < IN_FLIGHT) {
      const batch = this.#queues.nextBatch(this.#busy, IN_FLIGHT - this.#flying.size, least);
      if (batch.length === 0) return;
      this.#fly(new Set(batch.map(({ userId }) => userId)), this.#sender.send(batch));
    }
  }

  #fly(userIds: ReadonlySet<string>, work: Promise<void>): void {
    for (const userId of userIds) this.#busy.add(userId);
    const flight = work.finally(() => {
      for (const userId of userIds) this.#busy.delete(userId);
      this.#flying.delete(flight);
    });
    // It may fail while something else is awaited.
    flight.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#flying.add(flight);
  }

  #handBackAll(): void {
    for (const ready of this.#queues.drain()) this.#work.handBack(ready, 0);
    this.#singles.leaveAll();
  }
}
