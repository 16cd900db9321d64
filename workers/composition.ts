/** Puts what workers do together from the environment. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import pLimit from 'p-limit';
import type { ArchiveSource } from '#lib/archive/source.ts';
import { auditDeps } from '#lib/audit/composition.ts';
import { mailFacts, microsoft, stagingSettings } from '#lib/connectors/composition.ts';
import { openTeleMessage } from '#lib/connectors/open-source.ts';
import { openPassword } from '#lib/connectors/password.ts';
import { signInGuard } from '#lib/connectors/sign-in-guard.ts';
import { type Database, database } from '#lib/db.ts';
import { env } from '#lib/env.ts';
import { systemClock } from '#lib/imports/clock.ts';
import type { RunningConnector } from '#lib/imports/deps.ts';
import { postgresLedger } from '#lib/imports/ledger.ts';
import { mailPermission } from '#lib/imports/mail-permission.ts';
import { ShardsAtWork } from '#lib/imports/shards-at-work.ts';
import { limits } from '#lib/limits/composition.ts';
import { log } from '#lib/log.ts';
import type { Metrics } from '#lib/metrics/metrics.ts';
import { createDownload } from '#lib/microsoft/download.ts';
import { createGraph, type Graph } from '#lib/microsoft/graph.ts';
import { appCredentialEnds } from '#lib/notifications/app-credential.ts';
import { notificationChannels } from '#lib/notifications/composition.ts';
import { askFor } from '#lib/notifications/web.ts';
import { publishChange } from '#lib/queue/events.ts';
import { enqueue } from '#lib/queue/producer.ts';
import { ledgerWatch } from '#lib/recovery/composition.ts';
import { connectStaging } from '#lib/staging/connect.ts';
import type { WorkerDeps } from './runtime.ts';

/** Each is up to 4 MB as text, in the batch, and on its way. So many fill what a network gives. */
const LARGE_REQUESTS = 12;

/**
 * @param redis for telling open pages what changed
 * @param metrics what counts; a benchmark goes without
 */
export function workerDeps(redis: Redis, metrics: Pick<Metrics, 'onGraph' | 'counted'> | null = null): WorkerDeps {
  const settings = env();
  const keyRing = settings.ENCRYPTION_KEYS;
  const { tokens } = microsoft();
  const { pool } = database();
  const audit = auditDeps();
  const graphs = new Map<string, Graph>();
  const graphOf = (organizationId: string): Graph => {
    const graph =
      graphs.get(organizationId) ??
      createGraph({ ...microsoft(), tenantId: organizationId, observe: metrics?.onGraph });
    graphs.set(organizationId, graph);
    return graph;
  };
  const ledger = postgresLedger(pool);
  return {
    pool,
    ledger: metrics === null ? ledger : metrics.counted(ledger),
    clock: systemClock,
    random: Math.random,
    inTurn: pLimit(LARGE_REQUESTS),
    shardsAtWork: new ShardsAtWork(settings.WORKER_CONCURRENCY),
    staging: connectStaging(stagingSettings()),
    keyRing,
    log: log(),
    owner: `${hostname()}.${process.pid}.${randomUUID()}`,
    settings: {
      shardLeaseSeconds: settings.SHARD_LEASE_SECONDS,
      lateCommitSeconds: settings.LATE_COMMIT_SECONDS,
      graphTimeoutSeconds: settings.GRAPH_TIMEOUT_SECONDS,
      unmappedDomain: settings.UNMAPPED_DOMAIN,
      messageClass: settings.MESSAGE_CLASS ?? null,
    },
    source: sourceCache(settings.TELEMESSAGE_URL, pool, (connector) =>
      openPassword(keyRing, connector.id, connector.passwordSealed),
    ),
    mailFacts,
    mayWriteMail: mailPermission({ pool, tokens, graphOf }),
    graph: graphOf,
    download: (organizationId) => createDownload({ ...microsoft(), tenantId: organizationId }),
    notify: (change) => void publishChange(redis, settings.REDIS_PREFIX, change),
    enqueue,
    notifications: {
      ...notificationChannels(),
      pool,
      now: () => systemClock.date(),
      log: log(),
      appCredentialEnds: () => appCredentialEnds(settings),
    },
    audit,
    retention: {
      ...audit,
      years: { ledger: settings.EVIDENCE_RETENTION_YEARS, audit: settings.AUDIT_RETENTION_YEARS },
    },
    ledgerWatch: ledgerWatch((change) => void publishChange(redis, settings.REDIS_PREFIX, change)),
    heartbeat: settings.HEARTBEAT_URL === undefined ? null : heartbeat(settings.HEARTBEAT_URL),
  };
}

/** A monitor that cannot be reached is its own business: it will say so itself. */
function heartbeat(url: string): () => Promise<void> {
  return async () => {
    const { ok, answer } = await askFor(url);
    if (!ok) log().warn({ answer }, 'the heartbeat was not taken');
  };
}

/** One session per connector and set of credentials: a new password gives a new one. */
function sourceCache(
  baseUrl: string,
  pool: Database['pool'],
  password: (connector: RunningConnector) => string,
): (connector: RunningConnector) => ArchiveSource {
  const sources = new Map<string, { readonly credentials: string; readonly source: ArchiveSource }>();
  return (connector) => {
    const credentials = `${connector.username}\n${connector.passwordSealed}`;
    const known = sources.get(connector.id);
    if (known?.credentials === credentials) return known.source;
    const source = openTeleMessage(limits(), baseUrl, {
      organizationId: connector.organizationId,
      kind: connector.kind,
      accountId: connector.accountId,
      // Opened at each sign-in and not kept.
      credentials: async () => ({ username: connector.username, password: password(connector) }),
      guard: signInGuard(pool, connector),
    });
    sources.set(connector.id, { credentials, source });
    return source;
  };
}
