/**
 * What BullMQ promises, and no more: a job is given to one worker and again to another if the first stops renewing its
 * lock; of one key one job waits and one more follows the one that runs; everything may be lost at once, with Redis.
 */

import type { Handlers } from '#lib/queue/consumer.ts';
import {
  type EnqueueOptions,
  isJobName,
  type JobData,
  type JobName,
  jobs,
  type QueueName,
  queueOf,
} from '#lib/queue/jobs.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { Witness } from './witness.ts';

interface Job {
  readonly name: JobName;
  readonly data: unknown;
  readonly id: string | null;
  readonly dueAt: number;
}

interface Active {
  readonly job: Job;
  readonly worker: SimulatedProcess;
  next: Job | null;
}

interface Consumer {
  readonly worker: SimulatedProcess;
  readonly handlers: Handlers;
  readonly concurrency: number;
  readonly running: Record<QueueName, number>;
}

export class SimulatedQueue {
  /** Redis cannot be reached: nothing is added, nothing is taken */
  away = false;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #lockMs: number;
  readonly #waiting: Job[] = [];
  readonly #active = new Set<Active>();
  readonly #once = new Map<string, number>();
  readonly #consumers: Consumer[] = [];
  readonly #witness: Witness;

  constructor(scheduler: Scheduler, random: Random, lockSeconds: number, witness: Witness) {
    this.#witness = witness;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#lockMs = lockSeconds * 1000;
  }

  /** No job waits or runs. */
  get idle(): boolean {
    return this.#active.size === 0 && this.#waiting.length === 0;
  }

  get describes(): string[] {
    return [
      ...[...this.#active].map(
        ({ job, worker }) => `running on ${worker.name}: ${job.name} ${JSON.stringify(job.data)}`,
      ),
      ...this.#waiting.map((job) => `waiting: ${job.name} ${JSON.stringify(job.data)}`),
    ];
  }

  add<N extends JobName>(name: N, data: JobData<N>, { key, delayMs = 0, onceInSeconds }: EnqueueOptions = {}): void {
    jobs[name].parse(data);
    if (this.away) return;
    const { now } = this.#scheduler;
    if (key !== undefined && onceInSeconds !== undefined) {
      const once = `${name}.once.${key}`;
      if ((this.#once.get(once) ?? 0) > now) return;
      this.#once.set(once, now + onceInSeconds * 1000);
      this.#wait({ name, data, id: null, dueAt: now + delayMs });
      return;
    }
    const job: Job = { name, data, id: key === undefined ? null : `${name}.${key}`, dueAt: now + delayMs };
    if (job.id !== null) {
      if (this.#waiting.some(({ id }) => id === job.id)) return;
      const running = [...this.#active].find((active) => active.job.id === job.id);
      if (running) {
        running.next = job;
        return;
      }
    }
    this.#wait(job);
  }

  consume(worker: SimulatedProcess, handlers: Handlers, concurrency: number): void {
    this.#consumers.push({
      worker,
      handlers,
      concurrency,
      running: { import: 0, deliver: 0, attachment: 0, notice: 0 },
    });
    this.#look();
  }

  /** FLUSHALL: what waits and what is known of what runs is gone. */
  empty(): void {
    this.#scheduler.say('the queue is emptied');
    this.#waiting.length = 0;
    this.#active.clear();
    this.#once.clear();
  }

  #wait(job: Job): void {
    this.#waiting.push(job);
    this.#look(Math.max(0, job.dueAt - this.#scheduler.now));
  }

  #look(inMs = 0): void {
    this.#scheduler.after(inMs + this.#random.skewed(1, 20), '', () => this.#give());
  }

  /** Gives every job that is due to a worker with a free hand. */
  #give(): void {
    const due = this.#waiting.filter(({ dueAt }) => dueAt <= this.#scheduler.now);
    if (due.length > 0 && (this.away || !this.#consumers.some(({ worker }) => worker.awake))) {
      this.#look(5_000);
      return;
    }
    for (const job of due) {
      const queue = queueOf(job.name);
      const free = this.#consumers.filter(
        ({ worker, running, concurrency }) =>
          worker.awake && !worker.stopping.signal.aborted && running[queue] < concurrency,
      );
      if (free.length === 0) continue;
      this.#waiting.splice(this.#waiting.indexOf(job), 1);
      this.#start(job, this.#random.pick(free));
    }
  }

  #start(job: Job, consumer: Consumer): void {
    const { worker, handlers, running } = consumer;
    const queue = queueOf(job.name);
    const active: Active = { job, worker, next: null };
    this.#active.add(active);
    running[queue]++;
    this.#watch(active);
    const take = async (): Promise<void> => {
      if (this.#scheduler.tracing) {
        this.#scheduler.say(`${worker.name} takes ${job.name} ${JSON.stringify(job.data)}`);
      }
      try {
        if (isJobName(job.name))
          await (handlers[job.name] as (data: unknown, signal: AbortSignal) => Promise<void>)(
            job.data,
            worker.stopping.signal,
          );
      } catch (error) {
        this.#witness.jobFails(job.name, error, worker.stopping.signal.aborted);
        this.#scheduler.say(`${worker.name} fails at ${job.name}: ${String(error)}`);
      }
      running[queue]--;
      this.#end(active);
    };
    this.#scheduler.after(this.#random.skewed(1, 20), '', () => void take(), worker);
  }

  /** Whoever does not renew its lock is taken for dead. One that only slept goes on beside its successor. */
  #watch(active: Active): void {
    this.#scheduler.after(this.#lockMs, '', () => {
      if (!this.#active.has(active)) return;
      if (active.worker.awake) return this.#watch(active);
      this.#active.delete(active);
      this.#scheduler.say(`${active.job.name} of ${active.worker.name} has stalled and is given out again`);
      this.#wait({ ...active.job, dueAt: this.#scheduler.now });
      if (active.next) this.#wait(active.next);
    });
  }

  #end(active: Active): void {
    // Its lock is lost: somebody else has the job, or Redis forgot it.
    if (this.#active.delete(active) && active.next) this.#wait(active.next);
    this.#look();
  }
}
