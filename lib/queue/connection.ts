/**
 * Connections to Redis. The portal's fail fast, so that a click is answered; the worker's wait, so that a restart of
 * Redis costs nothing.
 */
import { Redis } from 'ioredis';

/** For producers: a command that cannot be sent fails at once instead of hanging a page. */
export function producerConnection(url: string): Redis {
  return watched(new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, lazyConnect: true }));
}

/** For workers and subscribers: waits and reconnects for ever (BullMQ demands `maxRetriesPerRequest: null`). */
export function workerConnection(url: string): Redis {
  return watched(new Redis(url, { maxRetriesPerRequest: null }));
}

// Without a listener ioredis prints every lost connection; the commands themselves report the failure.
function watched(redis: Redis): Redis {
  redis.on('error', () => {});
  return redis;
}
