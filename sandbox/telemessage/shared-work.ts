/** Work that several requests wait for: done once, and ended when none of them waits any more. */
import { recent } from './recent.ts';

export interface SharedWork<Result> {
  /**
   * The result of `work` under this key. `waiting` is aborted when the request is gone; where it was the last one, so
   * is what `work` was given. Only what succeeded is remembered.
   */
  result(
    key: string,
    waiting: AbortSignal | undefined,
    work: (wanted: AbortSignal) => Promise<Result>,
  ): Promise<Result>;
  /** Forgets results; work that goes on is waited for, and then forgotten. */
  clear(): void;
}

interface Running<Result> {
  readonly answer: Promise<Result>;
  readonly wanted: AbortController;
  waiting: number;
}

/** @param most how many results are remembered */
export function sharedWork<Result>(most: number): SharedWork<Result> {
  const known = recent<{ readonly result: Result }>(most);
  const running = new Map<string, Running<Result>>();

  const start = (key: string, work: (wanted: AbortSignal) => Promise<Result>): Running<Result> => {
    const wanted = new AbortController();
    const end = (): boolean => running.get(key) === begun && running.delete(key);
    const answer = work(wanted.signal).then(
      (result) => {
        if (end()) known.set(key, { result });
        return result;
      },
      (error: unknown) => {
        end();
        throw error;
      },
    );
    const begun: Running<Result> = { answer, wanted, waiting: 0 };
    running.set(key, begun);
    return begun;
  };

  const leave = (key: string, one: Running<Result>): void => {
    one.waiting -= 1;
    if (one.waiting > 0) return;
    if (running.get(key) === one) running.delete(key);
    one.wanted.abort();
  };

  return {
    result: (key, waiting, work) => {
      const done = known.get(key);
      if (done !== undefined) return Promise.resolve(done.result);
      const one = running.get(key) ?? start(key, work);
      one.waiting += 1;
      if (waiting?.aborted === true) leave(key, one);
      else waiting?.addEventListener('abort', () => leave(key, one), { once: true });
      return one.answer;
    },
    clear: () => {
      known.clear();
      running.clear();
    },
  };
}
