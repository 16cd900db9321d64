/** How the TeleMessage site behaves, from the sandbox's settings. */
import { type SandboxSettings, SettingsError } from '../settings.ts';
import type { Conditions } from './conditions.ts';
import { type Trouble, troubleNames } from './troubles.ts';

export interface TelemessageOptions {
  /** how far back items are kept, days; they go at midnight UTC */
  readonly retainedDays: number;
  /** days before the first start over which a corpus is spread */
  readonly corpusDays: number;
  /** first messages of the corpus that are spoken; all of them by default */
  readonly corpusLimit: number;
  /** what is in force at the start */
  readonly conditions: Conditions;
}

const REQUESTS_PER_SECOND = 100;
const RETAINED_DAYS = 90;

/** @throws {SettingsError} where a trouble is asked for that there is not */
export function telemessageOptions(settings: SandboxSettings): TelemessageOptions {
  return {
    retainedDays: RETAINED_DAYS,
    corpusDays: settings.corpusDays,
    corpusLimit: settings.corpusLimit ?? Number.POSITIVE_INFINITY,
    conditions: {
      troubles: knownTroubles(settings.telemessageTroubles),
      settleLagSeconds: settings.settleLagSeconds,
      sessionSeconds: settings.sessionSeconds,
      requestsPerSecond: REQUESTS_PER_SECOND * settings.limitsScale,
    },
  };
}

function knownTroubles(names: readonly string[]): readonly Trouble[] {
  const unknown = names.find((name) => !troubleNames.some((known) => known === name));
  if (unknown !== undefined) {
    throw new SettingsError(
      `SANDBOX_TELEMESSAGE_TROUBLES: there is no trouble ${unknown}; there are ${troubleNames.join(', ')}.`,
    );
  }
  return troubleNames.filter((name) => names.includes(name));
}
