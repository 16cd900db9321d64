/** Takes jobs: parses what lies in Redis and hands it to its handler. */
import { type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type SpanPlan, telemetry, traced } from '../tracing/tracing.ts';
import { isJobName, type JobData, type JobName, jobs, type QueueName } from './jobs.ts';

/** A handler for every job. It returns when `signal` asks to stop, and leaves the rest to the next worker. */
export type Handlers = { readonly [N in JobName]: (data: JobData<N>, signal: AbortSignal) => Promise<void> };

export interface ConsumerSettings {
  readonly queue: QueueName;
  readonly connection: Redis;
  readonly prefix: string;
  readonly concurrency: number;
  /** after so many seconds without a sign of life a job is another worker's */
  readonly lockSeconds: number;
  readonly handlers: Handlers;
  readonly log: Logger;
  /** asks the handlers to stop */
  readonly signal: AbortSignal;
}

/** Starts taking jobs of one queue. Close the returned worker to stop; running handlers are waited for. */
export function consume(settings: ConsumerSettings): Worker {
  const { queue, connection, prefix, concurrency, lockSeconds, log } = settings;
  const worker = new Worker(queue, (job) => handle(settings, job), {
    connection,
    prefix,
    concurrency,
    lockDuration: lockSeconds * 1000,
    stalledInterval: lockSeconds * 1000,
    // A job only says where to look, and looking again does no harm: it is never given up for its workers' deaths.
    maxStalledCount: 1_000_000,
    ...telemetry(),
  });
  worker.on('failed', (job, error) =>
    log.error({ job: job?.name, name: error.name, message: error.message }, 'job failed'),
  );
  // A lost connection is reported by whoever needs it; without a listener it would end the process.
  worker.on('error', (error) => log.warn({ name: error.name }, 'queue connection'));
  return worker;
}

async function handle({ handlers, log, signal }: ConsumerSettings, job: Job): Promise<void> {
  // Schedules and jobs in Redis outlive the code: an unknown name is logged and dropped.
  if (!isJobName(job.name)) {
    log.warn({ job: job.name }, 'unknown job dropped');
    return;
  }
  await run(handlers, job.name, job.data, log, signal);
}

async function run<N extends JobName>(
  handlers: Handlers,
  name: N,
  data: unknown,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const parsed = jobs[name].safeParse(data);
  if (!parsed.success) {
    log.warn({ job: name }, 'job with data of another version dropped');
    return;
  }
  await traced(jobSpan(name, parsed.data), () => handlers[name](parsed.data as JobData<N>, signal));
}

const ABOUT = { organizationId: 'organization_id', connectorId: 'connector_id', importId: 'import_id' } as const;

/** The job as a phase of its own, with what it is about: BullMQ's span around it knows no more than the queue. */
function jobSpan(name: JobName, about: object): SpanPlan {
  const facts = Object.entries(ABOUT).flatMap(([member, fact]) => {
    const value: unknown = Reflect.get(about, member);
    return typeof value === 'string' ? [[`portal.${fact}`, value] as const] : [];
  });
  return { name, kind: 'internal', facts: { 'portal.job': name, ...Object.fromEntries(facts) } };
}
