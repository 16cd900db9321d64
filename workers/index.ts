/** The worker process: `node workers/index.ts`. Start as many as you like; they share the work. */
import { database, guardConnections } from '#lib/db.ts';
import { EnvError, readEnv } from '#lib/env.ts';
import { log } from '#lib/log.ts';
import { createMetrics } from '#lib/metrics/metrics.ts';
import { hastyConnection, redisConnection } from '#lib/queue/connection.ts';
import { closeQueues } from '#lib/queue/producer.ts';
import { admitLedger } from '#lib/recovery/admit.ts';
import { LedgerMarkLostError } from '#lib/recovery/watch.ts';
import { admitSchemaOnceThere } from '#lib/schema/admit.ts';
import { isSchemaRefusal } from '#lib/schema/record.ts';
import { KeyRingRefusedError } from '#lib/security/key-use.ts';
import { watchKeyRing } from '#lib/security/key-watch.ts';
import { startTracing } from '#lib/tracing/start.ts';
import { tracing } from '#lib/tracing/tracing.ts';
import { workerDeps } from './composition.ts';
import { startRuntime } from './runtime.ts';

/** A sentence that an operator reads, where there is one. */
function refuse(error: unknown): never {
  const isExplained =
    error instanceof EnvError ||
    error instanceof KeyRingRefusedError ||
    error instanceof LedgerMarkLostError ||
    isSchemaRefusal(error);
  console.error(isExplained ? error.message : error);
  process.exit(1);
}

const settings = await readEnv().catch(refuse);
await startTracing(settings, 'compliance-portal-worker', () => log().warn('traces could not be sent'));
await admitSchemaOnceThere(database().pool, log()).catch(refuse);
const keys = await watchKeyRing(database().pool, settings.ENCRYPTION_KEYS, log(), refuse).catch(refuse);
const redis = redisConnection(settings.REDIS_URL);
const events = redisConnection(settings.REDIS_URL);
const asked = hastyConnection(settings.REDIS_URL);
const metrics = createMetrics(database().pool, asked, settings.REDIS_PREFIX, log());
const runtimeSettings = {
  prefix: settings.REDIS_PREFIX,
  concurrency: settings.WORKER_CONCURRENCY,
  reconcileSeconds: settings.RECONCILE_SECONDS,
  healthHost: settings.WORKER_HEALTH_HOST,
  healthPort: settings.WORKER_HEALTH_PORT,
};
const deps = workerDeps(events, metrics);
await admitLedger(deps.ledgerWatch, log()).catch(refuse);
guardConnections((client) => deps.ledgerWatch.guard(client));
// Before the first job: whoever reads that the worker started may stop it. None of these runs before the module has ended.
process.once('SIGTERM', () => void shutDown(0));
process.once('SIGINT', () => void shutDown(0));
// A fault that nobody met leaves the process in a state that nobody knows: it ends, and another is started.
process.on('uncaughtException', (error) => {
  log().fatal({ name: error.name, message: error.message, stack: error.stack }, 'uncaught exception');
  void shutDown(1);
});
process.on('unhandledRejection', (reason) => {
  log().fatal(
    {
      name: reason instanceof Error ? reason.name : 'unknown',
      stack: reason instanceof Error ? reason.stack : undefined,
    },
    'unhandled rejection',
  );
  void shutDown(1);
});

const runtime = startRuntime(deps, redis, metrics, runtimeSettings, () => {
  log().fatal('the reconciler does not come to an end');
  void shutDown(1);
});
log().info({ concurrency: settings.WORKER_CONCURRENCY }, 'worker started');

/** Shutdown ends within this time, whatever hangs: what was under way is looked up by the next worker. */
const SHUTDOWN_MS = 18_000;
let ending = false;

async function shutDown(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  setTimeout(() => {
    log().error('shutdown took too long');
    process.exit(1);
  }, SHUTDOWN_MS).unref();
  try {
    keys.stop();
    await runtime.stop();
    await closeQueues();
    redis.disconnect();
    events.disconnect();
    asked.disconnect();
    await database().prisma.$disconnect();
    await database().pool.end();
    await tracing()?.stop();
    log().info('worker stopped');
  } finally {
    process.exit(code);
  }
}
