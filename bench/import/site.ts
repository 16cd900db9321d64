/** What an import needs around it, on this machine: PostgreSQL that syncs, Redis, Azurite on disk, and clouds to choose. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pg from 'pg';
import { serverTls } from '#sandbox/tls.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { migrate } from '../../scripts/migrations/migrate.ts';
import { azuriteConnectionString, azuritePart } from '../../scripts/services/azurite.ts';
import { productEnvironment, sandboxAddresses, sandboxEnvironment } from '../../scripts/services/environment.ts';
import { sandboxPart } from '../../scripts/services/node-parts.ts';
import type { Part } from '../../scripts/services/part.ts';
import { PROJECT, place } from '../../scripts/services/place.ts';
import { freePorts } from '../../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../../scripts/services/postgres.ts';
import { redisPart, redisUrl } from '../../scripts/services/redis.ts';
import { newSecrets } from '../../scripts/services/secrets.ts';
import { person } from './people.ts';

export interface Site {
  /** with logs of all parts */
  readonly folder: string;
  /** process ids of what the ledger and staging cost */
  pids(): { readonly postgres: number; readonly azurite: number };
  /** a sandbox with empty mailboxes for `people`, a feed of `items`, a new database and container */
  open(plan: CloudPlan): Promise<Cloud>;
  /** the same with a new database that knows nothing of it, as after a restore; closed before it */
  forgotten(cloud: Cloud): Promise<Cloud>;
  stop(): Promise<void>;
}

export interface CloudPlan {
  readonly items: number;
  readonly people: number;
  /** milliseconds that a request to Graph takes */
  readonly latencyMs: number;
  /** of the ledger before this one, empty, as a portal has them that was set up long ago; none by default */
  readonly monthsBefore?: number;
}

export interface Cloud extends CloudPlan {
  /** the product's environment */
  readonly env: Readonly<Record<string, string>>;
  readonly pool: pg.Pool;
  readonly windowFrom: Date;
  readonly secrets: ReturnType<typeof newSecrets>;
  readonly sandboxPid: number;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Only the four at once in a mailbox stay as they are: what is measured is how fast it goes within that limit. */
const NO_OTHER_LIMITS = { mailboxRequests: 1e9, mailboxUploadBytes: 1e15, appRequests: 1e9 };
const TEMPLATE = 'template_bench';

export async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-import-'));
  const home = place(folder);
  const tlsFolder = join(folder, 'tls');
  const { caPath } = await serverTls(tlsFolder, new Date());
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(caPath, 'utf8')]);
  const ports = await freePorts();
  const secrets = newSecrets();
  const { databasePassword: password, redisPassword } = secrets;
  const postgres = postgresPart({ place: home, port: ports.postgres, password });
  const azurite = azuritePart({ place: home, port: ports.blob });
  const parts: Part[] = [postgres, redisPart({ place: home, port: ports.redis, password: redisPassword }), azurite];
  const stop = async (): Promise<void> => {
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(parts.map((part) => part.start()));
    await ensureDatabase(ports.postgres, password, TEMPLATE);
    await migrate(postgresUrl(ports.postgres, password, TEMPLATE));
  } catch (error) {
    await stop();
    throw error;
  }
  let clouds = 0;
  async function newDatabase(database: string): Promise<string> {
    const admin = new pg.Client({ connectionString: postgresUrl(ports.postgres, password, 'postgres') });
    await admin.connect();
    await admin.query(`CREATE DATABASE ${database} TEMPLATE ${TEMPLATE}`);
    await admin.query('CHECKPOINT');
    await admin.end();
    return postgresUrl(ports.postgres, password, database);
  }
  return {
    folder,
    pids: () => ({ postgres: postgres.pid() ?? 0, azurite: azurite.pid() ?? 0 }),
    stop,
    async forgotten(cloud) {
      clouds += 1;
      const connectionString = await newDatabase(`bench_${clouds}`);
      const pool = new pg.Pool({ connectionString, max: 4 });
      pool.on('error', () => {});
      const close = async (): Promise<void> => {
        await pool.end();
      };
      const env = { ...cloud.env, DATABASE_URL: connectionString, STAGING_CONTAINER: `bench-${clouds}` };
      return { ...cloud, env, pool, close };
    },
    async open(plan) {
      clouds += 1;
      const connectionString = await newDatabase(`bench_${clouds}`);
      const own = await freePorts();
      const sandbox = sandboxPart({
        place: home,
        env: {
          NODE_ENV: 'production',
          ...sandboxEnvironment(own, 'memory', tlsFolder),
          SANDBOX_KEEP_BODIES: 'no',
          SANDBOX_TOKEN_SECONDS: '86400',
        },
        ports: [
          own.sandboxHttp,
          own.sandboxEntra,
          own.sandboxGraph,
          own.sandboxTelemessage,
          own.sandboxSmtp,
          own.sandboxHooks,
        ],
      });
      await sandbox.start();
      const windowFrom = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 - 12 * 3_600_000);
      const feed = await startFeed(plan, windowFrom);
      const addresses = sandboxAddresses(own, tlsFolder);
      const control = controlOf(addresses.http);
      await control('PUT', `consents/${alderByrne.id}`, {});
      for (let at = 0; at < plan.people; at += 1) await control('POST', `tenants/${alderByrne.id}/people`, joiner(at));
      await control('PATCH', 'limits', { ...NO_OTHER_LIMITS, latencyMs: plan.latencyMs });
      const pool = new pg.Pool({ connectionString, max: 4 });
      // What ends with the server, when a run is over or failed, is no news.
      pool.on('error', () => {});
      for (let month = 1; month <= (plan.monthsBefore ?? 0); month += 1) {
        await pool.query('SELECT ensure_ledger_partitions($1::timestamptz - make_interval(months => $2))', [
          windowFrom,
          month,
        ]);
      }
      const env = {
        ...productEnvironment(
          {
            database: connectionString,
            redis: redisUrl(ports.redis, redisPassword, clouds % 16),
            blob: azuriteConnectionString(ports.blob),
            stagingContainer: `bench-${clouds}`,
            anchorContainer: `anchors-${clouds}`,
            portal: 'http://localhost:3999',
            workerHealthPort: 0,
            sandbox: { ...addresses, telemessage: feed.url },
          },
          secrets,
        ),
        LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      };
      return {
        ...plan,
        env,
        pool,
        windowFrom,
        secrets,
        sandboxPid: sandbox.pid() ?? 0,
        control,
        close: async () => {
          await pool.end();
          feed.child.kill();
          await sandbox.stop();
        },
      };
    },
  };
}

/** Starts a script that says where it listens in its first line, and ends with this process. */
export async function startFeed(plan: CloudPlan, from: Date): Promise<{ child: ChildProcess; url: string }> {
  const args = ['bench/import/feed.ts', String(plan.items), String(plan.people), from.toISOString()];
  const child = spawn(process.execPath, args, { cwd: PROJECT, stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = await once(createInterface(child.stdout), 'line');
  return { child, url: String(url) };
}

function joiner(at: number) {
  const { id, email, name } = person(at);
  const [givenName = '', ...rest] = name.split(' ');
  return { id, givenName, surname: rest.join(' '), displayName: name, userPrincipalName: email, mail: email };
}

function controlOf(base: string): Cloud['control'] {
  return async (method, path, body) => {
    const answer = await fetch(`${base}/sandbox/control/${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox refused ${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
