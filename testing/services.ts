/**
 * What an integration test asks for by name: a database, a Redis, a blob store of its own. The servers run once for all
 * of them (global-setup.ts); nothing that one test file writes is seen by another.
 */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { inject } from 'vitest';
import { TEST_DATABASES } from '../scripts/services/redis.ts';
import './global-setup.ts';

/**
 * Connection string of a new database with the schema and no rows. `schema: 'none'` gives one without any table, `copyOf` one
 * with all that another has, whose connections are cut for it.
 */
export async function testDatabase(
  options: { readonly schema?: 'migrated' | 'none'; readonly copyOf?: string } = {},
): Promise<string> {
  const { postgres, template } = inject('services');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    const copied = options.copyOf === undefined ? null : new URL(options.copyOf).pathname.slice(1);
    if (copied)
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [copied]);
    const source = copied ?? (options.schema === 'none' ? 'template0' : template);
    await client.query(`create database ${name} template ${source}`);
  } finally {
    await client.end();
  }
  const url = new URL(postgres);
  url.pathname = `/${name}`;
  return url.href;
}

/** URL of an empty Redis database that nobody else has. */
export async function testRedisUrl(): Promise<string> {
  const { redis } = inject('services');
  const client = new Redis(redis, { lazyConnect: true });
  try {
    await client.connect();
    // Database 0 keeps the counter; a run has fewer test files than databases.
    const database = 1 + ((await client.incr('databases')) % (TEST_DATABASES - 1));
    await client.select(database);
    await client.flushdb();
    const url = new URL(redis);
    url.pathname = `/${database}`;
    return url.href;
  } finally {
    client.disconnect();
  }
}

/** An Azure Blob Storage account, and the name of a container that nobody else uses. The container does not exist yet. */
export function testBlobConnection(): { readonly connectionString: string; readonly container: string } {
  return { connectionString: inject('services').blob, container: `test-${randomUUID()}` };
}
