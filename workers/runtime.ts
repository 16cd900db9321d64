/**
 * The life of a worker: takes jobs, looks every minute for what is due, tells the truth about its health, and ends in
 * order. One that is stuck ends itself, so that whoever supervises it starts another.
 */

import { createServer, type Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type AuditDeps, dispatchAudit, keepLinking, verifyAndKeep } from '#lib/audit/run.ts';
import { clearDiscardedRows } from '#lib/connectors/mapping/clear-rows.ts';
import type { CorrectionDeps } from '#lib/corrections/deps.ts';
import { dispatchCorrections, runCorrection } from '#lib/corrections/run.ts';
import { askForVerifications, verifyConnector } from '#lib/coverage/verify.ts';
import { logHeldLong } from '#lib/imports/held.ts';
import { tick } from '#lib/imports/tick.ts';
import type { Metrics } from '#lib/metrics/metrics.ts';
import { dispatchNotifications, type NotificationDeps, tellPeople } from '#lib/notifications/run.ts';
import { consume } from '#lib/queue/consumer.ts';
import { concurrencyOf, QUEUES } from '#lib/queue/jobs.ts';
import { readiness } from '#lib/readiness.ts';
import { compareMailboxes, dispatchComparisons } from '#lib/recovery/compare.ts';
import { finishRecovery } from '#lib/recovery/finish.ts';
import { purgeListings } from '#lib/recovery/purge-listings.ts';
import type { LedgerWatch } from '#lib/recovery/watch.ts';
import { purgeSessions } from '#lib/retention/old-sessions.ts';
import { purgeDue, type RetentionDeps } from '#lib/retention/purge.ts';
import { STANDING_WORDS, schemaStanding } from '#lib/schema/admit.ts';
import { processors } from './processors.ts';

export interface WorkerDeps extends CorrectionDeps {
  readonly notifications: NotificationDeps;
  readonly audit: AuditDeps;
  readonly retention: RetentionDeps;
  /** looks whether the database is the one that was worked with, and tells the storage how far it has counted */
  readonly ledgerWatch: Pick<LedgerWatch, 'look' | 'guard'>;
  /** tells an outside monitor that a round came to its end; null where there is none */
  readonly heartbeat: (() => Promise<void>) | null;
}

export interface RuntimeSettings {
  readonly prefix: string;
  readonly concurrency: number;
  readonly reconcileSeconds: number;
  readonly healthHost: string;
  readonly healthPort: number;
}

