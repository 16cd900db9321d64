/**
 * For integration tests: the import engine with real PostgreSQL, Azurite and a sandbox cloud, in this process, with a
 * queue that is a list. `settle()` runs jobs until nothing is due, as workers would.
 */
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import type { TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { processors } from '#workers/processors.ts';
import type { ArchiveSource, TimeRange } from '../archive/source.ts';
import { findKind } from '../connectors/catalogue.ts';
import { clearDiscardedRows } from '../connectors/mapping/clear-rows.ts';
import type { CorrectionDeps } from '../corrections/deps.ts';
import { dispatchCorrections, runCorrection } from '../corrections/run.ts';
import { verifyConnector } from '../coverage/verify.ts';
import { type Database, openDatabase } from '../db.ts';
import type { Graph } from '../microsoft/graph.ts';
import type { JobName } from '../queue/jobs.ts';
import { compareMailboxes, dispatchComparisons } from '../recovery/compare.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { connectStaging } from '../staging/connect.ts';
import { sandboxClients } from './clients.fixture.ts';
import { systemClock } from './clock.ts';
import type { CommandDeps } from './commands.ts';
import { type ConnectorOptions, grantConsent, insertConnector } from './connector.fixture.ts';
import { type Counts, countsOf } from './counts.ts';
import type { ImportDeps, ImportSettings } from './deps.ts';
import { checkKept } from './kept.fixture.ts';
import { postgresLedger } from './ledger.ts';
import { mailPermission } from './mail-permission.ts';
import { SHARDS } from './shards.ts';
import { ShardsAtWork } from './shards-at-work.ts';
import { readCounters } from './store/counters.ts';
import { tick } from './tick.ts';

export interface Engine {
  readonly deps: CorrectionDeps & CommandDeps;
  readonly database: Database;
  readonly graph: Graph;
  readonly organizationId: string;
  /** inserts a connector and asks for its first plan */
  connect(options?: ConnectorOptions): Promise<string>;
  /** runs jobs and asks for what is due, until nothing is due now. Throws what a job throws */
  settle(): Promise<void>;
  /** goes on until no copy is under way and every import is complete */
  finish(): Promise<void>;
  counts(connectorId: string): Promise<Counts>;
  /** the source as the test's own client reads it */
  readonly source: ArchiveSource;
  windows(connectorId: string): Promise<TimeRange[]>;
  close(): Promise<void>;
}

const SETTINGS: ImportSettings = {
  shardLeaseSeconds: 20,
  lateCommitSeconds: 1,
  graphTimeoutSeconds: 10,
  unmappedDomain: 'mobile.invalid',
  messageClass: null,
};

/**
 * Workers ask once a minute to plan a day that the source has not settled yet. No time passes between two rounds here, so
 * one `settle()` would ask for ever: it asks so often, which mends what a few faults have kept from being planned.
 */
const MOST_PLANS = 10;

/** @param overrides parts of the dependencies that a test replaces */
export async function startEngine(
  sandbox: TestSandbox,
  {
    connectionString,
    ...overrides
  }: Partial<Pick<ImportDeps, 'source' | 'settings' | 'staging'>> & {
    /** a database that is there already; default: an empty one */
    readonly connectionString?: string;
  } = {},
): Promise<Engine> {
  const database = openDatabase(connectionString ?? (await testDatabase()));
  const { pool } = database;
  const organizationId = alderByrne.id;
  await grantConsent(sandbox);
  const { tokens, graph, download, source } = sandboxClients(sandbox);
  const never = new AbortController().signal;
  const jobs: {
    readonly name: JobName;
    readonly key: string;
    readonly dueAt: number;
    readonly run: () => Promise<void>;
  }[] = [];
  /** when a job that is wanted once in some seconds may be added again */
  const once = new Map<string, number>();
  const deps: Engine['deps'] = {
    pool,
    ledger: postgresLedger(pool),
    clock: systemClock,
    random: Math.random,
    inTurn: (work) => work(),
    shardsAtWork: new ShardsAtWork(2 * SHARDS),
    staging: connectStaging(testBlobConnection()),
    keyRing: parseKeyRing(
      `test:${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 251)).toString('base64')}`,
    ),
    settings: SETTINGS,
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    owner: `test.${randomUUID()}`,
    source: () => source,
    mailFacts: (kind) => {
      const facts = findKind(kind);
      if (!facts) throw new RangeError(kind);
      return { ...facts.mail, folderName: facts.folder };
    },
    mayWriteMail: mailPermission({ pool, tokens, graphOf: () => graph }),
    graph: () => graph,
    download: () => download,
    notify: () => {},
    enqueue: async (name, data, options) => {
      const only = options?.onceInSeconds === undefined ? '' : 'once.';
      const key = `${name}.${only}${options?.key ?? randomUUID()}`;
      const now = performance.now();
      if ((once.get(key) ?? 0) > now || jobs.some((job) => job.key === key)) return;
      if (options?.onceInSeconds !== undefined) once.set(key, now + options.onceInSeconds * 1000);
      const dueAt = now + (options?.delayMs ?? 0);
      jobs.push({ name, key, dueAt, run: () => handlers[name](data, never) });
    },
    ...overrides,
  };
  const handlers = processors(deps, {
    verify: (due, signal) => verifyConnector(deps, due, signal),
    clearDiscardedRows: async ({ organizationId }, signal) => {
      await clearDiscardedRows(pool, organizationId, signal);
    },
    correct: ({ organizationId, correctionId }, signal) => runCorrection(deps, organizationId, correctionId, signal),
    compareMailboxes: (due, signal) => compareMailboxes(deps, due, signal),
    tellPeople: async () => {},
    verifyAudit: async () => {},
    purge: async () => {},
  });

  async function settle(): Promise<void> {
    const plans = new Map<string, number>();
    for (;;) {
      const index = jobs.findIndex(({ dueAt }) => dueAt <= performance.now());
      const [job] = index < 0 ? [] : jobs.splice(index, 1);
      if (job) {
        if (job.name === 'plan') plans.set(job.key, (plans.get(job.key) ?? 0) + 1);
        await job.run();
        continue;
      }
      await tick(deps);
      await dispatchCorrections(deps);
      await dispatchComparisons(deps);
      const inVain = jobs.filter(({ key }) => (plans.get(key) ?? 0) >= MOST_PLANS);
      for (const job of inVain) jobs.splice(jobs.indexOf(job), 1);
      if (!jobs.some(({ dueAt }) => dueAt <= performance.now())) return;
    }
  }

  return {
    deps,
    database,
    graph,
    organizationId,
    async connect(options) {
      const connectorId = await insertConnector(pool, options);
      await deps.enqueue('plan', { organizationId, connectorId, trigger: 'first' }, { key: connectorId });
      return connectorId;
    },
    settle,
    async finish() {
      for (;;) {
        await settle();
        const { rows } = await pool.query<{ open: boolean }>(
          `SELECT EXISTS (SELECT 1 FROM delivery WHERE state IN ('pending', 'sending', 'created'))
             OR EXISTS (SELECT 1 FROM import WHERE phase NOT IN ('completed', 'cancelled')) AS open`,
        );
        if (rows[0]?.open !== true) return;
        await sleep(50);
      }
    },
    async counts(connectorId) {
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM import WHERE connector_id = $1', [connectorId]);
      return countsOf(
        await readCounters(
          pool,
          rows.map(({ id }) => id),
        ),
      );
    },
    source,
    async windows(connectorId) {
      const { rows } = await pool.query<{ starts_at: Date; ends_at: Date }>(
        'SELECT starts_at, ends_at FROM import_window WHERE connector_id = $1 ORDER BY starts_at',
        [connectorId],
      );
      return rows.map((row) => ({ from: row.starts_at, to: row.ends_at }));
    },
    async close() {
      try {
        await checkKept(pool);
      } finally {
        await database.prisma.$disconnect();
        await pool.end();
      }
    },
  };
}
