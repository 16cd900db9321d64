/** The limits of this process, from its environment. */
import { env } from '../env.ts';
import { log } from '../log.ts';
import { hastyConnection } from '../queue/connection.ts';
import { createLimits, type Limits } from './limits.ts';

const holder = globalThis as typeof globalThis & {
  portalLimits?: { readonly limits: Limits; readonly close: () => void };
};

/** One a process: Next gives every bundle modules of its own, and what is counted while Redis is away must be one count. */
export function limits(): Limits {
  holder.portalLimits ??= openLimits();
  return holder.portalLimits.limits;
}

/** Lets the process end: an open connection to Redis keeps it. */
export function closeLimits(): void {
  holder.portalLimits?.close();
  holder.portalLimits = undefined;
}

function openLimits() {
  const redis = hastyConnection(env().REDIS_URL);
  return { limits: createLimits(redis, env().REDIS_PREFIX, log()), close: () => redis.disconnect() };
}
