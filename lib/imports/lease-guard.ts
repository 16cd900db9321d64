/**
 * Holds a shard's lease while work goes on, and says until when a request may live. Time is monotonic and taken before
 * the database was asked, so what this process believes ends before what the database grants, also after a long pause.
 */
import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import { acquireShard, releaseShard, renewShard, type ShardLease } from './store/leases.ts';

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
  let validUntil = asked + seconds * 1000;
  let lost = false;
  const renew = async (): Promise<void> => {
    const before = performance.now();
    // A database that cannot be reached now may be there at the next renewal; until then the old end stands.
    const renewed = await renewShard(pool, lease, seconds).catch(() => null);
    if (renewed === false) lost = true;
    if (renewed === true) validUntil = before + seconds * 1000;
  };
  const timer = setInterval(() => void renew(), (seconds * 1000) / 4);
  timer.unref();
  return {
    lease,
    remainingMs: () => (lost ? 0 : validUntil - performance.now()),
    release: async () => {
      clearInterval(timer);
      await releaseShard(pool, lease);
    },
  };
}
