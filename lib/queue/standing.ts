/** How the queues stand: how much is in them, and how long the longest has waited. */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUES, type QueueName } from './jobs.ts';

export const JOB_STATES = ['waiting', 'active', 'delayed', 'failed'] as const;

export interface QueueStanding {
  readonly queue: QueueName;
  readonly jobs: Readonly<Record<(typeof JOB_STATES)[number], number>>;
  /** seconds that the job waits that has waited longest; 0 where none does */
  readonly oldestSeconds: number;
}

/**
 * @param connection one that gives up soon (`hastyConnection`)
 * @returns asks Redis; fails where it is away
 */
export function queuesOf(connection: Redis, prefix: string): () => Promise<readonly QueueStanding[]> {
  const queues = QUEUES.map((name) => {
    const queue = new Queue(name, { connection, prefix });
    queue.on('error', () => {});
    return { name, queue };
  });
  return () =>
    Promise.all(
      queues.map(async ({ name, queue }) => {
        const { waiting = 0, active = 0, delayed = 0, failed = 0 } = await queue.getJobCounts(...JOB_STATES);
        const [first] = await queue.getJobs(['waiting'], 0, 0, true);
        const oldestSeconds = first === undefined ? 0 : Math.max(0, (Date.now() - first.timestamp) / 1_000);
        return { queue: name, jobs: { waiting, active, delayed, failed }, oldestSeconds };
      }),
    );
}
