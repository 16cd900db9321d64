/** For the comparison with the model: random claims, settlements of every kind, releases, and leases that were lost. */

import type { DecidedAgain } from '#lib/imports/store/decide.ts';
import { type Months, monthsOf } from '#lib/imports/store/months.ts';
import type { Settlement } from '#lib/imports/store/settle.ts';
import type { Chosen, Decided, Decision, StillWaiting } from '#lib/imports/store/waiting.ts';
import { isMailboxAddress } from '#lib/mapping/mailbox-address.ts';
import { isE164 } from '#lib/mapping/number.ts';
import {
  addressOf,
  type Dice,
  FEW_USERS,
  type Held,
  SHARDS_OF_TEST,
  USERS,
  type World,
} from './random-world.fixture.ts';

const LATE_COMMIT_SECONDS = 30;
const SECONDS = [0, 5, 60, 7200] as const;
const READ = [null, ...['+33142685300', '+33142685301'].filter(isE164)] as const;

export async function lease(world: World): Promise<void> {
  const { both, dice, organizationIds } = world;
  const got = await both.ask(
    'acquireShard',
    dice.one(organizationIds),
    dice.one(SHARDS_OF_TEST),
    dice.one(['round', 'round', 'worker0', 'worker1']),
    dice.one([30, 600, 600]),
  );
  if (got) world.leases.push(got);
}

export async function changeLease({ both, dice, leases }: World): Promise<void> {
  const held = dice.recent(leases);
  if (!held) return;
  if (dice.chance(60)) await both.ask('renewShard', held, 600);
  else await both.ask('releaseShard', held);
}

/** A worker's round over all shards: what is due is claimed, much of what is held is settled. */
export async function round(world: World): Promise<void> {
  const { both, dice, organizationIds } = world;
  for (const organizationId of organizationIds) {
    for (const shard of SHARDS_OF_TEST) {
      const got = await both.ask('acquireShard', organizationId, shard, 'round', 600);
      if (got) world.leases.push(got);
      const held = world.leases.findLast((one) => one.organizationId === organizationId && one.shard === shard);
      const months = await monthsFor(world, organizationId);
      if (!held || !months) continue;
      const claim = { limit: 1000, bytes: 1e9, seconds: 40, exceptUserIds: [], months };
      const sent = (await both.ask('claimToSend', held, claim)) ?? [];
      const found = (await both.ask('claimToLookUp', held, { ...claim, lateCommitSeconds: LATE_COMMIT_SECONDS })) ?? [];
      const claimed = [...sent, ...found].map((delivery) => ({ lease: held, delivery }));
      for (const one of dice.some(claimed, 30)) await goOnUploading(world, one);
      const settled = dice.some(claimed, 90);
      await both.ask(
        'settle',
        held,
        settled.map(({ delivery }) => ({ delivery, settlement: settlementOf(dice, dice.chance(60)) })),
      );
      world.held.push(...claimed.filter((one) => !settled.includes(one) || dice.chance(10)));
    }
  }
}

export async function claimToSend(world: World): Promise<void> {
  const { both, dice } = world;
  const held = dice.recent(world.leases);
  const months = held && (await monthsFor(world, held.organizationId));
  if (!held || !months) return;
  const claim = { ...(await limitOf(world)), seconds: 40, exceptUserIds: dice.some(FEW_USERS, 10), months };
  const claimed = (await both.ask('claimToSend', held, claim)) ?? [];
  world.held.push(...claimed.map((delivery) => ({ lease: held, delivery })));
  for (const delivery of dice.some(claimed, 30)) await goOnUploading(world, { lease: held, delivery });
}

export async function claimToLookUp(world: World): Promise<void> {
  const { both, dice } = world;
  const held = dice.recent(world.leases);
  const months = held && (await monthsFor(world, held.organizationId));
  if (!held || !months) return;
  const claim = { limit: 1000, bytes: 1e9, seconds: 40, exceptUserIds: dice.some(FEW_USERS, 10), months };
  const claimed = (await both.ask('claimToLookUp', held, { ...claim, lateCommitSeconds: LATE_COMMIT_SECONDS })) ?? [];
  world.held.push(...claimed.map((delivery) => ({ lease: held, delivery })));
}

