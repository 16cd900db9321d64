/**
 * Whether somebody has to do something about a connector. Pure, and apart from its activity (`activity.ts`).
 *
 * The first line that applies decides:
 *
 * | fact                                                             | health    |
 * |------------------------------------------------------------------|-----------|
 * | stopped by a fault that only the customer can mend                | stopped   |
 * | an alert is open, or copies wait or failed, or items are unreadable| needs_you |
 * | the first window is not closed yet                               | never_run |
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

/**
 * What waits for a person and was not signed off, over all imports of a connector. Copies, not items, where there are copies: an item that
 * reached one of its two mailboxes counts as imported, and the other copy is owed all the same.
 */
export interface ToDo {
  /** copies of which nobody knows the mailbox */
  readonly waiting: number;
  /** copies that Microsoft 365 refused for good */
  readonly failed: number;
  /** items of which id, type or sender cannot be understood */
  readonly unreadable: number;
}

export interface HealthFacts {
  readonly stoppedReason: string | null;
  /** codes of the connector's alerts that are not resolved */
  readonly openAlerts: readonly string[];
  readonly toDo: ToDo;
  /** the connector's first window has been closed */
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
