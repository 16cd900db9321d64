/**
 * PostgreSQL, Redis and Azurite of a chaos run: its own, with what they keep on disk, because they are killed and must
 * come back with it.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { migrate } from '../migrations/migrate.ts';
import { azuriteConnectionString, azuritePart } from '../services/azurite.ts';
import type { Part } from '../services/part.ts';
import { place } from '../services/place.ts';
import { freePorts } from '../services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../services/postgres.ts';
import { redisPart, redisUrl } from '../services/redis.ts';

const TEMPLATE = 'template_chaos';

export interface Services {
  readonly folder: string;
  readonly ports: { readonly postgres: number; readonly redis: number; readonly blob: number };
  /** Ends a service by this signal and starts it again on what it had on disk, at once or after so long. */
  crash(service: 'postgres' | 'redis', signal: NodeJS.Signals, awayMs?: number): Promise<void>;
  /** Stops a service with all its processes for so long (SIGSTOP), and lets it go on. */
  pause(service: 'postgres' | 'redis', ms: number): Promise<void>;
  /** Connection string of a new database with the schema; `port` is where to connect. */
  newDatabase(name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  databaseUrl(name: string, port?: number): string;
  redisUrl(port?: number): string;
  blobConnection(port?: number): string;
  /** empties Redis, as `FLUSHALL` does */
  emptyRedis(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param folder of this run, absolute
 * @param tools where Redis is unpacked if the system has none, absolute; what another run left there is used
 */
export async function startServices(folder: string, tools: string): Promise<Services> {
  mkdirSync(folder, { recursive: true });
  const ports = await freePorts();
  const password = randomBytes(16).toString('hex');
  const home = place(folder);
  const parts = {
    postgres: postgresPart({ place: home, port: ports.postgres, password }),
    redis: redisPart({ place: home, port: ports.redis, password, tools }),
    blob: azuritePart({ place: home, port: ports.blob }),
  };
  const all = Object.values(parts);
  const stop = async (): Promise<void> => {
    await Promise.all(all.map((part) => part.stop()));
  };
  const databaseUrl = (name: string, port = ports.postgres): string => postgresUrl(port, password, name);

  async function asAdministrator(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl('postgres') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }

  try {
    await Promise.all(all.map((part) => part.start()));
    await ensureDatabase(ports.postgres, password, TEMPLATE);
    await migrate(databaseUrl(TEMPLATE));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder,
    ports,
    crash: (service, signal, awayMs = 0) => crash(parts[service], signal, awayMs),
    pause: (service, ms) => pause(parts[service], ms),
    newDatabase: (name) => asAdministrator(`create database ${name} template ${TEMPLATE}`),
    dropDatabase: (name) => asAdministrator(`drop database if exists ${name} with (force)`),
    databaseUrl,
    redisUrl: (port = ports.redis) => redisUrl(port, password),
    blobConnection: (port = ports.blob) => azuriteConnectionString(port),
    emptyRedis: async () => {
      const client = new Redis(redisUrl(ports.redis, password), { lazyConnect: true });
      try {
        await client.connect();
        await client.flushall();
      } finally {
        client.disconnect();
      }
    },
    stop,
  };
}

/** PostgreSQL has a process for each connection, in a session of its own. */
function processesOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').map(Number))];
}

async function pause(part: Part, ms: number): Promise<void> {
  const pid = part.pid();
  if (pid === undefined) throw new Error(`${part.name} does not run`);
  const stopped = processesOf(pid);
  const tell = (signal: NodeJS.Signals): void => {
    for (const one of stopped) {
      try {
        process.kill(one, signal);
      } catch {
        // It ended meanwhile, or was killed while it stood still.
      }
    }
  };
  tell('SIGSTOP');
  await sleep(ms);
  tell('SIGCONT');
}

/** What a killed PostgreSQL leaves behind ends within moments, and until then the next one does not start. */
const START_ATTEMPTS = 20;

async function crash(part: Part, signal: NodeJS.Signals, awayMs: number): Promise<void> {
  const pid = part.pid();
  if (pid === undefined) throw new Error(`${part.name} does not run`);
  process.kill(pid, signal);
  while (part.pid() === pid) await sleep(10);
  await sleep(awayMs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await part.start();
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await sleep(250);
    }
  }
}
