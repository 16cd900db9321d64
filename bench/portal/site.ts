/** Two portals of the same build, each with a database of its own; PostgreSQL, Redis and the sandbox are shared. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'next-auth/jwt';
import pg from 'pg';
import { buildPortal } from '../../scripts/build.ts';
import { migrate } from '../../scripts/migrations/migrate.ts';
import { azuriteConnectionString } from '../../scripts/services/azurite.ts';
import { productEnvironment, sandboxAddresses, sandboxEnvironment } from '../../scripts/services/environment.ts';
import { portalPart, sandboxPart } from '../../scripts/services/node-parts.ts';
import type { Part } from '../../scripts/services/part.ts';
import { place } from '../../scripts/services/place.ts';
import { freePort, freePorts } from '../../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../../scripts/services/postgres.ts';
import { redisPart, redisUrl } from '../../scripts/services/redis.ts';
import { newSecrets } from '../../scripts/services/secrets.ts';
import { type Filled, fillLedger, type LedgerPlan, ORGANIZATION } from './ledger.ts';

/** As the browser stage of the tests: one build serves both. */
const BUILD = '.test/next';
/** Of a person who is not in the sandbox: nobody is asked about them. */
const PERSON = '3d0c4c0e-2a2b-4c55-9a68-5b7f2f9d3c11';

export interface Portal {
  readonly base: string;
  /** value of the header Cookie of somebody who is signed in */
  readonly cookie: string;
  readonly person: string;
  /** the large connector */
  readonly connector: string;
  readonly filled: Filled;
  readonly database: string;
}

export interface PortalSite {
  /** a new database that is filled by `plan`, and a portal on it */
  open(name: string, plan: LedgerPlan): Promise<Portal>;
  stop(): Promise<void>;
}

export async function startPortals(): Promise<PortalSite> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-portal-'));
  const home = place(folder);
  const ports = await freePorts();
  const secrets = newSecrets();
  const tls = join(folder, 'tls');
  const parts: Part[] = [
    // What is measured reads; what is filled need not outlive a crash.
    postgresPart({ place: home, port: ports.postgres, password: secrets.databasePassword, volatile: true }),
    redisPart({ place: home, port: ports.redis, password: secrets.redisPassword, volatile: true }),
    sandboxPart({
      place: home,
      env: { NODE_ENV: 'production', ...sandboxEnvironment(ports, 'memory', tls) },
      ports: [ports.sandboxHttp, ports.sandboxEntra, ports.sandboxGraph, ports.sandboxTelemessage],
    }),
  ];
  const stop = async (): Promise<void> => {
    for (const part of parts.toReversed()) await part.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await buildPortal(BUILD);
    await Promise.all(parts.map((part) => part.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  let count = 0;
  return {
    stop,
    async open(name, plan) {
      count += 1;
      await ensureDatabase(ports.postgres, secrets.databasePassword, name);
      const database = postgresUrl(ports.postgres, secrets.databasePassword, name);
      await migrate(database);
      const filled = await fillLedger(database, plan);
      const port = await freePort();
      const base = `http://localhost:${port}`;
      const addresses = {
        database,
        redis: redisUrl(ports.redis, secrets.redisPassword, count),
        blob: azuriteConnectionString(ports.blob),
        portal: base,
        workerHealthPort: 0,
        sandbox: sandboxAddresses(ports, tls),
      };
      const env = {
        ...productEnvironment(addresses, secrets),
        NEXT_DIST_DIR: BUILD,
        NEXT_TELEMETRY_DISABLED: '1',
        LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
      };
      const part = portalPart({ place: place(join(folder, name)), env, port });
      parts.push(part);
      await part.start();
      const cookie = await sessionCookie(database, secrets.nextAuthSecret);
      return { base, cookie, person: PERSON, connector: filled.large, filled, database };
    },
  };
}

/** A session of an administrator and the cookie that next-auth would have set for it. */
async function sessionCookie(database: string, secret: string): Promise<string> {
  const sessionId = randomUUID();
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    // Checked in the future: nobody is asked who this is while pages are measured.
    await client.query(
      `INSERT INTO portal_session (id, organization_id, user_id, name, address, roles, signed_in_at, checked_at, last_used_at)
       VALUES ($1, $2, $3, 'Bench', 'bench@alderbyrne.example', $4, now(), now() + interval '8 hours', now())`,
      [sessionId, ORGANIZATION, PERSON, ['DataConnectors.Admin', 'DataConnectors.Auditor']],
    );
  } finally {
    await client.end();
  }
  return `next-auth.session-token=${await encode({ secret, token: { sessionId } })}`;
}
