/** A worker takes no job before it knows that the database is as new as the world, or that it is in recovery. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../db.ts';
import { StagingUnavailableError } from '../staging/errors.ts';
import type { LedgerWatch } from './watch.ts';

const AGAIN_MS = 2_000;

/**
 * Looks until database and storage have answered.
 *
 * @throws LedgerMarkLostError; StagingRefusedError; whatever else is no outage
 */
export async function admitLedger(watch: Pick<LedgerWatch, 'look'>, log: Pick<Logger, 'warn'>): Promise<void> {
  for (let isSaid = false; ; isSaid = true) {
    try {
      return await watch.look();
    } catch (error) {
      if (!(isDatabaseAway(error) || error instanceof StagingUnavailableError)) throw error;
      if (!isSaid) log.warn('the worker waits: database and storage must answer before it takes a job');
      await sleep(AGAIN_MS);
    }
  }
}
