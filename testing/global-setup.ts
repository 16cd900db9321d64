/**
 * Starts PostgreSQL, Redis and Azurite once for all integration tests of a run, on free ports, with nothing kept, and
 * migrates the database that every test file gets a copy of.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { generate } from '../scripts/generate.ts';
import { migrate } from '../scripts/migrations/migrate.ts';
import { grantRights } from '../scripts/migrations/rights.ts';
import { azuriteConnectionString, azuritePart } from '../scripts/services/azurite.ts';
import { PROJECT, place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../scripts/services/postgres.ts';
import { redisPart, redisUrl } from '../scripts/services/redis.ts';
import { EXPAND } from './expanded-schema.ts';

/** What the tests learn of the services. */
export interface TestServices {
  /** connection string of the server's own database, where other databases are created */
  readonly postgres: string;
  /** name of the migrated database to copy */
  readonly template: string;
  /** database 0, which counts the databases that are given out */
  readonly redis: string;
  readonly blob: string;
  /** folder of this run, removed at its end */
  readonly folder: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    services: TestServices;
  }
}

const TEMPLATE = 'template_portal';

async function expand(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(EXPAND);
  await client.end();
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  generate();
  const ports = await freePorts();
  const password = randomBytes(16).toString('hex');
  const folder = join(PROJECT, '.test', `integration-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const home = place(folder);
  const parts = [
    postgresPart({ place: home, port: ports.postgres, password, volatile: true }),
    redisPart({ place: home, port: ports.redis, password, volatile: true }),
    azuritePart({ place: home, port: ports.blob, volatile: true }),
  ];

  async function tearDown(): Promise<void> {
    await Promise.all(parts.map((part) => part.stop()));
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await Promise.all(parts.map((part) => part.start()));
    await ensureDatabase(ports.postgres, password, TEMPLATE);
    await migrate(postgresUrl(ports.postgres, password, TEMPLATE));
    await grantRights(postgresUrl(ports.postgres, password, TEMPLATE));
    if (process.env.TEST_SCHEMA === 'expanded') await expand(postgresUrl(ports.postgres, password, TEMPLATE));
  } catch (error) {
    await tearDown();
    throw error;
  }
  project.provide('services', {
    postgres: postgresUrl(ports.postgres, password, 'postgres'),
    template: TEMPLATE,
    redis: redisUrl(ports.redis, password),
    blob: azuriteConnectionString(ports.blob),
    folder,
  });
  return tearDown;
}
