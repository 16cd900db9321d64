/**
 * What a connector is doing. Pure, and apart from its health: a connector can be delivering and need somebody, or be
 * idle and stopped. Derived from facts whenever it is asked for, never stored, so that it cannot be stuck on "running".
 *
 * The first line that applies decides:
 *
 * | fact                       | activity   |
 * |----------------------------|------------|
 * | paused                     | paused     |
 * | stopped                    | idle       |
 * | an import is collecting    | collecting |
 * | one delivers or reconciles | delivering |
 * | one is queued              | queued     |
 * | none is open               | idle       |
 *
 * The imports of a paused or stopped connector do not move, whatever phase they were in: they are not called busy.
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
  if (stopped) return 'idle';
  if (openPhases.includes('collecting')) return 'collecting';
  if (openPhases.includes('delivering') || openPhases.includes('reconciling')) return 'delivering';
  return openPhases.includes('queued') ? 'queued' : 'idle';
}

/** The word that a page shows for an activity. */
export const ACTIVITY_WORDS: Readonly<Record<Activity, string>> = {
  idle: 'Idle',
  queued: 'Queued',
  collecting: 'Collecting',
  delivering: 'Importing',
  paused: 'Paused',
};
