/** Redis from the system: no npm package ships a server. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { debianProgram } from './debian.ts';
import { type Part, processPart } from './part.ts';
import type { Place } from './place.ts';

export interface RedisPlan {
  readonly place: Place;
  readonly port: number;
  readonly password: string;
  /** for tests: nothing on disk, and enough databases for one per test file */
  readonly volatile?: boolean;
  /** where the program is unpacked if the system has none; default: in the place */
  readonly tools?: string;
}

/** Number of logical databases of a volatile server. */
export const TEST_DATABASES = 1024;

export function redisUrl(port: number, password: string, database = 0): string {
  return `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * A server on 127.0.0.1 with its append-only file in the place. Installs `redis-server` where it may.
 * @throws PartError with what to do where it may not
 */
export function redisPart(plan: RedisPlan): Part {
  const data = plan.place.data('redis');
  const program = debianProgram('redis-server', plan.tools ?? plan.place.data('tools'));
  const configuration = join(data, 'redis.conf');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const lines = [
    'bind 127.0.0.1',
    `port ${plan.port}`,
    `requirepass "${plan.password}"`,
    `dir "${data}"`,
    // BullMQ keeps jobs there: nothing may be thrown out when memory is short.
    'maxmemory-policy noeviction',
    ...(plan.volatile
      ? ['save ""', 'appendonly no', `databases ${TEST_DATABASES}`]
      : ['save ""', 'appendonly yes', 'appendfsync everysec', 'aof-load-truncated yes']),
  ];
  // In a file and not among the arguments, which every user of the machine can read.
  writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
  return processPart({
    name: 'Redis',
    command: program.command,
    args: [configuration],
    env: program.env,
    logFile: plan.place.log('redis'),
    runFile: plan.place.run('redis'),
    ready: () => answersPing(redisUrl(plan.port, plan.password)),
  });
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
