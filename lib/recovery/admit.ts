/** A worker takes no job before it knows that the database is as new as the world, or that it is in recovery. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../db.ts';
import { StagingUnavailableError } from '../staging/errors.ts';
import { LedgerMarkLostError, type LedgerWatch } from './watch.ts';

const AGAIN_MS = 2_000;
/** Of a new installation's first workers one counts, and tells the storage a moment later: the others wait for that. */
const MARK_MS = 30_000;

const WAITS_FOR_ANSWER = 'the worker waits: database and storage must answer before it takes a job';
const WAITS_FOR_MARK = 'the worker waits: another one has counted, and the storage has not heard of it yet';

/**
 * Looks until database and storage have answered.
 *
 * @throws LedgerMarkLostError; StagingRefusedError; whatever else is no outage
 */
export async function admitLedger(
  watch: Pick<LedgerWatch, 'look'>,
  log: Pick<Logger, 'warn'>,
  { againMs = AGAIN_MS, markMs = MARK_MS } = {},
): Promise<void> {
  let markless = 0;
  for (let isSaid = false; ; isSaid = true) {
    try {
      return await watch.look();
    } catch (error) {
      const isMarkLost = error instanceof LedgerMarkLostError;
      if (isMarkLost && markless >= markMs) throw error;
      if (!(isMarkLost || isDatabaseAway(error) || error instanceof StagingUnavailableError)) throw error;
      if (isMarkLost) markless += againMs;
      if (!isSaid) log.warn(isMarkLost ? WAITS_FOR_MARK : WAITS_FOR_ANSWER);
      await sleep(againMs);
    }
  }
}
