/** Adds jobs. With `consumer.ts` the only place that knows BullMQ's options. */
import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { env } from '../env.ts';
import { telemetry } from '../tracing/tracing.ts';
import { redisConnection } from './connection.ts';
import { type EnqueueOptions, type JobData, type JobName, jobs, type QueueName, queueOf } from './jobs.ts';

/** Adds jobs to the queues of one Redis. */
export interface Producer {
  /** See `enqueue`. */
  enqueue<N extends JobName>(name: N, data: JobData<N>, options?: EnqueueOptions): Promise<void>;
  /** Closes the queues and their connection, which BullMQ leaves open because it is ours. */
  close(): Promise<void>;
}

/** How long adding a job may take. The work itself is found by the reconciler within a minute in any case. */
const ENQUEUE_MS = 5_000;

/** @param connection the producer's own */
export function openProducer(connection: Redis, prefix: string): Producer {
  const queues = new Map<QueueName, Queue>();
  /** jobs that were given up and are not added yet: while there is one, Redis is away */
  let givenUp = 0;

  const queue = (name: QueueName): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const opened = new Queue(name, {
      connection,
      prefix,
      ...telemetry(),
      // What a failed job was about is in the database; the reconciler asks for it again.
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
    });
    opened.on('error', () => {});
    queues.set(name, opened);
    return opened;
  };

  return {
    async enqueue(name, data, options = {}) {
      const parsed = jobs[name].parse(data);
      if (givenUp > 0) return;
      let state: 'asked' | 'given_up' | 'over' = 'asked';
      const over = (): void => {
        if (state === 'given_up') givenUp--;
        state = 'over';
      };
      const delay = options.delayMs ? { delay: options.delayMs } : {};
      const added = queue(queueOf(name))
        .add(name, parsed, { ...deduplicationOf(name, options), ...delay })
        .then(over, over);
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ENQUEUE_MS);
      });
      await Promise.race([added, timeout]);
      clearTimeout(timer);
      if ((state as string) === 'over') return;
      state = 'given_up';
      givenUp++;
    },
    async close() {
      // What waits for a Redis that is away would wait for ever.
      connection.disconnect();
      await Promise.allSettled([...queues.values()].map((one) => one.close()));
    },
  };
}

const holder = globalThis as typeof globalThis & { portalProducer?: Producer | undefined };

/**
 * Asks workers to look at something now. While Redis is away this gives up after five seconds without an error: what is
 * to be done is in the database, and the reconciler finds it there. Until Redis is back, what is asked meanwhile is left
 * to the reconciler at once.
 *
 * @param data validated against the job's schema; throws ZodError, a fault of ours
 */
export async function enqueue<N extends JobName>(
  name: N,
  data: JobData<N>,
  options: EnqueueOptions = {},
): Promise<void> {
  holder.portalProducer ??= openProducer(redisConnection(env().REDIS_URL), env().REDIS_PREFIX);
  await holder.portalProducer.enqueue(name, data, options);
}

function deduplicationOf(name: JobName, { key, onceInSeconds }: EnqueueOptions): Pick<JobsOptions, 'deduplication'> {
  if (key === undefined) return {};
  if (onceInSeconds === undefined) return { deduplication: { id: `${name}.${key}`, keepLastIfActive: true } };
  return { deduplication: { id: `${name}.once.${key}`, ttl: onceInSeconds * 1000 } };
}

/** Closes the process's queues. */
export async function closeQueues(): Promise<void> {
  const open = holder.portalProducer;
  holder.portalProducer = undefined;
  await open?.close();
}
