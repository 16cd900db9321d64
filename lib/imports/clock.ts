/**
 * Time as the engine knows it. Injected, so that a simulation can run days of leases, deadlines and pauses in
 * milliseconds, and stop a process between any two of them.
 */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** monotonic milliseconds: for leases and deadlines of this process */
  monotonic(): number;
  /** the time of day, for comparison with what the database wrote */
  date(): Date;
  /** aborted after so many milliseconds */
  timeout(milliseconds: number): AbortSignal;
  /** Calls back once, unless cancelled. Keeps no process alive. @returns cancels */
  after(milliseconds: number, callback: () => void): () => void;
  /** Calls back again and again, until cancelled. Keeps no process alive. @returns cancels */
  every(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  date: () => new Date(),
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(milliseconds, callback) {
    const timer = setInterval(callback, milliseconds);
    timer.unref();
    return () => clearInterval(timer);
  },
};

/** Waits by a clock. @throws the signal's reason where it is aborted before */
export function sleepBy(clock: Clock): (milliseconds: number, signal?: AbortSignal) => Promise<void> {
  return (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const aborted = (): void => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = clock.after(milliseconds, () => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      });
      signal?.addEventListener('abort', aborted, { once: true });
    });
}
