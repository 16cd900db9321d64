/** How the TeleMessage site behaves. Everything has a default; tests set what they are about. */
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

const standard: TelemessageOptions = {
  settleLagSeconds: 60,
  sessionSeconds: 1_800,
  requestsPerSecond: 100,
  retainedDays: 90,
  troubles: new Set(),
  corpusDays: 1,
  corpusLimit: Number.POSITIVE_INFINITY,
};

/** The fields of the sandbox's settings that concern TeleMessage. A missing one takes its default. */
export interface TelemessageSettings extends SandboxSettings {
  readonly settleLagSeconds?: number;
  readonly sessionSeconds?: number;
  readonly telemessageTroubles?: readonly string[];
  readonly corpusDays?: number;
  readonly corpusLimit?: number | undefined;
}

export function telemessageOptions(settings: TelemessageSettings): TelemessageOptions {
  return {
    ...standard,
    requestsPerSecond: standard.requestsPerSecond * settings.limitsScale,
    settleLagSeconds: settings.settleLagSeconds ?? standard.settleLagSeconds,
    sessionSeconds: settings.sessionSeconds ?? standard.sessionSeconds,
    troubles: archiveTroubles(settings.telemessageTroubles ?? []),
    corpusDays: settings.corpusDays ?? standard.corpusDays,
    corpusLimit: settings.corpusLimit ?? standard.corpusLimit,
  };
}
