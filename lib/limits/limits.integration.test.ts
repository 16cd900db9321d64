/** Limits on a real Redis, and where it is away. */
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testRedisUrl } from '#testing/services.ts';
import { hastyConnection } from '../queue/connection.ts';
import { createLimits, LIMITS, type Limits } from './limits.ts';

const log = pino({ level: 'silent' });
const NOBODY_LISTENS = 'redis://127.0.0.1:1';

let url: string;
let admin: Redis;
const connections: Redis[] = [];
beforeAll(async () => {
  url = await testRedisUrl();
  admin = new Redis(url);
});
beforeEach(() => admin.flushdb());
afterAll(() => {
  for (const connection of [admin, ...connections]) connection.disconnect();
});

/** As a process has them. */
function ofProcess(at = url): Limits {
  const connection = hastyConnection(at);
  connections.push(connection);
  return createLimits(connection, 'test', log);
}

async function takenOf(limits: readonly Limits[], name: keyof typeof LIMITS, times: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: times }, (_, i) => limits[i % limits.length]?.take(name, 'one')));
  return all.filter((taken) => taken?.allowed).length;
}

it.each(Object.keys(LIMITS) as (keyof typeof LIMITS)[])(
  '%s: so many for all processes together, and then the time to wait',
  async (name) => {
    const { limit, seconds } = LIMITS[name];
    const [first, second] = [ofProcess(), ofProcess()];
    expect(await takenOf([first, second], name, limit + 5)).toBe(limit);
    const refused = await second.take(name, 'one');
    if (refused.allowed) throw new RangeError('one too many');
    expect([refused.retryAfterSeconds > 0, refused.retryAfterSeconds <= seconds]).toEqual([true, true]);
    expect(await second.take(name, 'another')).toEqual({ allowed: true });
  },
);

it('what is given back can be taken again, and what is forgotten begins anew', async () => {
  const limits = ofProcess();
  await takenOf([limits], 'refused-login', 3);
  await limits.giveBack('refused-login', 'one');
  expect(await takenOf([limits], 'refused-login', 2)).toBe(1);
  await limits.forget('refused-login', 'one');
  expect(await takenOf([limits], 'refused-login', 4)).toBe(3);
});

it('nothing that is counted can be read in Redis, and all of it goes by itself', async () => {
  await ofProcess().take('refused-login', 'an-organization', 'admin@example.com');
  const keys = await admin.keys('*');
  expect(keys).toEqual([expect.stringMatching(/^test\.limit\.refused-login:[\w-]{43}$/)]);
  expect(await admin.ttl(keys[0] ?? '')).toBeGreaterThan(0);
});

it('while Redis is away a process counts for itself, but for what must hold', async () => {
  const limits = ofProcess(NOBODY_LISTENS);
  expect(await takenOf([limits], 'validation', 13)).toBe(10);
  expect(await limits.take('refused-login', 'one')).toEqual({ allowed: false, retryAfterSeconds: 60 });
  await expect(limits.giveBack('refused-login', 'one')).resolves.toBeUndefined();
});
