/** For the comparison with the model: two organizations with three sources, what a test holds of them, and chance. */
import fc from 'fast-check';
import { shardOf } from '#lib/imports/shards.ts';
import type { ClaimedDelivery } from '#lib/imports/store/claims.ts';
import type { KeptFrame } from '#lib/imports/store/clearing.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { DecidedAgain } from '#lib/imports/store/decide.ts';
import type { ImportRun } from '#lib/imports/store/imports.ts';
import type { ShardLease } from '#lib/imports/store/leases.ts';
import type { WaitingCopy } from '#lib/imports/store/waiting.ts';
import type { Both } from './both.fixture.ts';
import { insertLiveConnector, insertOrganization, insertSource } from './portal.fixture.ts';

const HOUR = 3_600_000;
export const START = new Date('2026-11-10T12:00:00.000Z');
const FIRST_FROM = new Date(START.getTime() - 30 * HOUR);

/** Draws whose sequence the seed decides. */
export class Dice {
  readonly #draws: readonly number[];
  #next = 0;

  constructor(seed: number) {
    this.#draws = fc.sample(fc.noBias(fc.nat(0x7fff_ffff)), { seed, numRuns: 20_000 });
  }

  /** From 0 to `sides` - 1. */
  roll(sides: number): number {
    return (this.#draws[this.#next++ % this.#draws.length] ?? 0) % sides;
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }

  one<T>(of: readonly T[]): T {
    const chosen = of[this.roll(of.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  }

  /** One of them, mostly a late one; undefined where there is none. */
  recent<T>(of: readonly T[]): T | undefined {
    return of.length === 0 ? undefined : of[of.length - 1 - Math.min(this.roll(of.length), this.roll(of.length))];
  }

  some<T>(of: readonly T[], percent: number): T[] {
    return of.filter(() => this.chance(percent));
  }
}

/** Users whose mailboxes lie in few shards, so that much happens in each. */
const SHARDS_IN_USE = [3, 17] as const;
export const USERS: readonly string[] = Array.from(
  { length: 400 },
  (_, index) => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, '0')}`,
).filter((id) => SHARDS_IN_USE.some((shard) => shard === shardOf(id)));
const [, , , , , , LAST] = USERS;
if (LAST === undefined) throw new RangeError('too few users');
export const FEW_USERS = USERS.slice(0, 5);
export const SHARDS_OF_TEST: readonly number[] = [...new Set(FEW_USERS.map(shardOf))];
export const addressOf = (userId: string): string => `user${Number(userId.slice(-12))}@example.com`;

/** A copy that a worker has claimed, and under which lease. */
export interface Held {
  readonly lease: ShardLease;
  readonly delivery: ClaimedDelivery;
}

export interface Clearing {
  readonly organizationId: string;
  readonly importId: string;
  readonly reserved: number;
  readonly keptPage: number;
  readonly frames: readonly KeptFrame[];
}

/** What workers of the test hold, much of it stale. */
export interface World {
  readonly both: Both;
  readonly dice: Dice;
  readonly organizationIds: readonly string[];
  readonly sources: readonly { readonly id: string; readonly organizationId: string }[];
  /** by source, the live connector and those before it */
  readonly connectors: { readonly id: string; readonly organizationId: string; readonly sourceId: string }[];
  readonly runs: ImportRun[];
  readonly importIds: string[];
  readonly leases: ShardLease[];
  readonly held: Held[];
  readonly clearings: Clearing[];
  readonly waiting: WaitingCopy[];
  /** copies that another mapping decided when they were read */
  readonly undecided: DecidedAgain[];
  readonly items: { readonly archivedAt: Date; readonly itemId: string; readonly sourceItemId: string }[];
  counter: number;
  /** copies of pages that were claimed when they were written */
  writtenAsClaimed: number;
}

export async function createWorld(both: Both, seed: number): Promise<World> {
  const { model, pool } = both;
  const organizationIds: string[] = [];
  const sources: { id: string; organizationId: string }[] = [];
  for (const [verifiedDomains, accounts] of [
    [['Example.com'], ['one', 'two']],
    [['example.com'], ['one']],
  ] as const) {
    const organizationId = model.addOrganization({ verifiedDomains });
    await insertOrganization(pool, organizationId, verifiedDomains);
    organizationIds.push(organizationId);
    for (const accountId of accounts) {
      const id = model.addSource({ organizationId, accountId });
      await insertSource(pool, id, organizationId, accountId);
      sources.push({ id, organizationId });
    }
  }
  const world: World = {
    both,
    dice: new Dice(seed),
    organizationIds,
    sources,
    connectors: [],
    runs: [],
    importIds: [],
    leases: [],
    held: [],
    clearings: [],
    waiting: [],
    undecided: [],
    items: [],
    counter: 0,
    writtenAsClaimed: 0,
  };
  for (const source of sources) await addConnector(world, source);
  return world;
}

export async function addConnector(world: World, source: World['sources'][number]): Promise<void> {
  const connector = { organizationId: source.organizationId, sourceId: source.id, firstImportFrom: FIRST_FROM };
  const id = world.both.model.addConnector(connector);
  await insertLiveConnector(world.both.pool, id, connector);
  world.connectors.push({ id, organizationId: source.organizationId, sourceId: source.id });
}

/** A live connector, as the engine reads it. */
export async function anyConnector({ both, dice, connectors }: World): Promise<RunningConnector | null> {
  const { organizationId, id } = dice.one(connectors);
  return both.ask('liveConnector', organizationId, id);
}
