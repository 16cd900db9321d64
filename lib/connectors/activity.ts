/**
 * What a connector is doing. Pure, and apart from its health: a connector can be delivering and need somebody, or be
 * idle and stopped. Derived from facts whenever it is asked for, never stored, so that it cannot be stuck on "running".
 *
 * The first line that applies decides:
 *
 * | paused | stopped | imports that are open        | activity   |
 * |--------|---------|------------------------------|------------|
 * | yes    | any     | any                          | paused     |
 * | no     | no      | one is collecting            | collecting |
 * | no     | any     | one delivers or reconciles   | delivering |
 * | no     | no      | one is queued                | queued     |
 * | no     | yes     | only queued or collecting    | idle       |
 * | no     | any     | none                         | idle       |
 *
 * A stopped connector cannot read its source, so an import of it that is queued or half collected does not move and is
 * not called collecting. What it has collected before goes on into the mailboxes, which need no source.
 */

export const ACTIVITIES = ['idle', 'queued', 'collecting', 'delivering', 'paused'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** Phases of an import that is not over (`import.phase` without `completed` and `cancelled`). */
export const OPEN_PHASES = ['queued', 'collecting', 'delivering', 'reconciling'] as const;
export type OpenPhase = (typeof OPEN_PHASES)[number];

export interface ActivityFacts {
  readonly paused: boolean;
  readonly stopped: boolean;
  /** phases of the connector's imports that are not over */
  readonly openPhases: readonly OpenPhase[];
}

/** See the table above. */
export function activityOf({ paused, stopped, openPhases }: ActivityFacts): Activity {
  if (paused) return 'paused';
  if (!stopped && openPhases.includes('collecting')) return 'collecting';
  if (openPhases.includes('delivering') || openPhases.includes('reconciling')) return 'delivering';
  if (!stopped && openPhases.includes('queued')) return 'queued';
  return 'idle';
}

/** The word that a page shows for an activity. */
export const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  idle: 'Idle',
  queued: 'Queued',
  collecting: 'Collecting',
  delivering: 'Importing',
  paused: 'Paused',
};
