/** What befalls a world while it storms: processes end and stand still, Redis is lost, the source is away, people act. */
import { ORGANIZATION_ID } from './people.ts';
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
  const acts = random.whole(0, 10);
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
      if (!process.awake) return;
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
  const another = (): void => {
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

type Act = (world: World) => void;

const connector = (world: World) => ({ organizationId: ORGANIZATION_ID, connectorId: world.connectorId });

const ACTS: readonly Act[] = [
  function importNow(world) {
    world.scheduler.say('somebody asks for an import');
    world.ledger.requestImport(world.connectorId, 'Somebody');
    world.queue.add('plan', { ...connector(world), trigger: 'manual' }, { key: world.connectorId });
  },
  function pause(world) {
    world.scheduler.say('the connector is paused');
    world.ledger.pauseConnector(world.connectorId);
    world.scheduler.after(world.random.skewed(SECOND, 5 * HOUR), '', () => {
      world.scheduler.say('the connector is resumed');
      world.ledger.resumeConnector(world.connectorId);
      world.queue.add('plan', { ...connector(world), trigger: 'scheduled' }, { key: world.connectorId });
      world.queue.add('collect', connector(world), { key: world.connectorId });
    });
  },
  function map(world) {
    world.scheduler.say('a mapping with all rows is applied');
    world.applyMapping(true);
    world.queue.add('release', connector(world), { key: world.connectorId });
  },
  function addAgain(world) {
    world.scheduler.say('the connector is deleted and added again');
    world.ledger.deleteConnector(world.connectorId);
    world.addConnector(world.firstImportFrom);
    world.applyMapping(world.random.chance(0.5));
  },
  function mailboxGoes(world) {
    const user = userOf(world);
    if (!user) return;
    world.scheduler.say(`the mailbox of ${user.name} is ${user.hasMailbox ? 'gone' : 'there'}`);
    user.hasMailbox = !user.hasMailbox;
    if (user.hasMailbox || world.random.chance(0.3)) return;
    world.scheduler.after(world.random.skewed(SECOND, 20 * HOUR), `the mailbox of ${user.name} is back`, () => {
      user.hasMailbox = true;
    });
  },
  function mailboxIsFull(world) {
    const user = userOf(world);
    if (!user) return;
    world.scheduler.say(`the mailbox of ${user.name} is full`);
    user.full = true;
    user.wasFull = true;
    world.scheduler.after(world.random.skewed(SECOND, HOUR), '', () => {
      user.full = false;
    });
  },
  function mailboxIsClosed(world) {
    const user = userOf(world);
    if (!user) return;
    world.scheduler.say(`the mailbox of ${user.name} is closed to us`);
    user.closed = true;
    user.wasClosed = true;
    world.scheduler.after(world.random.skewed(SECOND, HOUR), '', () => {
      user.closed = false;
    });
  },
  function consentIsRevoked(world) {
    world.scheduler.say('consent is revoked');
    world.consent = world.random.pick(['no_roles', 'gone']);
    world.witness.withdraw('consent');
    world.scheduler.after(world.random.skewed(SECOND, 3 * HOUR), 'consent is given', () => {
      world.consent = 'given';
      world.witness.giveBack('consent');
      restart(world);
    });
  },
  function passwordIsChanged(world) {
    world.scheduler.say('the source has another password');
    world.source.lockedOut = true;
    world.witness.withdraw('password');
    world.scheduler.after(world.random.skewed(SECOND, 3 * HOUR), 'the password is put right', () => {
      world.source.lockedOut = false;
      world.witness.giveBack('password');
      restart(world);
    });
  },
  function folderIsDeleted(world) {
    const user = world.storm.graph.beyondAllowance > 0 ? null : userOf(world);
    const folders = user ? [...user.mailbox.folders] : [];
    if (!user || folders.length === 0) return;
    const [id, folder] = world.random.pick(folders);
    // Into the deleted items, with what is in it; or for good, and then what was in it lies somewhere else.
    if (world.random.chance(0.5)) folder.deleted = true;
    else {
      user.mailbox.folders.delete(id);
      for (const message of user.mailbox.messages.values()) if (message.folderId === id) message.folderId = 'elsewhere';
    }
    world.scheduler.say(`somebody removes the folder ${id} of ${user.name}`);
  },
  function messageMoves(world) {
    const message = messageOf(world);
    if (message) message.folderId = 'elsewhere';
  },
  function messageIsRemoved(world) {
    const message = messageOf(world);
    if (!message) return;
    world.scheduler.say(`somebody removes ${message.id}`);
    message.removedBy = 'person';
  },
];

function restart(world: World): void {
  world.ledger.restartConnector(world.connectorId);
  world.queue.add('plan', { ...connector(world), trigger: 'scheduled' }, { key: world.connectorId });
}

function userOf(world: World) {
  const users = [...world.cloud.users.values()];
  return users.length === 0 ? null : world.random.pick(users);
}

function messageOf(world: World) {
  // Where requests may come later than anybody allows for, people leave the messages where they are: what a person moved
  // is not provably ours, and stays.
  if (world.storm.graph.beyondAllowance > 0) return null;
  const messages = [...world.cloud.users.values()].flatMap(({ mailbox }) =>
    [...mailbox.messages.values()].filter(({ removedBy }) => removedBy === null),
  );
  // Mostly one that the ledger does not know yet: that is when it matters.
  const known = new Set([...world.ledger.tables.deliveries].map(({ messageId }) => messageId));
  const unknown = messages.filter(({ id }) => !known.has(id));
  if (unknown.length > 0 && world.random.chance(0.8)) return world.random.pick(unknown);
  return messages.length === 0 ? null : world.random.pick(messages);
}
