/** What people do to a connector, its imports and their mailboxes while the product is at work. */
import type { UndoneKind } from '#lib/imports/counts.ts';
import { ORGANIZATION_ID } from './people.ts';
import type { World } from './world.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Act = (world: World) => void;

const connector = (world: World) => ({ organizationId: ORGANIZATION_ID, connectorId: world.connectorId });

export const ACTS: readonly Act[] = [
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
    user.wasGone = true;
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
  function userLeaves(world) {
    const user = userOf(world);
    if (!user) return;
    world.scheduler.say(`${user.name} leaves the directory`);
    user.inDirectory = false;
    user.wasGone = true;
    if (world.random.chance(0.3)) return;
    world.scheduler.after(world.random.skewed(SECOND, 20 * HOUR), `${user.name} is in the directory again`, () => {
      user.inDirectory = true;
    });
  },
  function limitIsRaised(world) {
    const limited = [...world.cloud.users.values()].filter(({ limitBytes }) => limitBytes !== null);
    if (limited.length === 0) return;
    const user = world.random.pick(limited);
    world.scheduler.say(`the mailbox of ${user.name} takes larger messages`);
    user.limitBytes = world.random.chance(0.5) ? null : 2 * (user.limitBytes ?? 0);
    retryAll(world);
  },
  function fallbackIsChosen(world) {
    const { mail, id } = world.population.fallback ?? {};
    if (mail === undefined || id === undefined) return;
    world.hasFallback = !world.hasFallback;
    world.scheduler.say(`there is ${world.hasFallback ? 'a' : 'no'} fallback mailbox`);
    world.ledger.setFallback(world.connectorId, world.hasFallback ? { userId: id, address: mail } : null);
    world.queue.add('release', connector(world), { key: world.connectorId });
  },
  function cancel(world) {
    const { imports } = world.ledger.tables;
    const open = imports
      .with('connector', world.connectorId)
      .filter(({ phase }) => phase === 'queued' || phase === 'collecting');
    if (open.length === 0) return;
    const { id, number } = world.random.pick(open);
    world.scheduler.say(`somebody cancels import ${number}`);
    world.ledger.cancelImport(world.connectorId, id);
    world.cancelled.add(id);
    world.queue.add('collect', connector(world), { key: world.connectorId });
  },
  function repeat(world) {
    const { random, scheduler, startedAt, firstImportFrom } = world;
    // Days before the first window are wanted, too.
    const earliest = firstImportFrom.getTime() - 30 * HOUR;
    const from = new Date(earliest + random.next() * (scheduler.now - earliest));
    const range = { from, to: new Date(from.getTime() + random.skewed(HOUR, 72 * HOUR)) };
    scheduler.say(`somebody imports ${range.from.toISOString()} to ${range.to.toISOString()} again, from ${startedAt}`);
    world.ledger.repeatRange(world.connectorId, range, 'Somebody');
    world.queue.add('plan', { ...connector(world), trigger: 'manual' }, { key: world.connectorId });
    world.queue.add('collect', connector(world), { key: world.connectorId });
  },
  function retry(world) {
    world.scheduler.say('somebody sends again what failed');
    retryAll(world);
  },
  function signOff(world) {
    const { ledger, random } = world;
    const kind = random.pick(['waiting', 'failed', 'partial', 'missing', 'unreadable'] as const);
    const keys = ledger.undoneKeys(ORGANIZATION_ID, selectionOf(world, kind)).filter(() => random.chance(0.4));
    world.scheduler.say(`somebody signs off ${keys.length}: ${kind}`);
    const by = { userId: 'somebody', name: 'Somebody' };
    const of = { ...connector(world), kind, reason: 'kept_elsewhere', comment: 'seen', by } as const;
    ledger.signOff(of, keys);
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

function selectionOf({ connectorId }: World, kind: UndoneKind) {
  return { connectorId, kind, reason: null, importId: null, one: null };
}

/** Everything that Microsoft 365 refused is sent again. */
export function retryAll(world: World): void {
  const { ledger, queue } = world;
  const shards = new Set<number>();
  const version = ledger.tables.mappingVersions.find('mapping_version_one_in_force', world.connectorId);
  const versionId = version?.id ?? null;
  let toDecide = 0;
  for (const kind of ['failed', 'partial'] as const) {
    const keys = ledger.undoneKeys(ORGANIZATION_ID, selectionOf(world, kind));
    const retried = kind === 'failed' ? ledger.retryFailed(keys, versionId) : ledger.retryAttachments(keys);
    for (const shard of retried.shards) shards.add(shard);
    toDecide += retried.toDecide;
  }
  if (toDecide > 0) queue.add('release', connector(world), { key: world.connectorId });
  for (const shard of shards)
    queue.add('deliver', { organizationId: ORGANIZATION_ID, shard }, { key: `${ORGANIZATION_ID}.${shard}` });
}

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
