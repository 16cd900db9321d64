/** Throttling as Graph does it: per app and mailbox, and per app. Says 429 with the seconds to wait. */
import { errors, type GraphError } from './errors.ts';
import type { GraphLimits } from './limits.ts';

const APP_SECONDS = 1;
const REQUESTS_SECONDS = 600;
const UPLOAD_SECONDS = 300;
/** how often mailboxes are forgotten that nobody uses any more */
const SWEEP_MS = 60_000;

/** A sum over the last `seconds`, in sixty steps. */
class SlidingSum {
  readonly #stepMs: number;
  readonly #steps = new Map<number, number>();
  #total = 0;

  constructor(seconds: number) {
    this.#stepMs = (seconds * 1_000) / 60;
  }

  add(amount: number, now: number): void {
    const step = Math.floor(now / this.#stepMs);
    this.#steps.set(step, (this.#steps.get(step) ?? 0) + amount);
    this.#total += amount;
  }

  total(now: number): number {
    const first = Math.floor(now / this.#stepMs) - 60;
    for (const [step, amount] of this.#steps) {
      if (step > first) break;
      this.#steps.delete(step);
      this.#total -= amount;
    }
    return this.#total;
  }

  /** Whole seconds until the oldest step no longer counts, at least one. */
  secondsUntilLess(now: number): number {
    const oldest = this.#steps.keys().next().value;
    if (oldest === undefined) return 1;
    return Math.max(1, Math.ceil(((oldest + 61) * this.#stepMs - now) / 1_000));
  }
}

type LimitName = Parameters<typeof errors.throttled>[0];

interface MailboxUse {
  atOnce: number;
  readonly requests: SlidingSum;
  readonly uploaded: SlidingSum;
}

/** How often a mailbox, or the app as a whole, met one of the limits. */
export interface Throttled {
  /** object id of the mailbox's owner; undefined for the app's own limit */
  readonly mailbox: string | undefined;
  readonly limit: LimitName;
  readonly times: number;
}

export class Throttle {
  readonly #limits: GraphLimits;
  readonly #apps = new Map<string, SlidingSum>();
  readonly #mailboxes = new Map<string, MailboxUse>();
  readonly #refused = new Map<string, Throttled>();
  #swept = 0;

  constructor(limits: GraphLimits) {
    this.#limits = limits;
  }

  /**
   * Counts a request in; the function that comes back counts it out. Without a mailbox it counts for the app alone.
   * @throws {GraphError} 429 when a limit is reached; the request then counts against none
   */
  enter(use: { app: string; mailbox: string | undefined; bytes: number; now: number }): () => void {
    const { app, mailbox, bytes, now } = use;
    const perApp = kept(this.#apps, app, () => new SlidingSum(APP_SECONDS));
    if (perApp.total(now) >= this.#limits.appRequests) {
      throw this.#refusal(undefined, 'RequestsPerApp', perApp.secondsUntilLess(now));
    }
    if (mailbox === undefined) {
      perApp.add(1, now);
      return () => undefined;
    }

    const perMailbox = this.#mailbox(app, mailbox, now);
    if (perMailbox.atOnce >= this.#limits.mailboxConcurrency) throw this.#refusal(mailbox, 'MailboxConcurrency', 1);
    if (perMailbox.requests.total(now) >= this.#limits.mailboxRequests) {
      throw this.#refusal(mailbox, 'RequestsPerMailbox', perMailbox.requests.secondsUntilLess(now));
    }
    this.#refuseBytes(perMailbox, mailbox, bytes, now);
    perApp.add(1, now);
    perMailbox.requests.add(1, now);
    if (bytes > 0) perMailbox.uploaded.add(bytes, now);
    perMailbox.atOnce += 1;
    return () => {
      perMailbox.atOnce -= 1;
    };
  }

  /**
   * Counts bytes that come to an upload address. It is Outlook's, not Graph's: a range is none of Graph's requests, so
   * it takes none of the four at once and is not refused because of them. Its bytes count as any others into the mailbox.
   * @throws {GraphError} 429 when they are too many; they then do not count
   */
  upload(use: { app: string; mailbox: string; bytes: number; now: number }): void {
    const { app, mailbox, bytes, now } = use;
    const perMailbox = this.#mailbox(app, mailbox, now);
    this.#refuseBytes(perMailbox, mailbox, bytes, now);
    perMailbox.uploaded.add(bytes, now);
  }

  /** How many mailboxes have anything that counts. */
  get mailboxes(): number {
    return this.#mailboxes.size;
  }

  /** Who met which limit since the last `clear`, in the order of the first time. */
  throttled(): readonly Throttled[] {
    return [...this.#refused.values()];
  }

  /** Forgets what was used. */
  clear(): void {
    this.#apps.clear();
    this.#mailboxes.clear();
    this.#refused.clear();
  }

  #mailbox(app: string, mailbox: string, now: number): MailboxUse {
    if (now >= this.#swept + SWEEP_MS) this.#sweep(now);
    return kept(this.#mailboxes, `${app} ${mailbox}`, newMailboxUse);
  }

  #sweep(now: number): void {
    this.#swept = now;
    for (const [key, { atOnce, requests, uploaded }] of this.#mailboxes) {
      if (atOnce === 0 && requests.total(now) === 0 && uploaded.total(now) === 0) this.#mailboxes.delete(key);
    }
  }

  #refuseBytes({ uploaded }: MailboxUse, mailbox: string, bytes: number, now: number): void {
    if (bytes > 0 && uploaded.total(now) + bytes > this.#limits.mailboxUploadBytes) {
      throw this.#refusal(mailbox, 'UploadPerMailbox', uploaded.secondsUntilLess(now));
    }
  }

  #refusal(mailbox: string | undefined, limit: LimitName, seconds: number): GraphError {
    const key = `${limit} ${mailbox}`;
    this.#refused.set(key, { mailbox, limit, times: (this.#refused.get(key)?.times ?? 0) + 1 });
    return errors.throttled(limit, seconds);
  }
}

function newMailboxUse(): MailboxUse {
  return { atOnce: 0, requests: new SlidingSum(REQUESTS_SECONDS), uploaded: new SlidingSum(UPLOAD_SECONDS) };
}

function kept<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
