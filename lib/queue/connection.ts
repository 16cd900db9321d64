/**
 * Connections to Redis. They wait and reconnect for ever, so that a restart of Redis costs nothing; who must answer a
 * click does not wait for them (`enqueue` in producer.ts gives up after seconds).
 */
import { Redis } from 'ioredis';

/** BullMQ demands `maxRetriesPerRequest: null` of its workers. */
export function redisConnection(url: string): Redis {
  return watched(new Redis(url, { maxRetriesPerRequest: null }));
}

// Without a listener ioredis prints every lost connection; the commands themselves report the failure.
function watched(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}
