/** One import by worker processes as an operator starts them, from the first page to the completed import. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { sealPassword } from '#lib/connectors/password.ts';
import { insertConnector } from '#lib/imports/connector.fixture.ts';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { PROJECT } from '../../scripts/services/place.ts';
import { cpuSeconds, peakMb, written } from './costs.ts';
import type { Cloud, Site } from './site.ts';

export interface EngineRun {
  readonly items: number;
  /** from the first page asked for to the completed import */
  readonly seconds: number;
  /** from the plan's job to its windows; to the last page; from there to the last message; to the completed import */
  readonly stages: {
    readonly plan: number;
    readonly collect: number;
    readonly deliver: number;
    readonly reconcile: number;
  };
  /** processor microseconds an item */
  readonly cpu: {
    readonly worker: number;
    readonly postgres: number;
    readonly azurite: number;
    readonly sandbox: number;
  };
  /** of the worker with the most, MB */
  readonly peakMb: number;
  readonly rows: number;
  readonly walBytes: number;
  readonly transactions: number;
}

export interface EngineOptions {
  readonly workers?: number;
  /** further variables of the workers */
  readonly env?: Readonly<Record<string, string>>;
  /** runs beside the import, told when it began */
  readonly beside?: (cloud: Cloud) => Promise<void>;
}

const MOST_SECONDS = 3_600;
/** such as `--cpu-prof --cpu-prof-dir=.test` */
const PROFILING = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter(Boolean);

export async function runEngine(site: Site, cloud: Cloud, options: EngineOptions = {}): Promise<EngineRun> {
  const logFile = join(site.folder, `workers-${Date.now()}.log`);
  const workers = Array.from({ length: options.workers ?? 1 }, () => startWorker(cloud, logFile, options));
  try {
    await untilStarted(logFile, workers);
    const cpu = () => ({
      worker: workers.reduce((sum, { pid }) => sum + cpuSeconds(pid ?? 0), 0),
      postgres: cpuSeconds(site.pids().postgres),
      azurite: cpuSeconds(site.pids().azurite),
      sandbox: cpuSeconds(cloud.sandboxPid),
    });
    const connectorId = await addConnector(cloud);
    const [cpuBefore, writtenBefore] = [cpu(), await written(cloud.pool)];
    const asked = Date.now();
    await askForPlan(cloud, connectorId);
    const beside = options.beside?.(cloud);
    const times = await untilCompleted(cloud, workers);
    await beside;
    const [cpuAfter, writtenAfter] = [cpu(), await written(cloud.pool)];
    const { items } = cloud;
    const each = (name: keyof ReturnType<typeof cpu>) => ((cpuAfter[name] - cpuBefore[name]) * 1e6) / items;
    return {
      items,
      seconds: (times.completed - times.started) / 1_000,
      stages: {
        plan: (times.created - asked) / 1_000,
        collect: (times.collected - times.started) / 1_000,
        deliver: (times.delivered - times.collected) / 1_000,
        reconcile: (times.completed - times.delivered) / 1_000,
      },
      cpu: { worker: each('worker'), postgres: each('postgres'), azurite: each('azurite'), sandbox: each('sandbox') },
      peakMb: Math.max(...workers.map(({ pid }) => peakMb(pid ?? 0))),
      rows: (writtenAfter.rows - writtenBefore.rows) / items,
      walBytes: (writtenAfter.walBytes - writtenBefore.walBytes) / items,
      transactions: writtenAfter.transactions - writtenBefore.transactions,
    };
  } finally {
    await Promise.all(workers.map(stopWorker));
    const log = readFileSync(logFile, 'utf8');
    const worst = log.split('\n').filter((line) => Number(/"level":(\d+)/.exec(line)?.[1] ?? 0) >= 40);
    if (worst.length > 0) console.warn(`workers said:\n${worst.slice(0, 5).join('\n')}`);
  }
}

/** A connector that is live, whose first import covers the feed. @returns its id */
export function addConnector(cloud: Cloud): Promise<string> {
  return insertConnector(cloud.pool, {
    firstImportFrom: cloud.windowFrom,
    sealed: (id) => sealPassword(parseKeyRing(cloud.secrets.encryptionKeys), id, 'bench'),
  });
}

function startWorker(cloud: Cloud, logFile: string, { env }: EngineOptions): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...PROFILING, 'workers/index.ts'], {
    cwd: PROJECT,
    env: { ...process.env, ...cloud.env, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

async function untilStarted(logFile: string, workers: readonly ChildProcess[]): Promise<void> {
  while (readFileSync(logFile, 'utf8').split('worker started').length <= workers.length) {
    if (workers.some(({ exitCode }) => exitCode !== null)) throw new Error(readFileSync(logFile, 'utf8'));
    await sleep(50);
  }
  // Its first look at the database is no part of an import.
  await sleep(1_000);
}

async function askForPlan(cloud: Cloud, connectorId: string): Promise<void> {
  const connection = new Redis(cloud.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
  const queue = new Queue('import', { connection, prefix: 'portal' });
  const data = { organizationId: alderByrne.id, connectorId, trigger: 'first' };
  await queue.add('plan', data, { removeOnComplete: true, removeOnFail: true });
  await queue.close();
  connection.disconnect();
}

interface Times {
  readonly created: number;
  readonly started: number;
  readonly collected: number;
  readonly delivered: number;
  readonly completed: number;
}

/** Waits, asking twice a second, which costs the run nothing. @throws where it does not end, or `checkCompleted` does */
async function untilCompleted(cloud: Cloud, workers: readonly ChildProcess[]): Promise<Times> {
  const deadline = Date.now() + MOST_SECONDS * 1_000;
  const toBePlanned = Date.now() + 60_000;
  for (;;) {
    const { rows } = await cloud.pool.query<{ phase: string }>('SELECT phase FROM import');
    if (rows[0]?.phase === 'completed') return checkCompleted(cloud);
    if (workers.some(({ exitCode }) => exitCode !== null)) throw new Error('a worker ended');
    if (rows.length === 0 && Date.now() > toBePlanned) throw new Error('no import was planned within a minute');
    if (Date.now() > deadline) throw new Error(`not completed within ${MOST_SECONDS} seconds`);
    await sleep(500);
  }
}

/** When an import was where. @throws where it does not balance or not every copy was imported: it measured nothing */
export async function checkCompleted({ pool, items }: Cloud): Promise<Times> {
  const { rows } = await pool.query<Record<keyof Times, Date | null> & { balanced: boolean; imported: string }>(
    `SELECT i.balanced, i.created_at AS created, i.started_at AS started, i.collected_at AS collected,
       max(d.imported_at) AS delivered, i.completed_at AS completed,
       count(*) FILTER (WHERE d.state = 'imported') AS imported
     FROM import i JOIN delivery d ON d.import_id = i.id GROUP BY i.id`,
  );
  const [row] = rows;
  if (!row?.balanced) throw new Error('the import does not balance');
  if (Number(row.imported) !== items) throw new Error(`${row.imported} of ${items} copies were imported`);
  const ms = (time: Date | null) => time?.getTime() ?? Number.NaN;
  return {
    created: ms(row.created),
    started: ms(row.started),
    collected: ms(row.collected),
    delivered: ms(row.delivered),
    completed: ms(row.completed),
  };
}
