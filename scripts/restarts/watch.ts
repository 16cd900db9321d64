/** How an installation looks from outside, again and again: readiness as a load balancer asks for it, metrics as Prometheus does. */
import { setTimeout as sleep } from 'node:timers/promises';

/** What a readiness address said: `ready`, another sentence, or nothing. */
export type Readiness = string | null;

export interface Sample {
  /** milliseconds since the watch began */
  readonly at: number;
  readonly portal: Readiness;
  readonly workers: readonly Readiness[];
  /** `portal_standing_up`: whether a worker could ask database and Redis; null where none answered */
  readonly standing: boolean | null;
  /** jobs that wait or run, of all queues; null where nobody knows */
  readonly jobs: number | null;
  /** copies that the workers settled as imported, over their restarts, as Prometheus' `increase` counts */
  readonly imported: number;
  /** seconds; null where nobody knows */
  readonly lag: number | null;
}

export interface Watch {
  readonly samples: readonly Sample[];
  latest(): Sample;
  /** the first sample from now on that is so. @throws where none is within 90 seconds */
  until(isSo: (sample: Sample) => boolean, what: string): Promise<Sample>;
  stop(): Promise<void>;
}

const EVERY_MS = 250;
const ANSWER_MS = 4_000;
const PATIENCE_MS = 90_000;

/**
 * @param portal address of the portal
 * @param workers addresses of the workers' internal listeners
 */
export async function watch(portal: string, workers: readonly string[]): Promise<Watch> {
  const began = performance.now();
  const counters = workers.map(() => ({ before: 0, last: 0 }));
  const samples: Sample[] = [];
  let stopped = false;

  async function take(): Promise<Sample> {
    const [portalSays, workersSay, metrics] = await Promise.all([
      readinessOf(`${portal}/api/health/ready`),
      Promise.all(workers.map((address) => readinessOf(`${address}/health/ready`))),
      Promise.all(workers.map((address) => textOf(`${address}/metrics`))),
    ]);
    for (const [index, text] of metrics.entries()) {
      const counter = counters[index];
      if (text === null || counter === undefined) continue;
      const now = sumOf(text, 'portal_deliveries_total', 'state="imported"') ?? 0;
      // A counter that is smaller is that of a new process.
      if (now < counter.last) counter.before += counter.last;
      counter.last = now;
    }
    const standing = metrics.map((text) => (text === null ? null : sumOf(text, 'portal_standing_up')));
    const knowing = metrics[standing.indexOf(1)] ?? null;
    return {
      at: performance.now() - began,
      portal: portalSays,
      workers: workersSay,
      standing: standing.every((value) => value === null) ? null : knowing !== null,
      jobs: knowing === null ? null : sumOf(knowing, 'portal_queue_jobs', /state="(?:waiting|active)"/),
      imported: counters.reduce((sum, { before, last }) => sum + before + last, 0),
      lag: knowing === null ? null : sumOf(knowing, 'portal_connector_lag_seconds'),
    };
  }

  samples.push(await take());
  const loop = (async (): Promise<void> => {
    while (!stopped) {
      await sleep(EVERY_MS);
      samples.push(await take());
    }
  })();
  const latest = (): Sample => {
    const sample = samples.at(-1);
    if (sample === undefined) throw new Error('nothing was seen yet');
    return sample;
  };
  return {
    samples,
    latest,
    async until(isSo, what) {
      let seen = samples.length;
      for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(20)) {
        for (; seen < samples.length; seen++) {
          const sample = samples[seen];
          if (sample && isSo(sample)) return sample;
        }
      }
      throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}. Last seen: ${JSON.stringify(latest())}`);
    },
    async stop() {
      stopped = true;
      await loop;
    },
  };
}

async function readinessOf(url: string): Promise<Readiness> {
  return (await textOf(url))?.trimEnd() ?? null;
}

async function textOf(url: string): Promise<string | null> {
  try {
    return await (await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })).text();
  } catch {
    return null;
  }
}

/** The sum of a metric's series whose labels hold this; null where there is none. @param text in Prometheus' format */
export function sumOf(text: string, metric: string, labels: string | RegExp = ''): number | null {
  const values = text.split('\n').flatMap((line) => {
    const [, name, of = '', value] = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line) ?? [];
    if (name !== metric) return [];
    return (typeof labels === 'string' ? of.includes(labels) : labels.test(of)) ? [Number(value)] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