/** Those that have copies on their way, and now and then others: neither side takes what lies outside of them. */
async function monthsFor({ both, dice }: World, organizationId: string): Promise<Months | null> {
  const months = await both.ask('monthsToDo', organizationId);
  return months && dice.chance(5) ? monthsOf([new Date(months[0].getTime() - 1)]) : months;
}

/** A limit that cuts is fair only where no two copies are equally due: their times are set apart first, on both sides. */
async function limitOf({ both, dice }: World): Promise<{ limit: number; bytes: number }> {
  if (dice.chance(60)) return { limit: 1000, bytes: 1e9 };
  await both.pool.query(
    `UPDATE delivery SET not_before = timestamptz '2026-11-01Z' + id * interval '1 second' WHERE not_before <= now()`,
  );
  const { tables } = both.model;
  const start = Date.parse('2026-11-01T00:00:00Z');
  tables.atomically(() => {
    for (const row of tables.deliveries)
      if (row.notBefore <= both.now)
        tables.deliveries.update(row, { notBefore: new Date(start + Number(row.id) * 1000) });
  });
  return dice.chance(50) ? { limit: 1 + dice.roll(5), bytes: 1e9 } : { limit: 1000, bytes: 1 + dice.roll(2000) };
}

export async function extend({ both, dice, held }: World): Promise<void> {
  const one = dice.recent(held);
  if (one) await both.ask('extendDeadline', one.lease, one.delivery, dice.one([40, 600]));
}

/** The session of a large attachment, begun, gone on with and begun anew, mostly under a lease that was lost meanwhile. */
export async function upload(world: World): Promise<void> {
  const { both, dice, held } = world;
  const one = dice.recent(held);
  if (one) await goOnUploading(world, one);
  const claimed = dice.some(held, 60).map(({ delivery: { archivedAt, id, page } }) => ({ archivedAt, id, page }));
  await both.ask(
    'stillOnPage',
    claimed.map((copy) => (dice.chance(90) ? copy : { ...copy, page: copy.page + 1 })),
  );
}

async function goOnUploading({ both, dice }: World, { lease, delivery }: Held): Promise<void> {
  while (dice.chance(80)) {
    const attachment = `attachment-${dice.roll(2)}`;
    // One in four is over for so long that whoever begins the next forgets it.
    const expiresAt = new Date(both.now.getTime() + (dice.roll(60) - 40) * 3_600_000);
    const session = { attachment, urlSealed: `sealed ${dice.roll(9)}`, expiresAt };
    const what = dice.roll(10);
    if (what < 4) await both.ask('rememberUploadSession', lease, delivery, session);
    else if (what < 7) await both.ask('noteUploaded', lease, delivery, attachment, dice.roll(1000));
    else if (what < 9) await both.ask('recallUploadSession', delivery, attachment);
    else await both.ask('forgetUploadSession', lease, delivery, attachment);
  }
}

export async function settle(world: World): Promise<void> {
  const { both, dice } = world;
  const one = dice.recent(world.held);
  if (!one) return;
  const same = world.held.filter(
    ({ lease: { shard, epoch } }) => shard === one.lease.shard && epoch === one.lease.epoch,
  );
  const some = [...new Map(dice.some(same, 80).map((held) => [held.delivery.id, held])).values()];
  const under = dice.chance(95) ? one.lease : dice.one(world.leases);
  await both.ask(
    'settle',
    under,
    some.map(({ delivery }) => ({ delivery, settlement: settlementOf(dice) })),
  );
  // Some go on being held after they were settled, as by a worker that does not know.
  if (dice.chance(70)) for (const held of some) world.held.splice(world.held.indexOf(held), 1);
}

