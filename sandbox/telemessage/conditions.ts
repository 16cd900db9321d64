/**
 * How the TeleMessage site behaves at the moment: what can be changed while it runs, and is in force at once. Changes
 * end with the process on purpose: every start behaves as its environment says.
 */
import { z } from 'zod';
import { type Trouble, troubleNames } from './troubles.ts';

/** the longest settle lag and session that make sense: what the site retains */
const LONGEST_SECONDS = 90 * 86_400;

export const conditionsSchema = z.strictObject({
  /** troubles that the archive has by itself: off unless asked for, because with them nothing balances at once */
  troubles: z
    .array(z.enum(troubleNames))
    .transform((names): readonly Trouble[] => troubleNames.filter((one) => names.includes(one))),
  /** how far the settled horizon lags behind now */
  settleLagSeconds: z.number().min(0).max(LONGEST_SECONDS),
  /** lifetime of a session; a shorter one ends sessions that are open */
  sessionSeconds: z.number().int().min(1).max(LONGEST_SECONDS),
  /** requests that one account may send in a second, sustained; twice as many at once */
  requestsPerSecond: z.number().positive().max(1_000_000),
});

export type Conditions = z.infer<typeof conditionsSchema>;

export interface ConditionsDesk {
  readonly inForce: Conditions;
  change(conditions: Partial<Conditions>): void;
  /** as the settings say */
  reset(): void;
}

export function conditionsDesk(fromSettings: Conditions): ConditionsDesk {
  let inForce = fromSettings;
  return {
    get inForce() {
      return inForce;
    },
    change: (conditions) => {
      inForce = { ...inForce, ...conditions };
    },
    reset: () => {
      inForce = fromSettings;
    },
  };
}
