import { describe, expect, it } from 'vitest';
import type { Phones } from '../phones/item.ts';
import { DAY_MS } from '../phones/rhythm.ts';
import { manifestDesk } from './manifest.ts';
import type { TelemessageSite } from './site.ts';
import { START, startSite } from './site-under-contract.ts';
import type { Window } from './window.ts';

const TODAY = Math.floor(START / DAY_MS) * DAY_MS;

/** A desk that says what it walks: each window, and how many entries. */
async function watchedDesk(
  walking: (site: TelemessageSite, entries: number) => void = () => undefined,
  itemsPerDay = 2_000,
) {
  const site = await (await startSite({ itemsPerDay })).site();
  const phones = site.phones(site.tenants[0]?.id ?? '', 'android-archiver');
  if (phones === undefined) throw new Error('no phones');
  const walked: Window[] = [];
  let entries = 0;
  const watched: TelemessageSite = {
    ...site,
    archived: function* (from: Phones, window: Window) {
      walked.push(window);
      for (const entry of site.archived(from, window)) {
        entries += 1;
        walking(site, entries);
        yield entry;
      }
    },
  };
  const desk = manifestDesk(watched);
  const count = (from: number, to: number, waiting?: AbortSignal) => desk('feed', phones, { from, to }, waiting);
  return { site, count, walked, entries: () => entries };
}

describe('the manifest', () => {
  it('walks no day twice', async () => {
    const { count, walked } = await watchedDesk();
    const whole = await count(TODAY - 3 * DAY_MS, TODAY);
    expect(walked).toHaveLength(3);
    const days = await Promise.all([3, 2, 1].map((day) => count(TODAY - day * DAY_MS, TODAY - (day - 1) * DAY_MS)));
    expect(walked).toHaveLength(3);
    expect(days.reduce((sum, day) => sum + day.count, 0)).toBe(whole.count);
    await count(TODAY - 2.5 * DAY_MS, TODAY + 3_600_000);
    expect(walked.slice(3)).toEqual([
      { from: TODAY - 2.5 * DAY_MS, to: TODAY - 2 * DAY_MS },
      { from: TODAY, to: TODAY + 3_600_000 },
    ]);
  });

  it('is no longer counted when nobody waits for it, and is when somebody does again', async () => {
    const gone = new AbortController();
    const { count, entries } = await watchedDesk((_site, seen) => {
      if (seen === 100) gone.abort();
    }, 100_000);
    await expect(count(TODAY - DAY_MS, TODAY, gone.signal)).rejects.toThrow('aborted');
    expect(entries()).toBeLessThan(50_000);
    expect((await count(TODAY - DAY_MS, TODAY)).count).toBeGreaterThan(80_000);
  });

  it('is counted anew after a reset', async () => {
    const { site, count, walked } = await watchedDesk();
    for (const times of [2, 2, 4, 4]) {
      if (times === 4 && walked.length === 2) site.reset();
      await count(TODAY - DAY_MS, TODAY + 3_600_000);
      expect(walked).toHaveLength(times);
    }
  });

  it('is not remembered where the troubles changed meanwhile', async () => {
    const { site, count } = await watchedDesk((one, seen) => {
      if (seen === 100) one.conditions.change({ troubles: [] });
    });
    const honest = await (await watchedDesk()).count(TODAY - 2 * DAY_MS, TODAY);
    site.conditions.change({ troubles: ['miscounted'] });
    const mixed = await count(TODAY - 2 * DAY_MS, TODAY);
    site.conditions.change({ troubles: ['miscounted'] });
    const wrong = await count(TODAY - 2 * DAY_MS, TODAY);
    expect(mixed.count).toBeGreaterThan(honest.count);
    expect(wrong.count).toBeGreaterThan(mixed.count);
  });
});
