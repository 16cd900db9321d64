/** Adds jobs. The only place that knows BullMQ's options. */
import { Queue } from 'bullmq';
import { env } from '../env.ts';
import { workerConnection } from './connection.ts';
import { type JobData, type JobName, jobs } from './jobs.ts';

export const QUEUE_NAME = 'work';

const holder = globalThis as typeof globalThis & { portalQueue?: Queue };

/** The process's queue. Waits for Redis at most a few seconds, then fails: the reconciler finds lost work anyway. */
export function queue(): Queue {
  holder.portalQueue ??= new Queue(QUEUE_NAME, {
    connection: workerConnection(env().REDIS_URL),
    prefix: env().REDIS_PREFIX,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  return holder.portalQueue;
}

/**
 * Asks workers to look at something now.
 *
 * @param data validated against the job's schema; throws ZodError, a fault of ours
 * @param options.key at most one job of this key waits and one runs; a request while it runs makes one more run after
 *   it, so that nobody's wake-up is lost. No `:` (BullMQ refuses it)
 */
export async function enqueue<N extends JobName>(
  name: N,
  data: JobData<N>,
  options: { readonly key?: string; readonly delayMs?: number } = {},
): Promise<void> {
  const parsed = jobs[name].parse(data);
  await queue().add(name, parsed, {
    ...(options.key ? { deduplication: { id: `${name}.${options.key}`, keepLastIfActive: true } } : {}),
    ...(options.delayMs ? { delay: options.delayMs } : {}),
  });
}