export interface Runtime {
  /** Stops taking jobs, lets running ones hand back, and returns. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a worker.
 *
 * @param connection BullMQ's, and the health check's
 * @param metrics told on the internal listener, beside its health
 * @param onStuck called where something that always ends has not
 */
export function startRuntime(
  deps: WorkerDeps,
  connection: Redis,
  metrics: Pick<Metrics, 'contentType' | 'text'>,
  settings: RuntimeSettings,
  onStuck: () => void,
): Runtime {
  const stopping = new AbortController();
  const handlers = processors(deps, {
    verify: (due, signal) => verifyConnector(deps, due, signal),
    clearDiscardedRows: async ({ organizationId }, signal) => {
      const removed = await clearDiscardedRows(deps.pool, organizationId, signal);
      if (removed > 0) deps.log.info({ organizationId, removed }, 'rows of discarded mapping versions are removed');
    },
    correct: ({ organizationId, correctionId }, signal) => runCorrection(deps, organizationId, correctionId, signal),
    compareMailboxes: (due, signal) => compareMailboxes(deps, due, signal),
    tellPeople: ({ organizationId }, signal) => tellPeople(deps.notifications, organizationId, signal),
    purge: async () => {
      const { pool, years, now } = deps.retention;
      try {
        await purgeDue(deps.retention);
        await purgeListings(pool, years.audit, now());
        const sessions = await purgeSessions(pool, years.audit, now());
        if (sessions > 0) deps.log.info({ sessions }, 'sessions of long ago were removed');
      } finally {
        await logHeldLong(deps.pool, deps.log, now());
      }
    },
    verifyAudit: async ({ organizationId }, signal) => {
      await verifyAndKeep(deps.audit, organizationId, signal);
    },
  });
  const consumers = QUEUES.map((queue) =>
    consume({
      ...settings,
      lockSeconds: Math.min(30, deps.settings.shardLeaseSeconds),
      queue,
      concurrency: concurrencyOf(queue, settings.concurrency),
      connection,
      handlers,
      log: deps.log,
      signal: stopping.signal,
    }),
  );
  // Asking for work never fails where Redis is away, and none is done then: the monitor must not be told otherwise.
  const beat = async (): Promise<void> => {
    if (deps.heartbeat && (await answers(connection))) await deps.heartbeat();
  };
  const linking = keepLinking(deps.audit, stopping.signal);
  const ticking = startTicking(deps, beat, settings.reconcileSeconds, stopping.signal, onStuck);
  const server = startListener(deps, connection, metrics, settings, () => ticking.lastTickMs());
  let stopped: Promise<void> | undefined;
  return {
    stop: () => {
      stopped ??= stop(stopping, consumers, server, [ticking.done, () => linking], deps.log);
      return stopped;
    },
  };
}

/** What one of them cannot ask for does not keep the others from it. */
async function everythingDue(deps: WorkerDeps): Promise<void> {
  // Before anything is asked for: where the database was restored, nothing is due any more.
  const looked = await Promise.allSettled([deps.ledgerWatch.look()]);
  const answers = await Promise.allSettled([
    ...looked.map(answered),
    tick(deps),
    endRecovery(deps),
    askForVerifications(deps),
    dispatchCorrections(deps),
    dispatchComparisons(deps),
    dispatchNotifications(deps.notifications, deps.enqueue),
    dispatchAudit(deps.audit, deps.enqueue),
    deps.enqueue('purge', {}, { key: 'installation', onceInSeconds: 24 * 60 * 60 }),
  ]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}

/** An outcome as a promise again, to be among others. */
const answered = async (outcome: PromiseSettledResult<void>): Promise<void> => {
  if (outcome.status === 'rejected') throw outcome.reason;
};

async function endRecovery({ pool, notify, log }: WorkerDeps): Promise<void> {
  for (const { organizationId, connectorId } of await finishRecovery(pool)) {
    log.info({ connectorId }, 'recovery after the restore is over');
    notify({ organizationId, connectorId, importId: null });
  }
}

interface Ticking {
  /** milliseconds since the reconciler last finished */
  lastTickMs(): number;
  done(): Promise<void>;
}

const ANSWER_MS = 5_000;

function answers(connection: Redis): Promise<boolean> {
  return Promise.race([
    connection.ping().then(
      () => true,
      () => false,
    ),
    sleep(ANSWER_MS, false),
  ]);
}

/** The reconciler's questions are all bounded in time, by minutes. */
const STUCK_MS = 15 * 60_000;

function startTicking(
  deps: WorkerDeps,
  beat: () => Promise<void>,
  seconds: number,
  signal: AbortSignal,
  onStuck: () => void,
): Ticking {
  let finished = performance.now();
  let began = performance.now();
  let running: Promise<void> | undefined;
  const once = async (): Promise<void> => {
    began = performance.now();
    try {
      await everythingDue(deps);
      finished = performance.now();
      await beat();
    } catch (error) {
      deps.log.warn({ name: error instanceof Error ? error.name : 'unknown' }, 'the reconciler could not look');
    } finally {
      running = undefined;
    }
  };
  const look = (): void => {
    if (signal.aborted) return;
    if (running && performance.now() - began > STUCK_MS) onStuck();
    running ??= once();
  };
  const timer = setInterval(look, seconds * 1000);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  look();
  return { lastTickMs: () => performance.now() - finished, done: async () => running };
}

/** The internal listener: health for who supervises this process, metrics for Prometheus. Never reachable from outside. */
function startListener(
  deps: WorkerDeps,
  connection: Redis,
  metrics: Pick<Metrics, 'contentType' | 'text'>,
  settings: RuntimeSettings,
  lastTickMs: () => number,
): Server {
  const alive = (): boolean => lastTickMs() < Math.max(settings.reconcileSeconds * 5, 120) * 1000;
  // BullMQ's connection waits for Redis however long it is away; who asks here is told so.
  const ready = readiness(async () => {
    const [standing] = await Promise.all([schemaStanding(deps.pool), connection.ping()]);
    return standing;
  });
  const server = createServer((request, response) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
    };
    if (request.url === '/health/live')
      answer(alive() ? 200 : 503, alive() ? 'alive' : 'the reconciler has not come round');
    else if (request.url === '/health/ready') {
      void ready().then((standing) =>
        standing === null
          ? answer(503, 'PostgreSQL or Redis does not answer')
          : answer(standing === 'fits' ? 200 : 503, STANDING_WORDS[standing]),
      );
    } else if (request.url === '/metrics') {
      metrics.text().then(
        (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
        () => answer(500, 'the metrics cannot be told'),
      );
    } else answer(404, 'not found');
  });
  server.listen(settings.healthPort, settings.healthHost);
  return server;
}

async function stop(
  stopping: AbortController,
  consumers: readonly Worker[],
  server: Server,
  loops: readonly (() => Promise<void>)[],
  log: Logger,
): Promise<void> {
  log.info('stopping');
  stopping.abort();
  await Promise.allSettled([...consumers.map((consumer) => consumer.close()), ...loops.map((done) => done())]);
  server.close();
}
