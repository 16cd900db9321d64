/**
 * Holds a lease while work goes on, and says until when a request may live. Time is monotonic and taken before the
 * database was asked, so what this process believes ends before what the database grants, also after a long pause.
 */
import type { Clock } from './clock.ts';
import type { ImportDeps } from './deps.ts';
import type { AcquiredShard } from './store/leases.ts';

/** A lease that is renewed by itself until it is let go. */
export interface Renewal {
  /** milliseconds that work begun now may take; 0 or less: it is lost */
  remainingMs(): number;
  stop(): void;
}

/**
 * Renews a lease at a quarter of its time.
 *
 * @param asked `clock.monotonic()` before the lease was asked for
 * @param renew false: somebody else has it
 */
export function keepRenewing(clock: Clock, seconds: number, asked: number, renew: () => Promise<boolean>): Renewal {
  let validUntil = asked + seconds * 1000;
  let lost = false;
  const once = async (): Promise<void> => {
    const before = clock.monotonic();
    // A database that cannot be reached now may be there at the next renewal; until then the old end stands.
    const renewed = await renew().catch(() => null);
    if (renewed === false) lost = true;
    if (renewed === true) validUntil = before + seconds * 1000;
  };
  const stop = clock.every((seconds * 1000) / 4, () => void once());
  return { remainingMs: () => (lost ? 0 : validUntil - clock.monotonic()), stop };
}

export interface HeldLease {
  readonly lease: AcquiredShard;
  /** milliseconds that a request begun now may take; 0 or less: send nothing */
  remainingMs(): number;
  release(): Promise<void>;
}

/** Takes and holds a shard. Null where somebody else has it. */
export async function holdShard(
  { ledger, clock, owner, settings }: ImportDeps,
  organizationId: string,
  shard: number,
): Promise<HeldLease | null> {
  const seconds = settings.shardLeaseSeconds;
  const asked = clock.monotonic();
  const lease = await ledger.acquireShard(organizationId, shard, owner, seconds);
  if (!lease) return null;
  const renewal = keepRenewing(clock, seconds, asked, () => ledger.renewShard(lease, seconds));
  return {
    lease,
    remainingMs: renewal.remainingMs,
    release: async () => {
      renewal.stop();
      await ledger.releaseShard(lease);
    },
  };
}
