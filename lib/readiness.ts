/** Whether this process can serve, asked by whoever balances load: often, by anybody, and never at the database's cost. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long one answer is given to all who ask. */
const KEPT_MS = 1_000;
/** A question that takes longer counts as not answered. */
const PATIENCE_MS = 2_000;

/**
 * @param ask resolves where what this process needs answers, with what it says
 * @param now monotonic milliseconds
 * @returns asks at most once a second and one question at a time, however many want to know; null where nothing answered
 */
export function readiness<Answer>(
  ask: () => Promise<Answer>,
  now: () => number = () => performance.now(),
): () => Promise<Answer | null> {
  let kept: { readonly answer: Promise<Answer | null>; readonly until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.answer;
    const stop = new AbortController();
    const answer = Promise.race([
      ask().catch(() => null),
      sleep(PATIENCE_MS, null, { signal: stop.signal }).catch(() => null),
    ]).finally(() => stop.abort());
    kept = { answer, until: now() + KEPT_MS };
    return answer;
  };
}
