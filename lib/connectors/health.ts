/**
 * Whether somebody has to do something about a connector. Pure, and apart from its activity (`activity.ts`).
 *
 * The first line that applies decides:
 *
 * | fact                                                             | health    |
 * |------------------------------------------------------------------|-----------|
 * | stopped by a fault that only the customer can mend                | stopped   |
 * | an alert is open, or items wait, failed or are unreadable         | needs_you |
 * | no window has been closed yet                                     | never_run |
 * | otherwise                                                         | balanced  |
 *
 * Where it can go from there:
 *
 * | from      | event                                      | to        |
 * |-----------|--------------------------------------------|-----------|
 * | never_run | the first window closes                    | balanced  |
 * | balanced  | something waits, fails, does not balance   | needs_you |
 * | needs_you | the last such item is imported, alert ends | balanced  |
 * | any       | the source or Microsoft refuses us         | stopped   |
 * | stopped   | the fault is mended                        | what the other facts say |
 */

export const HEALTH_STATES = ['balanced', 'needs_you', 'stopped', 'never_run'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

/** Items that are in no mailbox and wait for a person, over all imports of a connector. */
export interface ToDo {
  /** nobody knows the mailbox */
  readonly waiting: number;
  /** Microsoft 365 refused the copy for good */
  readonly failed: number;
  /** the item's id, type or sender cannot be understood */
  readonly unreadable: number;
}

export interface HealthFacts {
  readonly stoppedReason: string | null;
  /** codes of the connector's alerts that are not resolved */
  readonly openAlerts: readonly string[];
  readonly toDo: ToDo;
  /** a window of the connector has been closed */
  readonly hasRun: boolean;
}

export function toDoCount({ waiting, failed, unreadable }: ToDo): number {
  return waiting + failed + unreadable;
}

/** See the table above. */
export function healthOf({ stoppedReason, openAlerts, toDo, hasRun }: HealthFacts): HealthState {
  if (stoppedReason !== null) return 'stopped';
  if (openAlerts.length > 0 || toDoCount(toDo) > 0) return 'needs_you';
  return hasRun ? 'balanced' : 'never_run';
}

/** The word that a page shows for a health. */
export const HEALTH_WORDS: Readonly<Record<HealthState, string>> = {
  balanced: 'Balanced',
  needs_you: 'Needs you',
  stopped: 'Stopped',
  never_run: 'Not run yet',
};
