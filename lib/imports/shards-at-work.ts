/**
 * The shards that are at work in this process. Copies that it collects for them need not be read back from the ledger and
 * from staging: a page is written with them as claimed already by the run of their shard (`sending`, the epoch of its
 * lease, a deadline), and once that is committed they are handed over in memory. Should this process die, they are copies in
 * doubt like others.
 */
import type { Clock } from './clock.ts';
import { type HandedCopy, type HandedPage, Intake, type Room } from './delivery/intake.ts';
import { shardOf } from './shards.ts';
import type { ShardLease } from './store/leases.ts';

export class ShardsAtWork {
  readonly #intakes = new Map<string, Intake>();

  /** @param roomOf for how much the run has room now; null: it ends. @returns to be ended before the lease is */
  begin(clock: Clock, lease: ShardLease, roomOf: () => Room | null): Intake {
    const intake = new Intake(clock, lease, roomOf);
    this.#intakes.set(keyOf(lease), intake);
    return intake;
  }

  end(intake: Intake): void {
    // Its successor may have begun already, where its lease ran out.
    if (this.#intakes.get(keyOf(intake.lease)) === intake) this.#intakes.delete(keyOf(intake.lease));
  }

  /** Has the run of a shard look again for what is due. @returns false where none is here that does */
  call(shard: Pick<ShardLease, 'organizationId' | 'shard'>): boolean {
    return this.#intakes.get(keyOf(shard))?.call() ?? false;
  }

  /** Asks every shard of an organization that is at work how much it takes. They wait for it until the offer ends. */
  offer(organizationId: string): Offer {
    return new Offer([...this.#intakes.values()].filter(({ lease }) => lease.organizationId === organizationId));
  }
}

interface Seat {
  readonly intake: Intake;
  copies: number;
  bytes: number;
}

/** What the shards at work take of a page. */
export class Offer {
  readonly #seats: ReadonlyMap<number, Seat>;

  constructor(intakes: readonly Intake[]) {
    const seats = intakes.flatMap((intake) => {
      const room = intake.room();
      return room === null ? [] : [[intake.lease.shard, { intake, ...room }] as const];
    });
    this.#seats = new Map(seats);
    for (const { intake } of this.#seats.values()) intake.beginOffer();
  }

  get leases(): ShardLease[] {
    return [...this.#seats.values()].map(({ intake }) => intake.lease);
  }

  /** Takes room for a copy. @param bytes of its frame. @returns false where there is none */
  take(shard: number, bytes: number): boolean {
    const seat = this.#seats.get(shard);
    if (!seat || seat.copies <= 0 || seat.bytes <= 0) return false;
    seat.copies--;
    seat.bytes -= bytes;
    return true;
  }

  /** Hands over copies that were written as claimed. */
  give(page: HandedPage): void {
    const byShard = Map.groupBy(page.copies, ({ delivery }: HandedCopy) => shardOf(delivery.userId));
    for (const [shard, copies] of byShard) this.#seats.get(shard)?.intake.receive({ ...page, copies });
  }

  /** What was not given does not come any more. */
  end(): void {
    for (const { intake } of this.#seats.values()) intake.endOffer();
  }
}

function keyOf({ organizationId, shard }: Pick<ShardLease, 'organizationId' | 'shard'>): string {
  return `${organizationId}.${shard}`;
}
