/** What the parts of a delivery share while they work on one shard: the lease, the mailboxes' pauses, what became of copies. */
import pLimit from 'p-limit';
import { AppTokenError } from '../../microsoft/app-token.ts';
import type { CallOptions, Graph } from '../../microsoft/graph.ts';
import { GraphError, type GraphFailure } from '../../microsoft/graph-errors.ts';
import type { ImportDeps } from '../deps.ts';
import type { HeldLease } from '../lease-guard.ts';
import type { PreparedDelivery } from '../prepare.ts';
import { handleProblem } from '../problems.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { RunningConnector } from '../store/connectors.ts';
import type { Settlement } from '../store/settle.ts';
import { Pauses } from './pauses.ts';

/** A pause where Graph refuses without saying for how long. */
export const PAUSE_SECONDS = 10;

/** What was put off is looked for at these times together. */
const WAKE_MS = 100;

const FORBIDDEN: ReadonlySet<GraphFailure> = new Set(['forbidden', 'blocked_by_policy']);

/** Requests end together that begin within this part of the time that each may take: one timer and one signal for many. */
const SHARED = 1 / 30;

/** How long a new token that lets us in speaks for the organization. */
const ADMITTED_MS = 60_000;

/** The lease or the deadline of a copy is over: nothing more may be sent for it by this worker. */
export class DeadlineOverError extends Error {
  override name = 'DeadlineOverError';
}

/** This worker is asked to stop: work of many requests is handed over between two of them. */
export class StopRequestedError extends Error {
  override name = 'StopRequestedError';
}

/** A claimed copy whose message is known. */
export interface Ready extends PreparedDelivery {
  readonly userId: string;
  readonly bytes: number;
  /** monotonic milliseconds until which a request for it may live; the row says so too */
  validUntil: number;
}

export class ShardWork {
  readonly deps: ImportDeps;
  readonly held: HeldLease;
  readonly organizationId: string;
  readonly graph: Graph;
  readonly pauses: Pauses;
  /** aborted when even requests under way must end */
  readonly hardStop: AbortSignal;
  readonly #stop: AbortSignal;
  /** by source: the connector that is live for it, which may be another than the one that collected */
  readonly connectors = new Map<string, RunningConnector>();
  readonly #settled = new Map<string, { delivery: ClaimedDelivery; settlement: Settlement }>();
  /** claimed by this run, and not written since */
  readonly #inHand = new Set<string>();
  /** their message is there, and their attachments are this run's next work */
  readonly #toComplete = new Set<string>();
  /** when a new token was last found to let us in */
  #admittedAt = Number.NEGATIVE_INFINITY;
  #unwrittenSince = 0;
  /** of requests that began a moment ago */
  #limit: { readonly signal: AbortSignal; readonly notAfter: number } | undefined;
  #halted = false;
  /** when something that was put off is due: monotonic milliseconds, in tenths of a second, so that few stand for many */
  readonly #wakes = new Set<number>();
  readonly #onNews: () => void;
  /** something was handed back to be sent at once */
  #isDueAgain = false;
  /**
   * Claims and writes, one at a time: what a write hands back must be out of this run's hands before a claim can return it.
   * Taken in hand by none, it would be nobody's until its deadline.
   */
  readonly #oneByOne = pLimit(1);

  /**
   * @param stop aborted when nothing new is to be begun
   * @param onNews told when there is something to write, or to wake for, that was not
   */
  constructor(
    deps: ImportDeps,
    held: HeldLease,
    organizationId: string,
    {
      stop,
      hardStop,
      onNews,
    }: { readonly stop: AbortSignal; readonly hardStop: AbortSignal; readonly onNews: () => void },
  ) {
    this.deps = deps;
    this.held = held;
    this.organizationId = organizationId;
    this.#stop = stop;
    this.#onNews = onNews;
    this.hardStop = hardStop;
    this.graph = deps.graph(organizationId);
    this.pauses = new Pauses(deps, held.lease);
  }

  /** Something that concerns every mailbox was met: nothing more is claimed or sent in this run. */
  get halted(): boolean {
    return this.#halted;
  }

  async learnConnectors(claimed: readonly ClaimedDelivery[]): Promise<void> {
    for (const { sourceId } of claimed) {
      if (this.connectors.has(sourceId)) continue;
      const connector = await this.deps.ledger.liveConnectorOfSource(this.organizationId, sourceId);
      if (connector) this.connectors.set(sourceId, connector);
    }
  }

  async halt(error: unknown, sourceId: string | undefined): Promise<void> {
    this.#halted = true;
    const connector = this.connectors.get(sourceId ?? '');
    if (connector) await handleProblem(this.deps, connector, error, 0);
    else this.deps.log.error({ name: nameOf(error) }, 'delivery halted');
  }

  /**
   * Where Graph wants the application as a whole to wait, as this run or another was told: this run ends, and the next one
   * comes when the pause is over.
   */
  restIfAsked(): void {
    const seconds = this.pauses.secondsOf(null);
    if (seconds === 0) return;
    this.#halted = true;
    this.#wakeIn(seconds);
  }

