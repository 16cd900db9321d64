/**
 * One run of a worker on a correction: bounded in time, so that a large one does not keep a worker from other work, and
 * by the hold on the correction, which no request outlives.
 */
import type { Clock } from '../imports/clock.ts';
import type { Renewal } from '../imports/lease-guard.ts';
import type { CallOptions } from '../microsoft/graph.ts';
import { CorrectionLostError } from './store/corrections.ts';

/** After so long the rest is left to the next run, which is asked for at once. */
const SLICE_MS = 60_000;
/** An attachment of 150 MB on a slow line. One that stands still ends sooner. */
const STREAM_MS = 15 * 60_000;

/** What requests may take that begin now. */
export type RequestTimes = Pick<Slice, 'reading' | 'streaming' | 'changing'>;

export class Slice {
  /** asks this worker to stop */
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #renewal: Renewal;
  readonly #requestMs: number;
  readonly #endsAt: number;

  /** @param requestSeconds longest time that one request may take */
  constructor(clock: Clock, renewal: Renewal, requestSeconds: number, signal: AbortSignal) {
    this.signal = signal;
    this.#clock = clock;
    this.#renewal = renewal;
    this.#requestMs = requestSeconds * 1000;
    this.#endsAt = clock.monotonic() + SLICE_MS;
  }

  /** Nothing new is to be begun. */
  get over(): boolean {
    return this.signal.aborted || this.#clock.monotonic() >= this.#endsAt || this.#renewal.remainingMs() <= 0;
  }

  /** For reading: what it finds is written only while the correction is held. */
  reading(): CallOptions {
    return { signal: AbortSignal.any([this.signal, this.#clock.timeout(this.#requestMs)]) };
  }

  /** For reading what is long. */
  streaming(): CallOptions {
    return { signal: AbortSignal.any([this.signal, this.#clock.timeout(STREAM_MS)]) };
  }

  /** The same times for requests before each of which, when its token is there, something is asked that may throw. */
  asking(beforeSending: () => void): RequestTimes {
    return {
      reading: () => ({ ...this.reading(), beforeSending }),
      streaming: () => ({ ...this.streaming(), beforeSending }),
      changing: () => ({ ...this.changing(), beforeSending }),
    };
  }

  /** What a request may take that changes something. @throws CorrectionLostError where the hold is over */
  changing(): CallOptions {
    const ms = Math.min(this.#requestMs, this.#renewal.remainingMs());
    if (ms <= 0) throw new CorrectionLostError('the hold on the correction is over');
    const signal = AbortSignal.any([this.signal, this.#clock.timeout(ms)]);
    return { signal, notAfter: this.#clock.monotonic() + ms };
  }
}
