/**
 * The jobs: a name and a schema each, parsed when a job is added and again when it is taken, because what lies in Redis
 * outlives the code that wrote it. The database row is the truth; a job only says "look at this now".
 */
import { z } from 'zod';

const importJob = z.object({ organizationId: z.guid(), importId: z.guid() });

export const jobs = {
  /** Cut the time that the source has settled into windows, and open their imports. */
  plan: z.object({
    organizationId: z.guid(),
    connectorId: z.guid(),
    trigger: z.enum(['first', 'scheduled', 'manual']),
  }),
  /** Read the connector's oldest import that still has pages to come. */
  collect: z.object({ organizationId: z.guid(), connectorId: z.guid() }),
  /** Ask the source for attachments of an import that were missing. */
  fetchAttachments: importJob,
  /** Write what is due into the mailboxes of one shard. */
  deliver: z.object({ organizationId: z.guid(), shard: z.number().int().min(0) }),
  /** Check the equations and the manifest, close the import. */
  reconcile: importJob,
  /** Choose mailboxes anew for what waits for a mapping. */
  release: z.object({ organizationId: z.guid(), connectorId: z.guid() }),
  /** Read a window's manifest once more. */
  recheck: z.object({ organizationId: z.guid(), windowId: z.string().regex(/^\d+$/) }),
  /** Delete the sealed content of a completed import that is in all its mailboxes. */
  clear: importJob,
  /** Delete staged content that no row names. */
  sweepStaging: z.object({ organizationId: z.guid() }),
  /** Remove the rows of mapping versions that were discarded long ago. */
  clearDiscardedRows: z.object({ organizationId: z.guid() }),
  /** Add every day of every connector up again. */
  checkDays: z.object({ organizationId: z.guid() }),
  /** Ask the directory about the mailboxes of a connector's mapping and of its users. */
  verify: z.object({ organizationId: z.guid(), connectorId: z.guid() }),
  /** Hold what is so against what people were told, and send them the difference. */
  tellPeople: z.object({ organizationId: z.guid() }),
  /** Remove records that were kept long enough. */
  purge: z.object({}),
  /** Look through an organization's whole audit log. */
  verifyAudit: z.object({ organizationId: z.guid() }),
  /** Look once more at copies that were in doubt a day ago. */
  sweepDoubt: z.object({ organizationId: z.guid() }),
  /** List the mailboxes that may have got copies since the backup that was restored. */
  compareMailboxes: z.object({ organizationId: z.guid(), connectorId: z.guid() }),
  /** Go on with a correction of misfiled messages. */
  correct: z.object({ organizationId: z.guid(), correctionId: z.guid() }),
} as const;

export type JobName = keyof typeof jobs;
export type JobData<N extends JobName> = z.infer<(typeof jobs)[N]>;

export interface EnqueueOptions {
  /**
   * at most one job of this key waits and one runs; a request while it runs makes one more run after it, so that
   * nobody's wake-up is lost. No `:` (BullMQ refuses it)
   */
  readonly key?: string;
  /** not before so many milliseconds; with `key` only together with `onceInSeconds` */
  readonly delayMs?: number;
  /** with a key: no second one within so many seconds, also after the first has run */
  readonly onceInSeconds?: number;
}

export function isJobName(name: string): name is JobName {
  return Object.hasOwn(jobs, name);
}

/**
 * Deliveries have a queue of their own, so that many of them cannot keep a plan or a reconciliation waiting; so have
 * attachments, for which a source may let us wait a minute each, and notices, for which mail servers and receivers may.
 */
export const QUEUES = ['import', 'deliver', 'attachment', 'notice'] as const;
export type QueueName = (typeof QUEUES)[number];

export function queueOf(name: JobName): QueueName {
  if (name === 'fetchAttachments') return 'attachment';
  if (name === 'tellPeople') return 'notice';
  return name === 'deliver' ? 'deliver' : 'import';
}

/** Rounds of notices that a worker runs at a time: of so many organizations, each with servers of its own. */
const NOTICE_ROUNDS = 4;

/** Jobs of a queue that a worker runs at a time. @param most of any */
export function concurrencyOf(queue: QueueName, most: number): number {
  return queue === 'notice' ? Math.min(NOTICE_ROUNDS, most) : most;
}