  /**
   * What a 403 means. The token that was refused may be older than a consent that was given since, so a new one is asked
   * for: with it the mailbox refuses again, or the organization does not let us in at all, which halts.
   *
   * @param began `clock.monotonic()` before the request
   */
  async meaningOfForbidden(sourceId: string, began: number): Promise<'closed_mailbox' | 'try_again'> {
    if (this.#halted) return 'try_again';
    // One answer for all that were refused together, and not for ever: a consent may be revoked while this runs.
    if (this.deps.clock.monotonic() - this.#admittedAt < ADMITTED_MS) {
      return began > this.#admittedAt ? 'closed_mailbox' : 'try_again';
    }
    try {
      if (await this.deps.mayWriteMail(this.organizationId)) {
        this.#admittedAt = this.deps.clock.monotonic();
        return 'try_again';
      }
      const message = 'the organization no longer lets this application write mail';
      await this.halt(new AppTokenError('app_not_in_tenant', message), sourceId);
    } catch (error) {
      await this.halt(error, sourceId);
    }
    return 'try_again';
  }

  /** Whether a request that failed is to be made again at once: a 403 to a token that is older than the one we have now. */
  async isWorthAnother(error: unknown, sourceId: string, began: number): Promise<boolean> {
    if (!(error instanceof GraphError) || !FORBIDDEN.has(error.failure)) return false;
    return (await this.meaningOfForbidden(sourceId, began)) === 'try_again' && !this.#halted;
  }

  /** What a request may take that begins now, or null where too little is left of the deadline or the lease. */
  allowance(validUntil: number): CallOptions | null {
    const { clock, settings } = this.deps;
    const { graphTimeoutSeconds, shardLeaseSeconds } = settings;
    const timeout = graphTimeoutSeconds * 1000;
    const now = clock.monotonic();
    const remaining = Math.min(validUntil - now, this.held.remainingMs());
    if (remaining < Math.min(timeout, (shardLeaseSeconds * 1000) / 2)) return null;
    const ms = Math.min(timeout, remaining);
    const latest = now + ms;
    const shared = this.#limit;
    if (shared && shared.notAfter <= latest && shared.notAfter > latest - ms * SHARED) return shared;
    // The signal's timer does not run while the process is paused, so the time itself goes along.
    this.#limit = { signal: AbortSignal.any([this.hardStop, clock.timeout(ms)]), notAfter: latest };
    return this.#limit;
  }

  /**
   * Leave for one more request of work that takes many, such as the upload of a video. The deadline in the row moves
   * before the request does, so that whoever takes over knows how long to wait.
   *
   * @throws DeadlineOverError, StopRequestedError; GraphError where the mailbox is to be left alone
   */
  async permit(ready: Ready): Promise<CallOptions> {
    if (this.#stop.aborted) throw new StopRequestedError('this worker stops');
    this.pauses.throwIfPaused(ready.userId);
    const beforeSending = (): void => this.pauses.throwIfPaused(ready.userId);
    const allowed = this.allowance(ready.validUntil);
    if (allowed) return { ...allowed, beforeSending };
    const { clock, settings } = this.deps;
    const asked = clock.monotonic();
    if (!(await this.deps.ledger.extendDeadline(this.held.lease, ready.delivery, settings.shardLeaseSeconds))) {
      throw new DeadlineOverError('another worker has this copy');
    }
    ready.validUntil = asked + settings.shardLeaseSeconds * 1000;
    const again = this.allowance(ready.validUntil);
    if (!again) throw new DeadlineOverError('the lease is over');
    return { ...again, beforeSending };
  }

  /**
   * For reading, which whoever holds the shard does by itself.
   *
   * @throws DeadlineOverError where that is not this worker; GraphError where the mailbox is to be left alone
   */
  reading(userId: string): CallOptions {
    if (this.held.remainingMs() <= 0) throw new DeadlineOverError('the lease is over');
    this.pauses.throwIfPaused(userId);
    const { clock, settings } = this.deps;
    const signal = AbortSignal.any([this.hardStop, clock.timeout(settings.graphTimeoutSeconds * 1000)]);
    return { signal, beforeSending: () => this.pauses.throwIfPaused(userId) };
  }

  /** Leaves a mailbox alone for as long as Graph asks; null: the whole organization. @returns seconds until that is over */
  pause(userId: string | null, error: GraphError): number {
    const seconds = this.#pauseSeconds(error);
    this.pauses.add(userId, seconds);
    this.restIfAsked();
    // Asked several times, it is the longest that counts.
    return Math.max(seconds, this.pauses.secondsOf(userId));
  }

  /** The same of a mailbox that may be of another shard: it is written with that one's, where whoever works on it reads. */
  async pauseElsewhere(userId: string, error: GraphError): Promise<number> {
    const seconds = this.#pauseSeconds(error);
    const pauses = Pauses.of(this.deps, this.organizationId, userId);
    pauses.add(userId, seconds);
    await pauses.write();
    return seconds;
  }

  #pauseSeconds({ retryAfterSeconds }: GraphError): number {
    // Jitter, so that mailboxes that were refused together do not come back together.
    return (retryAfterSeconds ?? PAUSE_SECONDS) * (1 + this.deps.random() / 10);
  }

  /**
   * Takes a claimed copy in hand. The ledger gives one out again when its time is over, and the epoch is still ours: a long
   * queue, a database that stood still. Worked on twice, the second result would be written over the first.
   *
   * @returns false where this run has it in hand already
   */
  take(delivery: ClaimedDelivery): boolean {
    const key = keyOf(delivery);
    if (this.#inHand.has(key)) return false;
    this.#inHand.add(key);
    return true;
  }

  /** Keeps a copy in hand beyond the next flush, until it is let go. */
  keep(delivery: ClaimedDelivery): { readonly letGo: () => void } {
    const key = keyOf(delivery);
    this.#toComplete.add(key);
    return { letGo: () => this.#toComplete.delete(key) };
  }

  /** Notes what became of a copy; the last word before a flush counts. */
  settle(delivery: ClaimedDelivery, settlement: Settlement): void {
    const isFirst = this.#settled.size === 0;
    if (isFirst) this.#unwrittenSince = this.deps.clock.monotonic();
    this.#settled.set(keyOf(delivery), { delivery, settlement });
    if (isFirst) this.#onNews();
  }

  #wakeIn(seconds: number): void {
    this.#wakes.add(Math.ceil((this.deps.clock.monotonic() + seconds * 1000) / WAKE_MS) * WAKE_MS);
  }

  /** Certainly not sent. */
  handBack(ready: Ready, inSeconds: number): void {
    this.settle(ready.delivery, { state: 'pending', inSeconds, reason: null });
  }

  /** seconds until something that was put off is due; infinite where nothing was */
  get wakeSeconds(): number {
    return Math.max(Math.min(...this.#wakes) - this.deps.clock.monotonic(), 0) / 1000;
  }

  /** Whether something that was put off, or handed back, is due; told once. */
  takeWake(): boolean {
    const now = this.deps.clock.monotonic();
    let isDue = this.#isDueAgain;
    this.#isDueAgain = false;
    for (const at of this.#wakes) if (at <= now && this.#wakes.delete(at)) isDue = true;
    return isDue;
  }

  get unwritten(): number {
    return this.#settled.size;
  }

  /** how old the oldest unwritten result is */
  get unwrittenMs(): number {
    return this.#settled.size === 0 ? 0 : this.deps.clock.monotonic() - this.#unwrittenSince;
  }

  /**
   * Claims copies, and takes in hand those that this run has not.
   *
   * @returns what the ledger gave, and what of it was taken
   */
  claim<T extends ClaimedDelivery>(ask: () => Promise<readonly T[]>): Promise<{ claimed: readonly T[]; taken: T[] }> {
    return this.#oneByOne(async () => {
      const claimed = await ask();
      return { claimed, taken: claimed.filter((delivery) => this.take(delivery)) };
    });
  }

  /** Writes what became of copies, and asks for the reconciliation of imports that are through. */
  flush(): Promise<void> {
    return this.#oneByOne(() => this.#flush());
  }

  async #flush(): Promise<void> {
    // First, so that no other run claims what this one hands back into a pause that it does not know.
    await this.pauses.write();
    if (this.#settled.size === 0) return;
    const settled = [...this.#settled.values()];
    this.#settled.clear();
    const { importIds, states, othersDue } = await this.deps.ledger.settle(this.held.lease, settled);
    // From now on, since their rows count from when they were written.
    for (const { settlement } of settled) {
      if ('inSeconds' in settlement && settlement.inSeconds > 0) this.#wakeIn(settlement.inSeconds);
    }
    for (const { delivery } of settled) {
      const key = keyOf(delivery);
      if (!this.#toComplete.has(key)) this.#inHand.delete(key);
    }
    if (states.length < settled.length) {
      this.deps.log.warn(
        { lost: settled.length - states.length },
        'copies were taken over by another worker meanwhile',
      );
    }
    // It is claimed again, and so is what was skipped for a copy that failed, which may be of another month.
    if (othersDue || settled.some(({ settlement }) => settlement.state === 'pending' && settlement.inSeconds === 0)) {
      this.#isDueAgain = true;
    }
    this.#onNews();
    if (importIds.length === 0) return;
    for (const connectorId of new Set(settled.map(({ delivery }) => delivery.connectorId))) {
      this.deps.notify({ organizationId: this.organizationId, connectorId, importId: null });
    }
    for (const done of await this.deps.ledger.deliveredImports(importIds)) {
      await this.deps.enqueue('reconcile', done, { key: done.importId });
    }
  }
}

function keyOf({ archivedAt, id }: ClaimedDelivery): string {
  return `${archivedAt.getTime()}.${id}`;
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
