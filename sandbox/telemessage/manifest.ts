/** What the site says it holds of a window. */
import type { Phones } from '../phones/item.ts';
import { DAY_MS } from '../phones/rhythm.ts';
import { inTurns } from '../phones/turns.ts';
import { recent } from './recent.ts';
import { sharedWork } from './shared-work.ts';
import type { TelemessageSite } from './site.ts';
import { strikes } from './troubles.ts';
import type { Window } from './window.ts';

export interface Manifest {
  /** distinct items */
  readonly count: number;
  readonly attachmentBytes: number;
}

/** Counts a window of a feed. `waiting` is aborted when the request is gone. */
export type ManifestDesk = (feed: string, phones: Phones, window: Window, waiting?: AbortSignal) => Promise<Manifest>;

const REMEMBERED_WINDOWS = 500;
/** days that are retained, for some feeds under some troubles */
const REMEMBERED_DAYS = 2_000;

/**
 * Counts a window in a stream, without holding it, and remembers the answer, and that of every whole day (UTC) in it:
 * settled windows do not change. Ends when nobody waits any more.
 */
export function manifestDesk(site: TelemessageSite): ManifestDesk {
  const windows = sharedWork<Manifest>(REMEMBERED_WINDOWS);
  const days = recent<Manifest>(REMEMBERED_DAYS);
  site.onReset(() => {
    windows.clear();
    days.clear();
  });

  const counted = async (phones: Phones, window: Window, wanted: AbortSignal): Promise<Manifest> => {
    let [count, attachmentBytes] = [0, 0];
    const miscounted = site.conditions.inForce.troubles.includes('miscounted');
    await inTurns(
      site.archived(phones, window),
      ({ item, occurrence }) => {
        if (occurrence > 0) return true;
        count += miscounted && strikes('miscounted', item.id) ? 2 : 1;
        for (const attachment of item.attachments) attachmentBytes += attachment.size;
        return true;
      },
      wanted,
    );
    return { count, attachmentBytes };
  };

  const sum = async (feed: string, phones: Phones, window: Window, wanted: AbortSignal): Promise<Manifest> => {
    await site.readyToWalk();
    const begun = keyOf(feed, window);
    const parts: Manifest[] = [];
    for (const part of byDay(window)) {
      const key = keyOf(feed, part);
      const counts = days.get(key) ?? (await counted(phones, part, wanted));
      wanted.throwIfAborted();
      if (part.to - part.from === DAY_MS) days.set(key, counts);
      parts.push(counts);
    }
    // what was counted under two conditions is true under neither
    if (begun !== keyOf(feed, window)) windows.clear();
    return {
      count: parts.reduce((total, part) => total + part.count, 0),
      attachmentBytes: parts.reduce((total, part) => total + part.attachmentBytes, 0),
    };
  };

  const keyOf = (feed: string, { from, to }: Window): string =>
    [feed, from, to, ...site.conditions.inForce.troubles].join('/');

  return (feed, phones, { from, to }, waiting) => {
    const window = { from: Math.max(from, site.earliestRetained()), to };
    return windows.result(keyOf(feed, window), waiting, (wanted) => sum(feed, phones, window, wanted));
  };
}

/** The window cut at each midnight UTC, where arrivals are counted by themselves as well as in one go. */
function* byDay({ from, to }: Window): Generator<Window> {
  for (let begin = from; begin < to; ) {
    const end = Math.min(to, (Math.floor(begin / DAY_MS) + 1) * DAY_MS);
    yield { from: begin, to: end };
    begin = end;
  }
}
