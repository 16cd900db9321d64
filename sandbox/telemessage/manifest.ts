/** What the site says it holds of a window. */
import { setImmediate as othersFirst } from 'node:timers/promises';
import type { Phones } from '../phones/item.ts';
import type { TelemessageSite } from './site.ts';
import { strikes } from './troubles.ts';
import type { Window } from './window.ts';

export interface Manifest {
  /** distinct items */
  readonly count: number;
  readonly attachmentBytes: number;
}

const REMEMBERED = 500;

/** Entries between two turns that other requests get. */
const TURN = 500;

/** Counts a window in a stream, without holding it, and remembers the answer: settled windows do not change. */
export function manifestDesk(
  site: TelemessageSite,
): (feed: string, phones: Phones, window: Window) => Promise<Manifest> {
  const known = new Map<string, Promise<Manifest>>();

  const count = async (phones: Phones, window: Window): Promise<Manifest> => {
    let [items, attachmentBytes, walked] = [0, 0, 0];
    const miscounted = site.conditions.inForce.troubles.includes('miscounted');
    for (const { item, occurrence } of site.archived(phones, window)) {
      walked += 1;
      if (walked % TURN === 0) await othersFirst();
      if (occurrence > 0) continue;
      items += miscounted && strikes('miscounted', item.id) ? 2 : 1;
      for (const attachment of item.attachments) attachmentBytes += attachment.size;
    }
    return { count: items, attachmentBytes };
  };

  return (feed, phones, window) => {
    const { troubles } = site.conditions.inForce;
    const key = [feed, window.from, window.to, site.earliestRetained(), ...troubles].join('/');
    const answer = known.get(key) ?? count(phones, window);
    known.delete(key);
    known.set(key, answer);
    const oldest = known.keys().next().value;
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
    return answer;
  };
}
