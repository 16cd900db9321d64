/** For integration tests: an installation with a database, a queue and staging of its own, and workers to start in it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { inject } from 'vitest';
import { sealPassword } from '#lib/connectors/password.ts';
import {
  account,
  type ConnectorOptions,
  control,
  grantConsent,
  insertConnector,
} from '#lib/imports/connector.fixture.ts';
import { type KeyRing, parseKeyRing } from '#lib/security/keyring.ts';
import { productEnvironment } from '#scripts/services/environment.ts';
import { newSecrets } from '#scripts/services/secrets.ts';
import type { TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase, testRedisUrl } from '#testing/services.ts';
import { startWorker, type WorkerProcess } from './worker-process.fixture.ts';

export interface Installation {
  readonly pool: pg.Pool;
  readonly keyRing: KeyRing;
  readonly connectorId: string;
  /** of all its workers */
  readonly logFile: string;
  /** of its workers */
  readonly env: Readonly<Record<string, string>>;
  start(env?: Readonly<Record<string, string>>): WorkerProcess;
  /** the number that a query gives in its only column */
  number(sql: string): Promise<number>;
  /** Ends the workers that still run. */
  close(): Promise<void>;
}

/** @param env of its workers, over what an operator would set */
export async function installation(
  sandbox: TestSandbox,
  env: Readonly<Record<string, string>>,
  connector: ConnectorOptions = {},
): Promise<Installation> {
  await control(sandbox, 'POST', 'reset');
  await grantConsent(sandbox);
  const blob = testBlobConnection();
  const secrets = newSecrets();
  const addresses = {
    database: await testDatabase(),
    redis: await testRedisUrl(),
    blob: blob.connectionString,
    stagingContainer: blob.container,
    anchorContainer: `${blob.container}-anchors`,
    portal: 'http://localhost:3999',
    workerHealthPort: 0,
    sandbox,
  };
  const workerEnv = { ...productEnvironment(addresses, secrets), LOG_LEVEL: 'info', ...env };
  const logFile = join(inject('services').folder, `worker-${blob.container}.log`);
  const pool = new pg.Pool({ connectionString: addresses.database, max: 3 });
  const keyRing = parseKeyRing(secrets.encryptionKeys);
  const sealed = (connectorId: string): string => sealPassword(keyRing, connectorId, account.password);
  const running: WorkerProcess[] = [];
  return {
    pool,
    keyRing,
    connectorId: await insertConnector(pool, { sealed, ...connector }),
    logFile,
    env: workerEnv,
    start(more = {}) {
      const worker = startWorker({ ...workerEnv, ...more }, logFile);
      running.push(worker);
      return worker;
    },
    async number(sql) {
      const { rows } = await pool.query<{ number: string | null }>(`SELECT (${sql})::bigint AS number`);
      return Number(rows[0]?.number ?? 0);
    },
    async close() {
      await Promise.all(running.map((worker) => worker.kill()));
      await pool.end();
    },
  };
}

/** Lines of the workers' log at error or above, for a test that expects none. */
export function errorsIn({ logFile }: Installation): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => Number(/"level":(\d+)/.exec(line)?.[1] ?? 0) >= 50);
}

/** Workers that have said in the log that they take jobs. */
export function startedIn({ logFile }: Installation): number {
  if (!existsSync(logFile)) return 0;
  return readFileSync(logFile, 'utf8').split('"worker started"').length - 1;
}

/** Waits until something is so. The test's own time-out ends it. */
export async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await sleep(20);
}
