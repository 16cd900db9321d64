/** Whether this process can serve, asked by whoever balances load: often, by anybody, and never at the database's cost. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long one answer is given to all who ask. */
const KEPT_MS = 1_000;
/** A question that takes longer counts as not answered. */
const PATIENCE_MS = 2_000;

/**
 * @param ask resolves where what this process needs answers
 * @param now monotonic milliseconds
 * @returns asks at most once a second and one question at a time, however many want to know
 */
export function readiness(
  ask: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): () => Promise<boolean> {
  let kept: { readonly answer: Promise<boolean>; readonly until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.answer;
    const stop = new AbortController();
    const answer = Promise.race([
      ask().then(
        () => true,
        () => false,
      ),
      sleep(PATIENCE_MS, false, { signal: stop.signal }).catch(() => false),
    ]).finally(() => stop.abort());
    kept = { answer, until: now() + KEPT_MS };
    return answer;
  };
}
