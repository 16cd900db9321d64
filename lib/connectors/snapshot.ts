/**
 * What the Connectors tab shows of a connector, as it travels from the server to the browser: the row, and the messages
 * of the event stream. One schema for both ends. Times are ISO 8601 in UTC. Holds words and shapes only; the rows are
 * read in `overview.ts`, the stream is run by `live.ts`.
 */
import { z } from 'zod';
import { countsSchema } from '../imports/counts-schema.ts';
import { ACTIVITIES, OPEN_PHASES } from './activity.ts';
import { HEALTH_STATES } from './health.ts';

const time = z.iso.datetime();
const count = z.number().int().default(0);

/** An import that is not over. */
export const openImportSchema = z.object({
  id: z.guid(),
  number: z.number().int(),
  phase: z.enum(OPEN_PHASES),
  windowStart: time,
  windowEnd: time,
  /** when the phase that is measured began: the reading of the source, then the delivery */
  since: time,
  counts: countsSchema,
  /** reason code of the last failed attempt, and when it is tried again */
  problem: z.string().nullable().default(null),
  nextAttemptAt: time,
});

export type OpenImport = z.infer<typeof openImportSchema>;

/** What says nothing (null, 0, an empty list) does not travel: see `writeMessage`. */
export const connectorRowSchema = z.object({
  id: z.guid(),
  /** of this row: differs where anything of it does (`row-buckets.ts`) */
  version: count,
  name: z.string(),
  kind: z.string(),
  health: z.enum(HEALTH_STATES),
  activity: z.enum(ACTIVITIES),
  stoppedReason: z.string().nullable().default(null),
  stoppedAt: time.nullable().default(null),
  pausedAt: time.nullable().default(null),
  /** codes of the alerts that are open, each once */
  alerts: z.array(z.string()).default([]),
  toDo: z.object({ waiting: count, failed: count, unreadable: count }),
  /** oldest first */
  open: z.array(openImportSchema).default([]),
  /** number of the last import that was completed; what it did is asked for where it is shown (`last-import.ts`) */
  lastNumber: z.number().int().nullable().default(null),
  /** end of the last window before which every window is closed */
  balancedUpTo: time.nullable().default(null),
  /** the check against the directory that is under way; `total` is null until the source's users are read */
  verification: z
    .object({ done: count, total: z.number().int().nullable().default(null) })
    .nullable()
    .default(null),
  /** when the last one ended, well or not */
  verifiedAt: time.nullable().default(null),
  /** null while paused or stopped: nothing is going to start */
  nextImportAt: time.nullable().default(null),
});

export type ConnectorRow = z.infer<typeof connectorRowSchema>;

/**
 * A message of the event stream. The first of a connection is a `snapshot`, which replaces everything the browser knows but
 * for rows of the buckets that it kept; `changed` replaces the rows it names; `heartbeat` says that silence is silence, and
 * not a broken line.
 */
export const liveMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('snapshot'),
    at: time,
    connectors: z.array(connectorRowSchema).default([]),
    /** buckets of rows that the browser has already, as it said (`row-buckets.ts`): none of them is among the connectors */
    kept: z.array(z.number().int()).default([]),
  }),
  z.object({
    type: z.literal('changed'),
    at: time,
    connectors: z.array(connectorRowSchema).default([]),
    /** connectors that are not there any more */
    removed: z.array(z.guid()).default([]),
  }),
  z.object({ type: z.literal('heartbeat'), at: time }),
]);

export type LiveMessage = z.infer<typeof liveMessageSchema>;

/** A message as it travels: without what says nothing, which is most of a connector at rest. Reading puts it back. */
export function writeMessage(message: LiveMessage): string {
  return JSON.stringify(message, function leanOf(this: unknown, _name, value: unknown) {
    const saysNothing = value === null || value === 0 || (Array.isArray(value) && value.length === 0);
    return saysNothing && !Array.isArray(this) ? undefined : value;
  });
}
