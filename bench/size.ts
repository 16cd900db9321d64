/**
 * What an item leaves behind, and what it needs on its way: bytes in PostgreSQL, in staging and in Redis, of an import by a
 * worker as an operator starts it. `npm run bench:size`, `-- --items=20000` for fewer. `docs/scale.md` builds on it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { openProducer } from '#lib/queue/producer.ts';
import { containerClient } from '#lib/staging/connect.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { runEngine } from './import/engine-run.ts';
import { type Cloud, startSite } from './import/site.ts';

const { values: given } = parseArgs({ options: { items: { type: 'string', default: '60000' } } });
const items = Number(given.items);
const PEOPLE = 100;
const JOBS = 10_000;

const redisOf = (cloud: Cloud): Redis => new Redis(cloud.env.REDIS_URL ?? '');

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0);
}

/** Bytes by table, all partitions of one together, of the table itself (with what is stored beside it) and of its indexes. */
async function sizes(cloud: Cloud): Promise<Map<string, { readonly table: number; readonly indexes: number }>> {
  const { rows } = await cloud.pool.query<{ name: string; own: number; indexes: number }>(
    `SELECT coalesce(parent.relname, part.relname) AS name, sum(pg_table_size(part.oid))::float8 AS own,
            sum(pg_indexes_size(part.oid))::float8 AS indexes
     FROM pg_class part LEFT JOIN pg_inherits i ON i.inhrelid = part.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
     WHERE part.relkind = 'r' AND part.relnamespace = 'public'::regnamespace GROUP BY 1`,
  );
  return new Map(rows.map(({ name, own, indexes }) => [name, { table: own, indexes }]));
}

/** The most that staging ever held, bytes. */
async function mostStaged(cloud: Cloud, done: AbortSignal): Promise<number> {
  const container = containerClient({
    connectionString: cloud.env.AZURE_STORAGE_CONNECTION_STRING ?? '',
    container: cloud.env.STAGING_CONTAINER ?? '',
  });
  let most = 0;
  while (!done.aborted) {
    let now = 0;
    if (await container.exists()) {
      for await (const { properties } of container.listBlobsFlat()) now += properties.contentLength ?? 0;
    }
    most = Math.max(most, now);
    await sleep(500);
  }
  return most;
}

async function mostMemory(redis: Redis, done: AbortSignal): Promise<number> {
  let most = 0;
  while (!done.aborted) {
    most = Math.max(most, await usedMemory(redis));
    await sleep(100);
  }
  return most;
}

/** Bytes of Redis for a job that waits. Jobs of so many shards as there never are, so that none is another's. */
async function jobBytes(cloud: Cloud, redis: Redis): Promise<number> {
  const producer = openProducer(new Redis(cloud.env.REDIS_URL ?? '', { maxRetriesPerRequest: null }), 'size');
  const before = await usedMemory(redis);
  for (let shard = 0; shard < JOBS; shard += 1) {
    await producer.enqueue('deliver', { organizationId: alderByrne.id, shard }, { key: `${alderByrne.id}.${shard}` });
  }
  const after = await usedMemory(redis);
  await producer.close();
  return (after - before) / JOBS;
}

function printSizes(
  title: string,
  before: Awaited<ReturnType<typeof sizes>>,
  after: Awaited<ReturnType<typeof sizes>>,
): void {
  const rows: Record<string, { readonly table: string; readonly indexes: string }> = {};
  const sum = { table: 0, indexes: 0 };
  for (const [name, now] of [...after].sort(([, a], [, b]) => b.table + b.indexes - a.table - a.indexes)) {
    const then = before.get(name) ?? { table: 0, indexes: 0 };
    const [table, indexes] = [(now.table - then.table) / items, (now.indexes - then.indexes) / items];
    sum.table += table;
    sum.indexes += indexes;
    if (table + indexes >= 1) rows[name] = { table: table.toFixed(0), indexes: indexes.toFixed(0) };
  }
  rows.all = { table: sum.table.toFixed(0), indexes: sum.indexes.toFixed(0) };
  console.log(`\n${title}`);
  console.table(rows);
}

const site = await startSite();
try {
  const cloud = await site.open({ items, people: PEOPLE, latencyMs: 0 });
  const redis = redisOf(cloud);
  const empty = await sizes(cloud);
  const idle = await usedMemory(redis);
  const done = new AbortController();
  const staged = mostStaged(cloud, done.signal);
  const memory = mostMemory(redis, done.signal);
  const run = await runEngine(site, cloud);
  done.abort();
  console.log(`${new Date().toISOString()}, ${items} items, each owed to one of ${PEOPLE} mailboxes`);
  console.log(`staging at its most: ${((await staged) / items).toFixed(0)} bytes an item`);
  console.log(`WAL: ${run.walBytes.toFixed(0)} bytes an item`);
  const peak = ((await memory) - idle) / 1e6;
  console.log(`Redis: ${(idle / 1e6).toFixed(1)} MB when empty, at most ${peak.toFixed(1)} MB more under the import`);
  console.log(`Redis: ${(await jobBytes(cloud, redis)).toFixed(0)} bytes for a job that waits`);
  await cloud.pool.query('VACUUM');
  printSizes('PostgreSQL, bytes an item and its copy, as the import leaves it', empty, await sizes(cloud));
  await cloud.pool.query('VACUUM FULL');
  printSizes('The same without a gap (VACUUM FULL)', empty, await sizes(cloud));
  redis.disconnect();
  await cloud.close();
} finally {
  await site.stop();
}
