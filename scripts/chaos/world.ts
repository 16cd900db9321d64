/** Everything that one round happens to: a new database, empty queue, new staging, a cloud, and lines that can be cut. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TimeRange } from '#lib/archive/source.ts';
import { sealPassword } from '#lib/connectors/password.ts';
import { type SandboxClients, sandboxClients } from '#lib/imports/clients.fixture.ts';
import { account, grantConsent, insertConnector } from '#lib/imports/connector.fixture.ts';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { productEnvironment } from '../services/environment.ts';
import { newSecrets } from '../services/secrets.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { Crew } from './crew.ts';
import { Ledger } from './ledger.ts';
import { type Line, openLine } from './proxy.ts';
import type { Services } from './services.ts';

/** Short, so that what was in doubt is looked up while the round waits. */
export const SECONDS = { lease: 4, graphTimeout: 2, lateCommit: 3 } as const;

export const LINES = ['postgres', 'redis', 'blob', 'graph', 'telemessage'] as const;
export type LineName = (typeof LINES)[number];

export interface World {
  readonly services: Services;
  readonly cloud: Cloud;
  readonly clients: SandboxClients;
  readonly ledger: Ledger;
  readonly lines: Readonly<Record<LineName, Line>>;
  readonly crew: Crew;
  /** of its workers */
  readonly env: Readonly<Record<string, string>>;
  /** what is to be imported at least */
  readonly atLeast: TimeRange;
  readonly logFile: string;
  end(): Promise<void>;
}

export interface WorldSettings {
  readonly seed: number;
  readonly itemsPerDay: number;
  readonly graphLatencyMs: number;
  readonly firstImportFrom: Date;
  /** items a page of the feed; default: as many as the source gives, which is all that a round has */
  readonly pageLimit?: number;
  /** what the source has not settled yet, in seconds */
  readonly settleLagSeconds?: number;
}

/** Builds one; no worker runs yet. @param cloud one that runs already, its mailboxes are emptied */
export async function buildWorld(services: Services, settings: WorldSettings, cloud?: Cloud): Promise<World> {
  const name = `chaos_${randomUUID().replaceAll('-', '')}`;
  const logFile = join(services.folder, 'logs', 'workers.log');
  const own = cloud ?? (await startCloud(services.folder, cloudSettings(settings)));
  const opened: Partial<Record<LineName, Line>> = {};
  const closers: (() => Promise<void>)[] = cloud ? [] : [() => own.stop()];
  const end = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    rmSync(logFile, { force: true });
    if (cloud) await own.control('DELETE', 'mailboxes');
    await grantConsent(own.addresses);
    if (settings.settleLagSeconds !== undefined) {
      await own.control('PATCH', 'telemessage', { settleLagSeconds: settings.settleLagSeconds });
    }
    await services.emptyRedis();
    await services.newDatabase(name);
    closers.push(() => services.dropDatabase(name));
    const ledger = new Ledger(services.databaseUrl(name));
    closers.push(() => ledger.close());
    const { pageLimit } = settings;
    if (pageLimit !== undefined)
      await ledger.rows(`ALTER TABLE import ALTER COLUMN page_limit SET DEFAULT ${pageLimit}`);
    const to: Record<LineName, number> = { ...services.ports, ...own.ports };
    for (const line of LINES) opened[line] = await openLine(to[line]);
    const lines = opened as Record<LineName, Line>;
    closers.push(async () => void (await Promise.all(LINES.map((line) => lines[line].close()))));

    const secrets = newSecrets();
    const keyRing = parseKeyRing(secrets.encryptionKeys);
    await insertConnector(ledger.pool, {
      firstImportFrom: settings.firstImportFrom,
      sealed: (connectorId) => sealPassword(keyRing, connectorId, account.password),
    });
    const env = {
      ...productEnvironment(
        {
          database: services.databaseUrl(name, lines.postgres.port),
          redis: services.redisUrl(lines.redis.port),
          blob: services.blobConnection(lines.blob.port),
          stagingContainer: `chaos-${randomUUID()}`,
          anchorContainer: `anchors-${randomUUID()}`,
          portal: 'http://localhost:3999',
          workerHealthPort: 0,
          sandbox: {
            ...own.addresses,
            graph: `https://localhost:${lines.graph.port}`,
            telemessage: `https://localhost:${lines.telemessage.port}`,
          },
        },
        secrets,
      ),
      SHARD_LEASE_SECONDS: String(SECONDS.lease),
      GRAPH_TIMEOUT_SECONDS: String(SECONDS.graphTimeout),
      LATE_COMMIT_SECONDS: String(SECONDS.lateCommit),
      RECONCILE_SECONDS: '1',
      LOG_LEVEL: 'info',
      // Many are started in a round.
      NODE_COMPILE_CACHE: join(services.folder, 'compile-cache'),
    };
    const crew = new Crew(env, logFile);
    closers.push(() => crew.end());
    const clients = sandboxClients(own.addresses);
    const { settledThrough } = await clients.source.clock();
    const atLeast = { from: settings.firstImportFrom, to: settledThrough };
    return { services, cloud: own, clients, ledger, lines, crew, env, atLeast, logFile, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Variables of the cloud's sandbox. */
export function cloudSettings(
  settings: Pick<WorldSettings, 'seed' | 'itemsPerDay' | 'graphLatencyMs'>,
): Record<string, string> {
  return {
    SANDBOX_SEED: String(settings.seed),
    SANDBOX_ITEMS_PER_DAY: String(settings.itemsPerDay),
    SANDBOX_GRAPH_LATENCY_MS: String(settings.graphLatencyMs),
  };
}
