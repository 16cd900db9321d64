/** Adds jobs. With `consumer.ts` the only place that knows BullMQ's options. */
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { env } from '../env.ts';
import { redisConnection } from './connection.ts';
import { type EnqueueOptions, type JobData, type JobName, jobs, type QueueName, queueOf } from './jobs.ts';

interface OpenQueues {
  readonly connection: Redis;
  readonly byName: Map<QueueName, Queue>;
}

const holder = globalThis as typeof globalThis & { portalQueues?: OpenQueues | undefined };

/** One of the process's queues. */
export function queue(name: QueueName): Queue {
  holder.portalQueues ??= { connection: redisConnection(env().REDIS_URL), byName: new Map() };
  const { connection, byName } = holder.portalQueues;
  const known = byName.get(name);
  if (known) return known;
  const opened = new Queue(name, {
    connection,
    prefix: env().REDIS_PREFIX,
    // What a failed job was about is in the database; the reconciler asks for it again.
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  });
  opened.on('error', () => {});
  byName.set(name, opened);
  return opened;
}

/** How long adding a job may take. The work itself is found by the reconciler within a minute in any case. */
const ENQUEUE_MS = 5_000;

/**
 * Asks workers to look at something now. While Redis is away this gives up after five seconds without an error: what is
 * to be done is in the database, and the reconciler finds it there.
 *
 * @param data validated against the job's schema; throws ZodError, a fault of ours
 */
export async function enqueue<N extends JobName>(
  name: N,
  data: JobData<N>,
  options: EnqueueOptions = {},
): Promise<void> {
  const parsed = jobs[name].parse(data);
  const added = queue(queueOf(name))
    .add(name, parsed, {
      ...deduplicationOf(name, options),
      ...(options.delayMs ? { delay: options.delayMs } : {}),
    })
    .then(
      () => {},
      () => {},
    );
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ENQUEUE_MS);
  });
  await Promise.race([added, timeout]);
  clearTimeout(timer);
}

function deduplicationOf(name: JobName, { key, onceInSeconds }: EnqueueOptions): Pick<JobsOptions, 'deduplication'> {
  if (key === undefined) return {};
  if (onceInSeconds === undefined) return { deduplication: { id: `${name}.${key}`, keepLastIfActive: true } };
  return { deduplication: { id: `${name}.once.${key}`, ttl: onceInSeconds * 1000 } };
}

/** Closes the process's queues and their connection, which BullMQ leaves open because it is ours. */
export async function closeQueues(): Promise<void> {
  const open = holder.portalQueues;
  holder.portalQueues = undefined;
  if (!open) return;
  await Promise.allSettled([...open.byName.values()].map((one) => one.close()));
  open.connection.disconnect();
}
