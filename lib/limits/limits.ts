/**
 * How often something may be asked for. Counted in Redis, so that a limit is one for all processes together, in windows of
 * time that begin with the first request (`rate-limiter-flexible`). What is counted lies there as a hash, for as long as
 * its window lasts.
 *
 * While Redis is away each process counts for itself: whoever spreads requests over several portals is then let in so
 * many times as often. Where one attempt too many does harm, nobody is let in until Redis is back.
 */
import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

export interface LimitSettings {
  readonly limit: number;
  readonly seconds: number;
  readonly whileRedisIsAway: 'count here' | 'refuse';
}

const MINUTES = 60;

/** Each with what it is counted by. `docs/security.md` has the same table, which a test holds against this one. */
export const LIMITS = {
  /** which organization a work e-mail signs in to, by the caller's address */
  'organization-of-address': { limit: 30, seconds: MINUTES, whileRedisIsAway: 'count here' },
  /** a sign-in that is begun, or a sign-out, by the caller's address */
  'sign-in': { limit: 30, seconds: MINUTES, whileRedisIsAway: 'count here' },
  /** answers of Entra ID to a sign-in, by the caller's address */
  'sign-in-answer': { limit: 30, seconds: MINUTES, whileRedisIsAway: 'count here' },
  /** sign-ins and their answers, by the browser: one that goes round in a circle is stopped before its whole network is */
  'sign-in-of-browser': { limit: 30, seconds: 5 * MINUTES, whileRedisIsAway: 'count here' },
  /** answers of the consent page, by the caller's address */
  'consent-answer': { limit: 30, seconds: MINUTES, whileRedisIsAway: 'count here' },
  /** links for admin consent, by organization and person */
  'consent-request': { limit: 20, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** messages that prove chosen mailboxes, by organization and person */
  'mailbox-trial': { limit: 20, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /**
   * usernames or passwords that TeleMessage refused, by organization and username. It locks an account at the fifth;
   * two are left for whoever signs in there by other means
   */
  'refused-login': { limit: 3, seconds: 15 * MINUTES, whileRedisIsAway: 'refuse' },
  /** *Validate connection*, by organization and connector */
  validation: { limit: 10, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** mapping files that are read, by organization and person */
  'upload-of-person': { limit: 30, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** mapping files that are read, by organization */
  'upload-of-organization': { limit: 90, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** calls of the mapping API, by organization and program */
  'mapping-api': { limit: 20, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** calls for entries of the audit log, by organization and program */
  'audit-collect': { limit: 600, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
  /** a refusal is noted in the audit log once in this time, by person and permission: links of a page are asked for, too */
  'refusal-noted': { limit: 1, seconds: 10 * MINUTES, whileRedisIsAway: 'count here' },
} as const satisfies Record<string, LimitSettings>;

export type LimitName = keyof typeof LIMITS;

export type Taken = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterSeconds: number };

/** As use-cases and routes tell a page. */
export interface TooManyRequests {
  readonly kind: 'too_many';
  readonly retryAfterSeconds: number;
}

export interface Limits {
  /** Counts one. @param by what it is counted by, from the whole to the part */
  take(name: LimitName, ...by: readonly string[]): Promise<Taken>;
  /** Takes one back: what was counted turned out to be none. Never throws. */
  giveBack(name: LimitName, ...by: readonly string[]): Promise<void>;
  /** Begins anew. Never throws. */
  forget(name: LimitName, ...by: readonly string[]): Promise<void>;
}

/** Where a process does not know when Redis is back. */
const AWAY_SECONDS = 60;

/** @param redis a connection that gives up soon (`hastyConnection`) */
export function createLimits(redis: Redis, prefix: string, log: Pick<Logger, 'warn'>): Limits {
  const limiters = new Map<LimitName, RateLimiterRedis>();
  const limiterOf = (name: LimitName): RateLimiterRedis => {
    const known = limiters.get(name);
    if (known !== undefined) return known;
    const { limit: points, seconds: duration, whileRedisIsAway } = LIMITS[name];
    const made = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${prefix}.limit.${name}`,
      points,
      duration,
      ...(whileRedisIsAway === 'refuse' ? {} : { insuranceLimiter: new RateLimiterMemory({ points, duration }) }),
    });
    limiters.set(name, made);
    return made;
  };

  return {
    async take(name, ...by) {
      try {
        await limiterOf(name).consume(keyOf(by));
        return { allowed: true };
      } catch (error) {
        if (error instanceof RateLimiterRes) {
          return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(error.msBeforeNext / 1000)) };
        }
        log.warn({ limit: name }, 'Redis is away: nobody is let in by a limit that must hold');
        return { allowed: false, retryAfterSeconds: AWAY_SECONDS };
      }
    },
    async giveBack(name, ...by) {
      await limiterOf(name)
        .reward(keyOf(by))
        .catch(() => {});
    },
    async forget(name, ...by) {
      await limiterOf(name)
        .delete(keyOf(by))
        .catch(() => {});
    },
  };
}

/** Addresses and usernames are nobody's business who reads Redis. */
function keyOf(by: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(by)).digest('base64url');
}
