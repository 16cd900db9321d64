/** How fast the mailboxes fill but for one, while that one is throttled or not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { person } from './people.ts';
import type { Cloud } from './site.ts';

/** Copies that are there before anything is measured: by then all mailboxes are under way. */
const SHARE_BEFORE = 0.15;

export interface OthersRate {
  /** messages a second in all mailboxes but the first */
  perSecond: number;
}

/** Measures for a minute in the middle of an import; throttles the first mailbox meanwhile, where asked to. */
export function rateOfOthers(into: OthersRate, seconds: number, throttle: boolean): (cloud: Cloud) => Promise<void> {
  return async (cloud) => {
    const { id } = person(0);
    const count = async (): Promise<number> => {
      const { rows } = await cloud.pool.query<{ count: string }>(
        `SELECT count(*) FROM delivery WHERE state = 'imported' AND user_id <> $1`,
        [id],
      );
      return Number(rows[0]?.count);
    };
    while ((await count()) < cloud.items * SHARE_BEFORE) await sleep(500);
    if (throttle) {
      await cloud.control('POST', 'faults', {
        service: 'graph',
        route: 'POST /v1.0/users/*/mailFolders/*/messages',
        mailbox: id,
        fault: { kind: 'throttle', retryAfter: 10 },
      });
    }
    const [before, began] = [await count(), performance.now()];
    await sleep(seconds * 1_000);
    const [after, ended] = [await count(), performance.now()];
    if (throttle) await cloud.control('DELETE', 'faults');
    into.perSecond = ((after - before) * 1_000) / (ended - began);
  };
}
