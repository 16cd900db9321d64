/**
 * What the source still has. Time that it has purged it may answer for as for time in which nothing happened, with an empty
 * list and a manifest of nothing, or refuse for ever. So its clock is asked before a window is read, and before it is judged.
 */
import { type ArchiveSource, type SourceClock, SourceError, type TimeRange } from '../archive/source.ts';
import type { ImportDeps } from './deps.ts';
import type { UnretainedOf } from './store/unretained.ts';
import { isSoundClock } from './windows.ts';

/** The source's clock, where it can be planned by. @throws SourceError, also for a clock that is wrong */
export async function soundClock(deps: ImportDeps, source: ArchiveSource, signal: AbortSignal): Promise<SourceClock> {
  const clock = await source.clock(signal);
  if (!isSoundClock(clock, deps.clock.date())) throw new SourceError('bad_answer', 'the clock of the source is wrong');
  return clock;
}

/**
 * The part of a window that the source still has. Where that is not all of it, the ledger says so by now: the rest is
 * *lost*, and where nothing is left, so is the window, and its import is over.
 *
 * @returns null where nothing is left
 * @throws SourceError
 */
export async function retainedPart(
  deps: ImportDeps,
  source: ArchiveSource,
  of: UnretainedOf & { readonly window: TimeRange },
  signal: AbortSignal,
): Promise<TimeRange | null> {
  const { earliestRetained } = await soundClock(deps, source, signal);
  if (of.window.from >= earliestRetained) return of.window;
  const left = await deps.ledger.loseUnretained(of, earliestRetained);
  const { connectorId, windowId } = of;
  deps.log.warn({ connectorId, windowId, earliestRetained, left }, 'the source no longer has some of a window');
  return left;
}
