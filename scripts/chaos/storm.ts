/**
 * A round of storm: an import, and blows at moments that the seed chose. A moment is a place in the progress of the
 * import (the 17th attachment is asked for, a third of the copies is written), never a time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { countOwed, readFeed } from '#lib/imports/mailboxes.fixture.ts';
import { Draw } from '#sandbox/random.ts';
import { BLOWS, type Blow, strike } from './blows.ts';
import { type Outcome, settle } from './outcome.ts';
import type { Services } from './services.ts';
import { makeWeather, type Weather } from './weather.ts';
import { buildWorld, type World } from './world.ts';

const HOUR_MS = 3_600_000;

/** A blow and the moment for it: a share of the attachments that are asked for, or of the copies that are owed. */
interface Plan {
  readonly blow: Blow;
  readonly while: 'collecting' | 'delivering';
  readonly share: number;
}

/** For a round that is to be short. */
export interface Fixed {
  /** the blows, and no others */
  readonly blows: readonly Blow[];
  readonly itemsPerDay: number;
  /** gets the world of a good round before it ends */
  readonly afterwards: (world: World) => Promise<void>;
}

export async function stormRound(services: Services, seed: number, round: number, fixed?: Fixed): Promise<Outcome> {
  const draw = new Draw('chaos storm', seed, round);
  const world = await buildWorld(services, {
    seed: draw.between(1, 1_000_000),
    itemsPerDay: fixed?.itemsPerDay ?? draw.between(160, 400),
    graphLatencyMs: draw.between(20, 80),
    firstImportFrom: new Date(Date.now() - draw.between(20, 28) * HOUR_MS),
    pageLimit: draw.pick([10, 20, 40]),
  });
  try {
    const plans = plansOf(draw, fixed?.blows);
    // One by itself hands copies over; several share the shards.
    const workers = fixed ? draw.between(2, 4) : draw.pick([1, 1, 2, 3, 4]);
    const share = draw.pick([0, 0.15, 0.3, 0.5]);
    const expected = await expectations(world);
    const weather = await makeWeather(world.cloud, draw, share);
    const lines = [
      `${workers} workers, ${expected.items} items, ${expected.owed} copies owed, ${expected.attachments} attachments, ` +
        `largest ${(expected.largest / 1e6).toFixed(1)} MB`,
    ];
    for (let i = 0; i < workers; i++) world.crew.start();
    const beside: Promise<void>[] = [];
    for (const plan of plans) {
      const came = await moment(world, weather, plan, expected);
      const { what, later } = await strike(plan.blow, world, draw);
      lines.push(`${came}: ${what}`);
      if (later) beside.push(later.then((line) => void lines.push(line)));
    }
    await Promise.all(beside);
    const faults = await weather.clear();
    lines.push(faults.length === 0 ? 'no fault struck' : `faults that struck: ${faults.join('; ')}`);
    const outcome = await settle(world, lines);
    if (outcome.wrong.length === 0) await fixed?.afterwards(world);
    return outcome;
  } finally {
    await world.end();
  }
}

/** Two while it collects, the rest while it delivers; a long pause at most once, since it makes a round long. */
function plansOf(draw: Draw, fixed: readonly Blow[] | undefined): readonly Plan[] {
  const blows: Blow[] = [...(fixed ?? [])];
  const wanted = fixed?.length ?? draw.between(4, 8);
  while (blows.length < wanted) {
    const blow = draw.chance(0.3) ? 'kill a worker' : draw.pick(BLOWS);
    if (blow !== 'pause a worker' || !blows.includes(blow)) blows.push(blow);
  }
  const early = draw.between(0, 3);
  return blows
    .map((blow) => ({ blow, at: draw.fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(
      ({ blow }, index): Plan => ({
        blow,
        // Who is to be paused needs copies under way.
        while: index < early && blow !== 'pause a worker' ? 'collecting' : 'delivering',
        share: draw.fraction() * 0.95,
      }),
    )
    .sort((a, b) => (a.while === b.while ? a.share - b.share : a.while === 'collecting' ? -1 : 1));
}

interface Expected {
  readonly items: number;
  readonly owed: number;
  readonly attachments: number;
  /** bytes of the largest attachment */
  readonly largest: number;
}

async function expectations({ clients, ledger }: World): Promise<Expected> {
  const [connector] = await ledger.rows<{ first_import_from: Date }>('SELECT first_import_from FROM connector');
  const { settledThrough } = await clients.source.clock();
  const from = connector?.first_import_from ?? settledThrough;
  const items = await readFeed(clients.source, [{ from, to: settledThrough }]);
  const attachments = [...items.values()].flatMap((item) => item.attachments);
  return {
    items: items.size,
    owed: countOwed(items),
    attachments: attachments.length,
    largest: Math.max(0, ...attachments.map(({ size }) => size)),
  };
}

/** Waits for it. @returns how far the import is then */
async function moment(world: World, weather: Weather, plan: Plan, expected: Expected): Promise<string> {
  if (plan.while === 'collecting') {
    const wanted = Math.floor(plan.share * expected.attachments);
    for (;;) {
      const asked = await weather.attachmentsAsked();
      const collected = await world.ledger.number('SELECT count(*) FROM import WHERE collected_at IS NOT NULL');
      if (asked >= wanted || collected > 1) return `at attachment ${asked} of ${expected.attachments}`;
      await sleep(25);
    }
  }
  const wanted = plan.share * expected.owed;
  for (;;) {
    const imported = await world.ledger.imported();
    const percent = Math.round((100 * imported) / Math.max(1, expected.owed));
    if (imported >= wanted || !(await world.ledger.isUnderWay())) return `at ${percent} % of the copies`;
    await sleep(25);
  }
}
