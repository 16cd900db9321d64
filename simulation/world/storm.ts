/** What befalls a world while it storms: processes end and stand still, Redis is lost, the source is away, people act. */
import { ACTS, retryAll } from './acts.ts';
import type { SimulatedProcess } from './process.ts';
import type { World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Starts the processes and everything that disturbs them. */
export function beginStorm(world: World): void {
  const { scheduler, random, storm, stormMs } = world;
  world.startAll();
  for (const process of world.processes) disturb(world, process);
  const { queueLossEveryMs, queueAwayEveryMs } = storm.process;
  repeat(world, queueLossEveryMs, () => world.queue.empty());
  repeat(world, queueAwayEveryMs, () => {
    world.queue.away = true;
    scheduler.say('Redis is away');
    scheduler.after(random.skewed(SECOND, 20 * MINUTE), 'Redis is back', () => {
      world.queue.away = false;
    });
  });
  for (let outage = 0; outage < storm.source.outages; outage++) {
    scheduler.after(random.next() * stormMs, 'the source is away', () => {
      world.source.outageUntil = scheduler.now + random.skewed(MINUTE, 30 * HOUR);
    });
  }
  const acts = random.whole(0, 14);
  for (let act = 0; act < acts; act++) {
    // Much happens in the first hours, and so must what people do.
    const inMs = random.chance(0.6) ? random.skewed(10 * SECOND, stormMs) : random.next() * stormMs;
    scheduler.after(inMs, '', () => {
      if (!world.calm) random.pick(ACTS)(world);
    });
  }
}

/** Faults end; everything that stood still goes on. */
export function endStorm(world: World): void {
  world.scheduler.say('calm');
  world.calm = true;
  world.queue.away = false;
  world.source.outageUntil = 0;
  for (const process of world.processes) process.resume();
  // One is enough now; the others end in order, or at once.
  for (const process of world.processes.slice(1)) {
    process.stopping.abort();
    world.scheduler.after(18 * SECOND, '', () => process.kill());
  }
  world.source.lockedOut = false;
  world.consent = 'given';
  for (const what of ['password', 'consent'] as const) world.witness.giveBack(what);
  for (const user of world.cloud.users.values()) {
    user.full = false;
    user.closed = false;
  }
  if (!world.processes.some(({ alive, stopping }) => alive && !stopping.signal.aborted)) world.startProcess();
  world.ledger.restartConnector(world.connectorId);
  world.ledger.resumeConnector(world.connectorId);
  world.applyMapping(true);
  if (!world.retries) return;
  // When nothing is under way any more that was refused in the storm.
  world.scheduler.after(HOUR, 'everything that failed is sent again', () => {
    retryAll(world);
    world.retried = true;
  });
}

/** The first hours of a long storm have the most; a process that is killed every second for days does nothing. */
const MOST_DISTURBANCES = 80;

/** Something that happens now and then. @param everyMs mean; 0: never */
function repeat(world: World, everyMs: number, happens: () => void, while_: () => boolean = () => true): void {
  if (everyMs <= 0) return;
  const inMs = -Math.log(1 - world.random.next()) * everyMs;
  world.scheduler.after(inMs, '', () => {
    if (world.calm || !while_() || world.disturbances >= MOST_DISTURBANCES) return;
    world.disturbances++;
    happens();
    repeat(world, everyMs, happens, while_);
  });
}

function disturb(world: World, process: SimulatedProcess): void {
  const { scheduler, random, storm } = world;
  const { killEveryMs, pauseEveryMs, stopEveryMs } = storm.process;
  const alive = (): boolean => process.alive;
  process.onCall = (to) => {
    if (world.calm || world.disturbances >= MOST_DISTURBANCES) return;
    if (to === 'graph' && random.chance(storm.process.sleepsAtGraph)) {
      world.disturbances++;
      scheduler.after(random.skewed(30, 300), '', sleep);
    }
    if (!random.chance(storm.process.strikesAtCall)) return;
    world.disturbances++;
    const kills = random.chance(0.4);
    scheduler.after(random.skewed(0.1, 500), '', () => {
      // In the calm nobody would take its place.
      if (!process.awake || world.calm) return;
      if (!kills) return pause();
      process.kill();
      another();
    });
  };
  const wake = (): void => {
    process.resume();
    // It acts now on what it heard long ago.
    world.witness.excuses(process.name);
  };
  const sleep = (): void => {
    process.pause();
    const { shardLeaseSeconds, lateCommitSeconds } = world.settings;
    const takenOverMs = (shardLeaseSeconds + lateCommitSeconds) * SECOND;
    scheduler.after(takenOverMs * (1 + 1.5 * random.next()), '', wake);
  };
  const pause = (): void => {
    process.pause();
    const { shardLeaseSeconds, lateCommitSeconds } = world.settings;
    const most = (shardLeaseSeconds * 3 + lateCommitSeconds * 2) * SECOND;
    scheduler.after(random.chance(0.5) ? random.skewed(50, most) : random.next() * most, '', wake);
  };
  let replaced = false;
  /** One for this one, however it ends: it may be asked to stop, and be killed before it has. */
  const another = (): void => {
    if (replaced) return;
    replaced = true;
    scheduler.after(random.skewed(SECOND, 5 * MINUTE), '', () => {
      if (!world.calm) disturb(world, world.startProcess());
    });
  };
  repeat(
    world,
    killEveryMs,
    () => {
      process.kill();
      another();
    },
    alive,
  );
  repeat(
    world,
    pauseEveryMs,
    () => {
      if (process.awake) pause();
    },
    alive,
  );
  repeat(
    world,
    stopEveryMs,
    () => {
      if (process.stopping.signal.aborted || !process.awake) return;
      scheduler.say(`${process.name} is asked to stop`);
      process.stopping.abort();
      scheduler.after(18 * SECOND, '', () => process.kill());
      another();
    },
    alive,
  );
}