/** @param done whether the copy reaches an end */
function settlementOf(dice: Dice, done = false): Settlement {
  const messageId = `message-${dice.roll(1000)}`;
  const contentHash = dice.chance(50) ? dice.roll(1000).toString(16).padStart(64, '0') : null;
  const inSeconds = dice.one(SECONDS);
  const ends: Settlement[] = [
    { state: 'imported', messageId, contentHash, reason: null },
    { state: 'imported', messageId, contentHash, reason: null },
    {
      state: 'partially_imported',
      messageId,
      contentHash,
      reason: dice.one(['attachment_missing', 'attachment_refused']),
    },
    { state: 'failed', reason: 'refused_message' },
    { state: 'failed', reason: dice.one(['content_missing', 'content_damaged', 'content_sought'] as const) },
    {
      state: 'partially_imported',
      messageId,
      contentHash,
      reason: dice.one(['content_missing', 'content_sought'] as const),
    },
  ];
  if (done) return dice.one(ends);
  return dice.one<Settlement>([
    ...ends,
    { state: 'created', messageId, contentHash, inSeconds, perhapsUnderWay: dice.chance(50) },
    { state: 'pending', inSeconds, reason: dice.chance(50) ? 'mailbox_full' : null },
    { state: 'sending', inSeconds, absent: dice.chance(50) },
    { state: 'failed', reason: 'too_large' },
    { state: 'waiting', reason: 'no_mailbox' },
    { state: 'waiting', reason: 'no_mailbox', created: true },
  ]);
}

export async function readWaiting(world: World): Promise<void> {
  const { both, dice, sources } = world;
  const { id, organizationId } = dice.one(sources);
  const last = dice.chance(70) ? undefined : dice.recent(world.waiting);
  const after = last ? { archivedAt: last.archived_at, id: last.id } : { archivedAt: new Date(0), id: '0' };
  const rows = await both.ask('waitingCopies', organizationId, id, after, dice.one([3, 500]));
  world.waiting.push(...(rows ?? []));
}

/** Gives some copies a mailbox that waited when they were read. */
export async function release(world: World): Promise<void> {
  const { both, dice, sources } = world;
  const source = dice.one(sources);
  const rows = dice.chance(50)
    ? await both.ask('waitingCopies', source.organizationId, source.id, { archivedAt: new Date(0), id: '0' }, 500)
    : dice.some(world.waiting, 30).filter(({ organization_id }) => organization_id === source.organizationId);
  const distinct = [...new Map((rows ?? []).map((row) => [row.id, row])).values()];
  const decided = distinct.map((row): Decided => ({ row, choice: choiceOf(world) }));
  await both.ask(
    'updateReasons',
    decided.filter((one): one is StillWaiting => one.choice.kind === 'waiting'),
  );
  const chosen = decided.filter((one): one is Chosen => one.choice.kind === 'mailbox');
  const live = await both.model.liveConnectorOfSource(source.organizationId, source.id);
  const nobody = {
    id: '00000000-0000-4000-8000-00000000000c',
    organizationId: source.organizationId,
    sourceId: source.id,
  };
  const connector = live ?? nobody;
  const { versionId } = (await both.ask('undecidedVersion', connector)) ?? { versionId: null };
  await both.ask(
    'giveMailboxes',
    { connector, versionId: dice.chance(5) ? '00000000-0000-4000-8000-00000000000b' : versionId },
    chosen,
  );
  await decideAgain(world, connector, versionId);
}

/** Another mapping is in force: some of what is not sent yet goes elsewhere. */
async function decideAgain(world: World, connector: Decision['connector'], versionId: string | null): Promise<void> {
  const { both, dice } = world;
  await both.ask('undecidedConnectors');
  await both.ask('isOnItsWay', connector);
  for (const undecided of dice.some((await both.ask('undecidedImports', connector)) ?? [], 50)) {
    const start = { archivedAt: new Date(0), id: '0' };
    const rows = (await both.ask('undecidedCopies', undecided, start, dice.one([2, 500]))) ?? [];
    const decided = dice.some(rows, 60).map((row): DecidedAgain => ({ row, choice: choiceOf(world) }));
    // Some were read long ago, and were sent since.
    world.undecided.push(...decided);
    const read = [...dice.some(world.undecided, 30), ...decided];
    const distinct = [...new Map(read.map((one) => [one.row.id, one])).values()];
    await both.ask('noteChoices', { connector, versionId }, distinct.map(stayingSometimes(world)));
    const readings = dice.some(distinct, 50).map(({ row }) => ({ row, region: 'FR' as const, number: dice.one(READ) }));
    await both.ask('noteReadings', { connector, versionId }, readings);
    await both.ask('moveCopies', { connector, versionId }, decided);
  }
  await both.ask('noteDecided', connector, versionId);
}

