/**
 * The model of the ledger is no lie: PostgreSQL's and the model are asked the same random sequence of questions, at the
 * same times, and agree on every answer, every refusal and every row.
 */
import { expect, it } from 'vitest';
import { testSeed } from '#testing/seed.ts';
import { Both } from './both.fixture.ts';
import * as close from './random-close.fixture.ts';
import * as collect from './random-collect.fixture.ts';
import * as deliver from './random-deliver.fixture.ts';
import { createWorld, START, type World } from './random-world.fixture.ts';

const STEPS = 400;
/** Seeds that once found something, beside the one of this run. */
const SEEDS = [testSeed() | 0, 1, 2, 3, 4, 5, 6, 7];

const MILLISECONDS = [0, 1, 1000, 20_000, 45_000, 130_000, 3_600_000, 90_000_000];

const STEPS_BY_WEIGHT: readonly (readonly [number, (world: World) => Promise<void>])[] = [
  [8, ({ both, dice }) => both.advance(dice.one(MILLISECONDS))],
  [6, collect.plan],
  [10, collect.claim],
  [2, collect.renew],
  [3, collect.postpone],
  [18, collect.collectPage],
  [2, collect.lookAtItems],
  [4, collect.attempt],
  [10, deliver.lease],
  [2, deliver.changeLease],
  [12, deliver.claimToSend],
  [6, deliver.claimToLookUp],
  [3, deliver.extend],
  [18, deliver.settle],
  [2, deliver.readWaiting],
  [8, deliver.release],
  [3, deliver.doubt],
  [2, deliver.remember],
  [6, close.lookAround],
  [6, close.complete],
  [3, close.recheck],
  [3, close.beginClearing],
  [4, close.clear],
  [4, close.command],
  [2, close.owed],
];
const CARDS = STEPS_BY_WEIGHT.flatMap(([weight, step]) => Array.from({ length: weight }, () => step));

it.each(SEEDS)('answers as PostgreSQL does, seed %i', { timeout: 300_000 }, async (seed) => {
  const both = await Both.start(START);
  try {
    const world = await createWorld(both, seed);
    for (let step = 0; step < STEPS; step++) {
      await world.dice.one(CARDS)(world);
      await both.compareTables();
    }
    // The sequence went somewhere: everything that can become of a copy did.
    const states = new Set([...both.model.tables.deliveries].map(({ state }) => state));
    expect([...states]).toEqual(expect.arrayContaining(['imported', 'waiting', 'skipped', 'failed']));
  } finally {
    await both.close();
  }
});
