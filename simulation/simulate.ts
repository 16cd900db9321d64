/** One seed: a world, its storm, its calm, and the verdict. */
import { check } from './world/checks.ts';
import { beginStorm, endStorm } from './world/storm.ts';
import { underWay } from './world/under-way.ts';
import { World } from './world/world.ts';

export interface Verdict {
  readonly seed: number;
  /** what is wrong; empty where all is well */
  readonly found: readonly string[];
  /** events that happened */
  readonly events: number;
  /** copies that are in their mailboxes */
  readonly imported: number;
  /** copies that were handed over in memory by the process that collected them */
  readonly handedOver: number;
}

const HOUR = 3_600_000;
/** Within this everything must be done: manifests are read again after up to eight days. */
const LONGEST_CALM_MS = 16 * 24 * HOUR;

/** @param trace called with every event */
export async function simulate(seed: number, trace: ((line: string) => void) | null = null): Promise<Verdict> {
  // Thousands of simulated faults need no stack each; a trace says where they come from.
  Error.stackTraceLimit = trace === null ? 0 : 20;
  const world = new World(seed, trace);
  const nobodys: string[] = [];
  const onRejection = (reason: unknown): void => {
    nobodys.push(`a rejection that nobody met: ${reason instanceof Error ? reason.stack : String(reason)}`);
  };
  process.on('unhandledRejection', onRejection);
  let found: string[];
  try {
    found = await live(world);
  } catch (error) {
    found = [`the simulation broke off: ${error instanceof Error ? error.stack : String(error)}`];
  } finally {
    process.off('unhandledRejection', onRejection);
  }
  const imported = [...world.ledger.tables.deliveries].filter(({ state }) => state === 'imported').length;
  const { handedOver } = world.witness;
  return { seed, found: [...found, ...nobodys], events: world.scheduler.happened, imported, handedOver };
}

async function live(world: World): Promise<string[]> {
  const { scheduler, startedAt, stormMs } = world;
  beginStorm(world);
  await scheduler.run(startedAt + stormMs);
  endStorm(world);
  const calmSince = scheduler.now;
  await scheduler.run(calmSince + world.calmMs);
  while (underWay(world).length > 0) {
    if (scheduler.now > calmSince + LONGEST_CALM_MS) return underWay(world).map((line) => `for ever: ${line}`);
    await scheduler.run(scheduler.now + 6 * HOUR);
  }
  return check(world);
}