/** Of a random choice of a mailbox, most would be another one than the copy has. */
function stayingSometimes({ dice }: World): (decided: DecidedAgain) => DecidedAgain {
  return ({ row, choice }) =>
    choice.kind === 'mailbox' && dice.chance(60)
      ? { row, choice: { ...choice, userId: row.user_id } }
      : { row, choice };
}

function choiceOf({ dice }: World): Decided['choice'] {
  const userId = dice.one(FEW_USERS);
  const address = addressOf(userId);
  if (!isMailboxAddress(address)) throw new RangeError(address);
  const candidate = dice.chance(50)
    ? ({ rule: 'automatic', address } as const)
    : ({ rule: 'mapping', address, versionId: '00000000-0000-4000-8000-00000000000b', row: dice.roll(9) } as const);
  if (dice.chance(60)) return { kind: 'mailbox', candidate, userId, address, displayName: address };
  const reason = dice.one(['not_mapped', 'guest', 'no_mailbox'] as const);
  return { kind: 'waiting', reason, candidate: dice.chance(50) ? candidate : null };
}

export async function doubt(world: World): Promise<void> {
  const { both, dice, organizationIds } = world;
  const organizationId = dice.one(organizationIds);
  const rows = await both.ask('doubtedDeliveries', organizationId, String(dice.roll(20)), dice.one([2, 100]));
  for (const row of dice.some(rows ?? [], 50)) {
    if (dice.chance(40))
      await both.ask('noteSurplusRemoval', organizationId, row, {
        userId: dice.one(FEW_USERS),
        removed: 'surplus',
        kept: row.messageId,
      });
    const userId = row.userId ?? row.doubtUserIds[0] ?? dice.one(FEW_USERS);
    await both.ask('copyFor', row, userId);
    // Nothing was restored in this world, so no listing found anything.
    await both.ask('listedElsewhere', row, 'none');
    await both.ask('takeOverListed', organizationId, row, 'none', { userId, messageId: null });
    const state = dice.one(['imported', 'partially_imported', 'created'] as const);
    if (dice.chance(40))
      await both.ask('adoptMessage', organizationId, row, {
        deliveryId: row.id,
        userId,
        messageId: 'found',
        state,
        reason: null,
      });
    await both.ask('endDoubt', row, dice.chance(50) ? 'missing_in_mailbox' : null);
  }
}

export async function pause({ both, dice, leases }: World): Promise<void> {
  const held = dice.recent(leases);
  if (!held) return;
  const users = [...dice.some(FEW_USERS, 40), ...dice.some([null], 20)];
  await both.ask(
    'notePauses',
    held,
    users.map((userId) => ({ userId, seconds: dice.one([0, 1, 90, 3600]) })),
  );
  await both.ask('currentPauses', held);
}

export async function remember({ both, dice, organizationIds }: World): Promise<void> {
  const organizationId = dice.one(organizationIds);
  const users = dice.some(USERS, 40);
  const results = users.map((userId) => {
    const address = addressOf(userId);
    const mailbox = { kind: 'mailbox', userId, address, displayName: address, userPrincipalName: address } as const;
    return [address, dice.one([mailbox, mailbox, { kind: 'none' }, { kind: 'guest' }] as const)] as const;
  });
  if (dice.chance(50)) await both.ask('rememberAddresses', organizationId, new Map(results));
  await both.ask('recallAddresses', organizationId, USERS.map(addressOf));
  const folder = dice.one(['Archive', 'Other']);
  const userId = dice.one(USERS);
  await both.ask('rememberFolder', organizationId, folder, userId, `folder-${dice.roll(5)}`);
  if (dice.chance(30)) await both.ask('forgetFolder', organizationId, folder, dice.one(USERS));
  await both.ask('rememberedFolders', organizationId, folder, USERS);
}
