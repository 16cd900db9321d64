/** Redis or Valkey as the queue needs it: nothing evicted, and kept over a restart. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { codeOf, type Examination, type Finding } from './finding.ts';

const OLDEST = 7;
const PATIENCE_MS = 10_000;

/**
 * @param url a secret: REDIS_URL
 * @param prefix of the keys, under which one is written and deleted again
 */
export async function* examineRedis(url: string, prefix: string): Examination {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const info = parseInfo(await redis.info());
    yield versionOf(info);
    yield evictionOf(info);
    yield persistenceOf(info);
    yield await writingOf(redis, `${prefix}:doctor:${randomUUID()}`);
  } catch (error) {
    yield {
      about: 'Redis',
      result: 'wrong',
      found: `No answer (${codeOf(error)}).`,
      toDo: 'Check REDIS_URL: host, port, login, password, rediss:// where it speaks TLS, and that INFO, SET, GET and DEL are allowed.',
    };
  } finally {
    redis.disconnect();
  }
}

type Info = ReadonlyMap<string, string>;

/** `name:value` a line, sections by comments. */
function parseInfo(text: string): Info {
  const pairs = text.split('\n').map((line) => /^(\w+):(.*?)\s*$/.exec(line));
  return new Map(pairs.flatMap((pair) => (pair?.[1] === undefined ? [] : [[pair[1], pair[2] ?? '']])));
}

function versionOf(info: Info): Finding {
  const about = 'Redis, version';
  const valkey = info.get('valkey_version');
  const version = info.get('redis_version') ?? 'unknown';
  const found = valkey === undefined ? `Redis ${version}.` : `Valkey ${valkey}.`;
  if (Number.parseInt(version, 10) >= OLDEST) return { about, result: 'well', found };
  return { about, result: 'wrong', found, toDo: `Use Redis ${OLDEST} or newer, or Valkey.` };
}

function evictionOf(info: Info): Finding {
  const about = 'Redis, what happens when its memory is full';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return { about, result: 'well', found: 'It refuses what is new (noeviction).' };
  const toDo = 'Set maxmemory-policy to noeviction: a queue that forgets jobs is late by minutes.';
  return { about, result: 'wrong', found: `It forgets what is old (${policy}).`, toDo };
}

function persistenceOf(info: Info): Finding {
  const about = 'Redis, kept over a restart';
  if (info.get('aof_enabled') === '1') return { about, result: 'well', found: 'Yes, by its append-only file.' };
  return {
    about,
    result: 'beware',
    found: 'Without an append-only file.',
    toDo: 'Set appendonly to yes. Without it no message is lost: what was queued is asked for again within minutes, and limits on sign-ins begin anew.',
  };
}

async function writingOf(redis: Redis, key: string): Promise<Finding> {
  await redis.set(key, 'written', 'EX', 60);
  const read = await redis.get(key);
  await redis.del(key);
  const about = 'Redis, write, read, delete';
  if (read === 'written') return { about, result: 'well', found: 'Done.' };
  return {
    about,
    result: 'wrong',
    found: 'What was written was not read.',
    toDo: 'Is it a replica, or a cache in front of one?',
  };
}
