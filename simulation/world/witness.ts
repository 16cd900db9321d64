/**
 * Sees what must never be seen while a world lives. Whatever the product stops for, fails at or calls its own mistake must
 * have a cause in this world; what has none is a line here.
 */
import type { ReasonCode } from '#lib/imports/reasons.ts';
import { GraphError } from '#lib/microsoft/graph-errors.ts';
import { StagingUnavailableError } from '#lib/staging/errors.ts';
import type { Scheduler } from './scheduler.ts';
import type { Weather } from './weather.ts';

/** PostgreSQL cannot be asked. In pg's own words, so that the product knows it. */
export class DatabaseGoneError extends Error {
  override name = 'DatabaseGoneError';
  constructor() {
    super('Connection terminated unexpectedly (simulated)');
  }
}

/** What a question that is under way may end with in a process that is asked to stop. */
const GIVEN_UP: ReadonlySet<string> = new Set(['AbortError', 'AppTokenError', 'GraphError']);

/** A time in which something was so; open while it is. */
interface Spell {
  readonly from: number;
  to: number;
}

/** What the customer took away, and gave back. */
export type Withdrawn = 'password' | 'consent';

const WITHDRAWN: Partial<Record<ReasonCode, Withdrawn>> = {
  invalid_credentials: 'password',
  consent_missing: 'consent',
};

const MINUTE = 60_000;
/** How long after a thing is given back somebody may still act on its absence: a slow answer, a long pause. */
const AFTERWARDS_MS = 60 * MINUTE;
/** So long after a refusal what had begun before may go on: another download of a page, another copy in hand. */
const SINKS_IN_MS = 10 * MINUTE;

export class Witness {
  readonly violations: string[] = [];
  /** copies that collectors say they handed to runs of their own process */
  handedOver = 0;
  readonly #scheduler: Scheduler;
  readonly #storm: Weather;
  readonly #withdrawn: Record<Withdrawn, Spell[]> = { password: [], consent: [] };
  /** by process: when it first heard that the password is refused, and nothing has kept it from acting on that */
  readonly #refused = new Map<string, number>();

  constructor(scheduler: Scheduler, storm: Weather) {
    this.#scheduler = scheduler;
    this.#storm = storm;
  }

  tell(violation: string): void {
    this.#scheduler.say(`NEVER: ${violation}`);
    this.violations.push(violation);
  }

  withdraw(what: Withdrawn): void {
    const spells = this.#withdrawn[what];
    if ((spells.at(-1)?.to ?? 0) !== Number.POSITIVE_INFINITY)
      spells.push({ from: this.#scheduler.now, to: Number.POSITIVE_INFINITY });
  }

  giveBack(what: Withdrawn): void {
    const last = this.#withdrawn[what].at(-1);
    if (last) last.to = Math.min(last.to, this.#scheduler.now);
    if (what === 'password') this.#refused.clear();
  }

  /** Whether a connector may stop for this at a time, or somebody be told of it. */
  isCause(code: string, at = this.#scheduler.now): boolean {
    const what = WITHDRAWN[code as ReasonCode];
    return what !== undefined && this.#withdrawn[what].some(({ from, to }) => at >= from && at <= to + AFTERWARDS_MS);
  }

  /** Whether it was ever so. */
  wasWithdrawn(code: string): boolean {
    const what = WITHDRAWN[code as ReasonCode];
    return what !== undefined && this.#withdrawn[what].length > 0;
  }

  stops(reason: string): void {
    this.#refused.clear();
    if (!this.isCause(reason)) this.tell(`the connector stops without a cause: ${reason}`);
  }

  /** A process reads that the source refuses the password. */
  hearsRefusal(process: string): void {
    if (!this.#refused.has(process)) this.#refused.set(process, this.#scheduler.now);
  }

  /** What a process knew is gone with it, or it was kept from acting on it: it stood still, or its question was lost. */
  excuses(process: string): void {
    this.#refused.delete(process);
  }

  /** The source refuses the password of a process once more. */
  refusesAgain(process: string): void {
    const since = this.#scheduler.now - (this.#refused.get(process) ?? Number.POSITIVE_INFINITY);
    if (since > SINKS_IN_MS)
      this.tell(`${process} signs in with a password that was refused ${Math.round(since / MINUTE)} minutes ago`);
  }

  /** @param stopping the process is asked to stop, and what it does is given up */
  jobFails(job: string, error: unknown, stopping: boolean): void {
    for (const one of error instanceof AggregateError ? (error.errors as unknown[]) : [error]) {
      const givenUp = stopping && one instanceof Error && GIVEN_UP.has(one.name);
      if (!givenUp && !isOfTheWorld(one)) this.tell(`${job} fails by a fault of ours: ${described(one)}`);
    }
  }

  /** The product says that it, or what it was given, is not as it must be. */
  logsError(text: string, facts: unknown): void {
    const { name, message = '', code } = facts as Readonly<Record<'name' | 'message' | 'code', string | undefined>>;
    const world = name === 'DatabaseGoneError' || name === StagingUnavailableError.name;
    const refused = this.#storm.graph.batchRefused > 0 && name === GraphError.name && message.includes('BadRequest');
    // Of what Graph refused nothing but the status came through.
    const cut = this.#storm.graph.unreadable > 0 && code === 'Http400';
    if (!world && !refused && !cut) this.tell(`the log says: ${text} (${name ?? 'no name'} ${message})`);
  }
}

function isOfTheWorld(error: unknown): boolean {
  return error instanceof DatabaseGoneError || error instanceof StagingUnavailableError;
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
