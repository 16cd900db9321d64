/** The live view of this process: the hub wired to its database and its Redis. One hub, one subscription. */
import { database } from '../db.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import { redisConnection } from '../queue/connection.ts';
import { subscribeChanges } from '../queue/events.ts';
import { type LiveHub, liveHub } from './live.ts';
import { rowsOfOrganization } from './overview.ts';

// Next's development server evaluates modules anew at every change: keep one subscription for the process.
const holder = globalThis as typeof globalThis & { portalLiveHub?: LiveHub; portalClosing?: AbortSignal };

/** The hub of this process. */
export function processLiveHub(): LiveHub {
  holder.portalLiveHub ??= liveHub({
    read: (organizationId, connectorIds) =>
      rowsOfOrganization(database().pool, organizationId, connectorIds, new Date()),
    subscribe(listener, again) {
      const redis = redisConnection(env().REDIS_URL);
      // Commands are answered in order: once the ping is, the subscription stands, and what came before it is read anew.
      redis.on('ready', () => void redis.ping().then(again, () => {}));
      subscribeChanges(redis, env().REDIS_PREFIX, listener).catch((error: unknown) => {
        log().error({ err: error }, 'the live view cannot subscribe to changes');
      });
    },
    now: () => new Date(),
    setTimer: (work, ms) => void setTimeout(work, ms),
    onError: (error) => log().error({ err: error }, 'the live view could not be read'),
  });
  return holder.portalLiveHub;
}

/**
 * Aborts when this process is asked to end. A server that closes waits for its open answers, and a stream is one that
 * would never end by itself.
 */
export function processClosing(): AbortSignal {
  if (holder.portalClosing === undefined) {
    const closing = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => closing.abort());
    holder.portalClosing = closing.signal;
  }
  return holder.portalClosing;
}
