/**
 * While a process runs it says every minute which key it seals with, so that nobody takes that key out of the ring
 * (`key-use.ts`). Where PostgreSQL is away at the start, the ring is checked as soon as it can be.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isDatabaseAway, type Queryable } from '../db.ts';
import { admitKeyRing, KeyRingRefusedError } from './key-use.ts';
import type { KeyRing } from './keyring.ts';

const NOTE_MS = 60_000;
/** A process that has said nothing for so long, in seconds, seals with nothing any more. */
export const SILENT_SECONDS = 5 * 60;

export interface KeyWatch {
  stop(): void;
}

/**
 * @param onRefused called where the ring turns out to be refused by the first check that could be made after the start
 * @throws KeyRingRefusedError; whatever PostgreSQL says but that it is away
 */
export async function watchKeyRing(
  client: Queryable,
  ring: KeyRing,
  log: Pick<Logger, 'warn' | 'error'>,
  onRefused: (error: KeyRingRefusedError) => void,
): Promise<KeyWatch> {
  const stopped = new AbortController();
  let checked = false;
  const admit = async (): Promise<void> => {
    try {
      await admitKeyRing(client, ring);
      checked = true;
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      log.warn('the key ring cannot be checked while the database is away');
    }
  };
  await admit();
  const watch = async (): Promise<void> => {
    for (;;) {
      await sleep(NOTE_MS, undefined, { signal: stopped.signal, ref: false });
      try {
        await admit();
      } catch (error) {
        const name = error instanceof Error ? error.name : 'unknown';
        if (!(error instanceof KeyRingRefusedError)) log.error({ name }, 'the key in use cannot be noted');
        else if (!checked) return onRefused(error);
        // It began with what was right then: others have a newer key, and what they seal waits here until it is added.
        else log.error({ lacking: error.lacking, changed: error.changed }, 'the key ring lacks keys that are in use');
      }
    }
  };
  // Ends by being stopped.
  watch().catch(() => {});
  return { stop: () => stopped.abort() };
}
