/** How the TeleMessage site behaves, from the sandbox's settings. */
import type { SandboxSettings } from '../settings.ts';
import { archiveTroubles, type Trouble } from './troubles.ts';

export interface TelemessageOptions {
  /** how far the settled horizon lags behind now, seconds */
  readonly settleLagSeconds: number;
  /** lifetime of a session, seconds */
  readonly sessionSeconds: number;
  /** requests that one account may send in a second, sustained; twice as many at once */
  readonly requestsPerSecond: number;
  /** how far back items are kept, days; they go at midnight UTC */
  readonly retainedDays: number;
  /** troubles that the archive has by itself: off unless asked for, because with them nothing balances at once */
  readonly troubles: ReadonlySet<Trouble>;
  /** days before the first start over which a corpus is spread */
  readonly corpusDays: number;
  /** first messages of the corpus that are spoken; all of them by default */
  readonly corpusLimit: number;
}

const REQUESTS_PER_SECOND = 100;
const RETAINED_DAYS = 90;

export function telemessageOptions(settings: SandboxSettings): TelemessageOptions {
  return {
    retainedDays: RETAINED_DAYS,
    requestsPerSecond: REQUESTS_PER_SECOND * settings.limitsScale,
    settleLagSeconds: settings.settleLagSeconds,
    sessionSeconds: settings.sessionSeconds,
    troubles: archiveTroubles(settings.telemessageTroubles),
    corpusDays: settings.corpusDays,
    corpusLimit: settings.corpusLimit ?? Number.POSITIVE_INFINITY,
  };
}
