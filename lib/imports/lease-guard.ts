/**
 * Holds a lease while work goes on, and says until when a request may live. Time is monotonic and taken before the
 * database was asked, so what this process believes ends before what the database grants, also after a long pause.
 */
import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import { acquireShard, releaseShard, renewShard, type ShardLease } from './store/leases.ts';

/** A lease that is renewed by itself until it is let go. */
export interface Renewal {
  /** milliseconds that work begun now may take; 0 or less: it is lost */
  remainingMs(): number;
  stop(): void;
}

/**
 * Renews a lease at a quarter of its time.
 *
 * @param asked `performance.now()` before the lease was asked for
 * @param renew false: somebody else has it
 */
export function keepRenewing(seconds: number, asked: number, renew: () => Promise<boolean>): Renewal {
  let validUntil = asked + seconds * 1000;
  let lost = false;
  const once = async (): Promise<void> => {
    const before = performance.now();
    // A database that cannot be reached now may be there at the next renewal; until then the old end stands.
    const renewed = await renew().catch(() => null);
    if (renewed === false) lost = true;
    if (renewed === true) validUntil = before + seconds * 1000;
  };
  const timer = setInterval(() => void once(), (seconds * 1000) / 4);
  timer.unref();
  return { remainingMs: () => (lost ? 0 : validUntil - performance.now()), stop: () => clearInterval(timer) };
}

export interface HeldLease {
  readonly lease: ShardLease;
  /** milliseconds that a request begun now may take; 0 or less: send nothing */
  remainingMs(): number;
  release(): Promise<void>;
}

/** Takes and holds a shard. Null where somebody else has it. */
export async function holdShard(
  pool: pg.Pool,
  organizationId: string,
  shard: number,
  owner: string,
  seconds: number,
): Promise<HeldLease | null> {
  const asked = performance.now();
  const lease = await acquireShard(pool, organizationId, shard, owner, seconds);
  if (!lease) return null;
  const renewal = keepRenewing(seconds, asked, () => renewShard(pool, lease, seconds));
  return {
    lease,
    remainingMs: renewal.remainingMs,
    release: async () => {
      renewal.stop();
      await releaseShard(pool, lease);
    },
  };
}
