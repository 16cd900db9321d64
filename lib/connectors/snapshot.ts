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
  problem: z.string().nullable(),
  nextAttemptAt: time,
});

export type OpenImport = z.infer<typeof openImportSchema>;

/** The last import that was completed, with its counts as they are now. */
export const lastImportSchema = z.object({
  id: z.guid(),
  number: z.number().int(),
  windowStart: time,
  windowEnd: time,
  completedAt: time,
  counts: countsSchema,
});

export const connectorRowSchema = z.object({
  id: z.guid(),
  name: z.string(),
  kind: z.string(),
  health: z.enum(HEALTH_STATES),
  activity: z.enum(ACTIVITIES),
  stoppedReason: z.string().nullable(),
  stoppedAt: time.nullable(),
  pausedAt: time.nullable(),
  /** codes of the alerts that are open, each once */
  alerts: z.array(z.string()),
  toDo: z.object({ waiting: z.number().int(), failed: z.number().int(), unreadable: z.number().int() }),
  /** oldest first */
  open: z.array(openImportSchema),
  last: lastImportSchema.nullable(),
  /** end of the last window before which every window is closed */
  balancedUpTo: time.nullable(),
  /** the check against the directory that is under way; `total` is null until the source's users are read */
  verification: z.object({ done: z.number().int(), total: z.number().int().nullable() }).nullable(),
  /** when the last one ended, well or not */
  verifiedAt: time.nullable(),
  /** null while paused or stopped: nothing is going to start */
  nextImportAt: time.nullable(),
});

export type ConnectorRow = z.infer<typeof connectorRowSchema>;

/**
 * A message of the event stream. The first of a connection is a `snapshot`, which replaces everything the browser
 * knows; `changed` replaces the rows it names; `heartbeat` says that silence is silence, and not a broken line.
 */
export const liveMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), at: time, connectors: z.array(connectorRowSchema) }),
  z.object({
    type: z.literal('changed'),
    at: time,
    connectors: z.array(connectorRowSchema),
    /** connectors that are not there any more */
    removed: z.array(z.guid()),
  }),
  z.object({ type: z.literal('heartbeat'), at: time }),
]);

export type LiveMessage = z.infer<typeof liveMessageSchema>;
