/** The limits of this process, from its environment. */
import { env } from '../env.ts';
import { log } from '../log.ts';
import { hastyConnection } from '../queue/connection.ts';
import { createLimits, type Limits } from './limits.ts';

const holder = globalThis as typeof globalThis & { portalLimits?: Limits };

/** One a process: Next gives every bundle modules of its own, and what is counted while Redis is away must be one count. */
export function limits(): Limits {
  holder.portalLimits ??= createLimits(hastyConnection(env().REDIS_URL), env().REDIS_PREFIX, log());
  return holder.portalLimits;
}
