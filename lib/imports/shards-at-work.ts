/**
 * The shards that are at work in this process. Copies that it collects for them need not be read back from the ledger and
 * from staging: a page is written with them as claimed already by the run of their shard (`sending`, the epoch of its
 * lease, a deadline), and once that is committed they are handed over in memory. Should this process die, they are copies in
 * doubt like others.
 */
import type { Clock } from './clock.ts';
import { type HandedPage, Intake, type Taker } from './delivery/intake.ts';
import { shardOf } from './shards.ts';
import type { ShardLease } from './store/leases.ts';

type ShardKey = Pick<ShardLease, 'organizationId' | 'shard'>;

export class ShardsAtWork {
  readonly #slots: number;
  readonly #intakes = new Map<string, Intake>();

  /** @param slots runs at a time: where all are taken, none stays for what may come, since others may wait for its slot */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /** @returns to be ended before the lease is */
  begin(clock: Clock, lease: ShardLease, taker: Taker): Intake {
    const intake = new Intake(clock, lease, taker, () => this.#intakes.size < this.#slots);
    this.#intakes.set(keyOf(lease), intake);
    return intake;
  }

  end(intake: Intake): void {
    // Its successor may have begun already, where its lease ran out.
    if (this.#intakes.get(keyOf(intake.lease)) === intake) this.#intakes.delete(keyOf(intake.lease));
  }

  /** Whether a shard of an organization is at work. */
  hasAny(organizationId: string): boolean {
    return this.#of(organizationId).length > 0;
  }

  /** Has the run of a shard look again for what is due. @returns false where none is here that does */
  call(shard: ShardKey): boolean {
    return this.#intakes.get(keyOf(shard))?.call() ?? false;
  }

  /** Asks every shard of an organization that is at work how much it takes. They wait for it until the offer ends. */
  offer(organizationId: string): Offer {
    return new Offer(this.#of(organizationId));
  }

  #of(organizationId: string): Intake[] {
    return [...this.#intakes.values()].filter(({ lease }) => lease.organizationId === organizationId);
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

  /** Takes room for a copy. @param bytes of its frame. @returns false where there is none, or its mailbox is left alone now */
  take(shard: number, userId: string, bytes: number): boolean {
    const seat = this.#seats.get(shard);
    if (!seat || seat.copies <= 0 || seat.bytes <= 0 || !seat.intake.takes(userId)) return false;
    seat.copies--;
    seat.bytes -= bytes;
    return true;
  }

  /** Hands over copies that were written as claimed. */
  give(page: HandedPage): void {
    for (const [shard, copies] of Map.groupBy(page.copies, ({ delivery }) => shardOf(delivery.userId))) {
      const seat = this.#seats.get(shard);
      if (!seat) throw new Error(`no run took copies of shard ${shard}`);
      seat.intake.receive({ ...page, copies });
    }
  }

  /** What was not given does not come any more. */
  end(): void {
    for (const { intake } of this.#seats.values()) intake.endOffer();
  }
}

function keyOf({ organizationId, shard }: ShardKey): string {
  return `${organizationId}.${shard}`;
}
