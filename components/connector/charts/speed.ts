/** How fast imports wrote copies to mailboxes. Pure. */
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import type { Counts } from '#lib/imports/counts.ts';
import type { ImportLine } from '#lib/imports/list.ts';

export interface ImportSpeed {
  readonly id: string;
  readonly number: number;
  readonly windowStart: string;
  readonly windowEnd: string;
  /** copies that were written: at completion, or so far */
  readonly copies: number;
  readonly milliseconds: number;
  /** copies a minute */
  readonly rate: number;
  readonly running: boolean;
}

/** Shorter than this, a rate says more about the clock than about the import. */
const SHORTEST_MS = 1_000;

/**
 * The speed of each import that has begun and was not cancelled, oldest first. What later mappings and retries added to a
 * completed one is left out: it was not written in the time that is measured.
 *
 * @param imports newest first, as the page was read
 * @param open what the live stream knows of imports that run
 * @param now milliseconds: until then a running import is measured
 */
export function speedsOf(
  imports: readonly ImportLine[],
  open: readonly Pick<ConnectorRow['open'][number], 'id' | 'counts'>[],
  now: number,
): readonly ImportSpeed[] {
  return imports.toReversed().flatMap((line) => {
    if (line.startedAt === null || line.phase === 'cancelled') return [];
    const live = open.find(({ id }) => id === line.id);
    const counts = line.countsAtCompletion ?? live?.counts ?? line.counts;
    const end = line.completedAt === null ? now : Date.parse(line.completedAt);
    const milliseconds = Math.max(end - Date.parse(line.startedAt), SHORTEST_MS);
    const copies = written(counts);
    const { id, number, windowStart, windowEnd } = line;
    const rate = Math.round((copies / milliseconds) * 600_000) / 10;
    return [{ id, number, windowStart, windowEnd, copies, milliseconds, rate, running: line.completedAt === null }];
  });
}

function written({ copies }: Counts): number {
  return copies.imported + copies.partiallyImported;
}
