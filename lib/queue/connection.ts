/**
 * Connections to Redis. They wait and reconnect for ever, so that a restart of Redis costs nothing; who must answer a
 * click does not wait for them (`enqueue` in producer.ts gives up after seconds).
 */
import { Redis } from 'ioredis';

/** BullMQ demands `maxRetriesPerRequest: null` of its workers. */
export function redisConnection(url: string): Redis {
  return watched(new Redis(url, { maxRetriesPerRequest: null }));
}

/** For what a request waits for: a command that is not answered within a second fails, and so does one while Redis is away. */
export function hastyConnection(url: string): Redis {
  return watched(new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 1_000 }));
}

// Without a listener ioredis prints every lost connection; the commands themselves report the failure.
function watched(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}
