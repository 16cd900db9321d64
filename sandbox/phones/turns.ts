/** Long work beside other requests: it gives way to them every few milliseconds. */
import { setImmediate as othersFirst } from 'node:timers/promises';

/** how long others wait at most, but for a single step that takes longer */
const TURN_MS = 10;

/**
 * Takes steps until there are no more or `visit` answers false.
 * @throws what `signal` was aborted with, at the next turn
 */
export async function inTurns<T>(
  steps: Iterable<T>,
  visit: (step: T) => boolean = () => true,
  signal?: AbortSignal,
): Promise<void> {
  let begun = performance.now();
  for (const step of steps) {
    if (!visit(step)) return;
    if (performance.now() - begun < TURN_MS) continue;
    await othersFirst();
    signal?.throwIfAborted();
    begun = performance.now();
  }
}
