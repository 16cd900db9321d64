/** For the comparison with the model: random completion, rechecks, clearing, commands and what is due. */

import { expect } from 'vitest';
import type { SourceUser } from '#lib/archive/source.ts';
import { balances } from '#lib/imports/counts.ts';
import type { UsersOwner } from '#lib/imports/source-users.ts';
import type { Judgement, Reading } from '#lib/imports/store/reconcile.ts';
import { isE164 } from '#lib/mapping/number.ts';
import { commandConnector, commandImport, importFirst, insertMapping } from './portal.fixture.ts';
import { addConnector, addressOf, anyConnector, FEW_USERS, type World } from './random-world.fixture.ts';

const HOUR = 3_600_000;

export async function lookAround({ both, dice, importIds, organizationIds }: World): Promise<void> {
  await both.ask('connectorsToPlan');
  await both.ask('requestedConnectors');
  await both.ask('dueCollects');
  await both.ask('dueShards', dice.one([0, 30]));
  await both.ask('deliveredImports', null);
  await both.ask('dueRechecks', 100);
  await both.ask('importsToClear', 100);
  await both.ask('waitingConnectors');
  await both.ask('doubtfulOrganizations');
  await both.ask('organizationIds');
  await both.ask('watchImports');
  const importId = dice.recent(importIds);
  if (importId) await both.ask('findImport', dice.one(organizationIds), importId);
  await both.ask('watchImports');
}

/** Books are judged once more: of days, of cancelled imports, and of what was settled later. */
export async function judge({ both, dice, importIds, organizationIds }: World): Promise<void> {
  const organizationId = dice.one(organizationIds);
  await both.ask('judgeDays', organizationId);
  const { imports } = both.model.tables;
  const importId = dice.recent(dice.chance(50) ? importIds : imports.with('phase', 'cancelled').map(({ id }) => id));
  const run = imports.find('id', importId ?? '');
  if (importId === undefined || run === undefined) return;
  // Numbers that do not add up are the one thing that nothing here comes to: somebody said so once.
  const { connectorId, windowId } = run;
  const alert = {
    organizationId: run.organizationId,
    connectorId,
    importId,
    windowId,
    code: 'does_not_balance',
  } as const;
  if (dice.chance(50)) await both.ask('raiseAlert', alert);
  await both.ask('judgeLater', organizationId, importId);
  await both.ask('keepCancelledNumbers', organizationId, importId);
}

export async function complete(world: World): Promise<void> {
  const { both, dice } = world;
  const importId = dice.recent(world.importIds);
  const [due] = dice.chance(80)
    ? ((await both.ask('deliveredImports', null)) ?? [])
    : (importId && (await both.ask('deliveredImports', [importId]))) || [];
  const id = due?.importId ?? importId;
  const run = id === undefined ? null : await findAnywhere(world, id);
  if (run === null) return;
  if (dice.chance(15)) {
    await both.ask('postponeReconcile', run, 'source_unreachable', dice.one([0, 60]));
    return;
  }
  const held = (await both.ask('heldItems', run.sourceId, run.window)) ?? 0;
  const count = dice.chance(70) ? held : held + 1;
  const reading = readingOf(world);
  const judge: Parameters<typeof both.model.completeImport>[3] = (counts, differed): Judgement => ({
    ...reading,
    differs: count === held ? 0 : differed + 1,
    balanced: balances(counts) && count === held,
    findings: [
      { code: 'does_not_balance', wrong: !balances(counts) },
      { code: 'manifest_differs', wrong: count !== held, detail: { manifest: count, held } },
    ],
  });
  const connector = await both.ask('liveConnectorOfSource', run.organizationId, run.sourceId);
  await both.ask('completeImport', run, connector?.id ?? run.connectorId, { count, attachmentBytes: 7 }, judge);
}

function readingOf({ dice }: World): Reading {
  return {
    balanced: dice.chance(70),
    rechecks: dice.roll(3),
    differs: dice.roll(3),
    recheckInSeconds: dice.one([null, 60, 86_400]),
  };
}

async function findAnywhere({ both, organizationIds }: World, importId: string) {
  for (const organizationId of organizationIds) {
    const run = await both.ask('findImport', organizationId, importId);
    if (run) return run;
  }
  return null;
}

export async function recheck(world: World): Promise<void> {
  const { both, dice, organizationIds } = world;
  const [due] = (await both.ask('dueRechecks', 1000)) ?? [];
  const connector = await anyConnector(world);
  // A window of its own: two imports of equal windows would be equally due.
  const own = connector ? both.model.tables.windows.with('connector', connector.id) : [];
  const windowId = due && dice.chance(60) ? due.windowId : (dice.recent(own)?.id ?? '77');
  const claimed = await both.ask('claimRecheck', due?.organizationId ?? dice.one(organizationIds), windowId);
  if (!connector) return;
  if (claimed || dice.chance(20))
    await both.ask('writeReading', windowId, { count: dice.roll(9), attachmentBytes: 1 }, readingOf(world));
  const alert = { organizationId: connector.organizationId, connectorId: connector.id, importId: null } as const;
  const code = dice.one(['manifest_differs', 'content_missing'] as const);
  if (dice.chance(50)) await both.ask('raiseAlert', { ...alert, windowId, code, detail: { held: dice.roll(3) } });
  if (dice.chance(50)) await both.ask('resolveWindowAlert', connector.id, windowId, code);
  if (!own.some(({ id }) => id === windowId) && dice.chance(90)) return;
  const opened = await both.ask('reopenWindow', connector, windowId, dice.one(['repeat', 'recheck'] as const), null);
  if (opened) world.importIds.push(opened);
}

/** The source has purged what lies before some time within a window, or about it. */
export async function lose(world: World): Promise<void> {
  const { both, dice, organizationIds } = world;
  const connector = await anyConnector(world);
  const window = connector && dice.recent(both.model.tables.windows.with('connector', connector.id));
  if (!window) return;
  const { startsAt, endsAt, id: windowId } = window;
  const length = endsAt.getTime() - startsAt.getTime();
  const earliestRetained = new Date(
    startsAt.getTime() + Math.round((length * dice.one([-1, 0, 2, 5, 9, 10, 11])) / 10),
  );
  await both.ask('loseUnretained', { windowId, connectorId: connector.id }, earliestRetained);
  const importId = dice.recent(world.importIds);
  if (importId) await both.ask('keepCancelledNumbers', dice.one(organizationIds), importId);
}

export async function beginClearing(world: World): Promise<void> {
  const { both, dice } = world;
  const [due] = (await both.ask('importsToClear', 1000)) ?? [];
  const importId = due?.importId ?? dice.recent(world.importIds);
  if (importId === undefined) return;
  const organizationId = due?.organizationId ?? dice.one(world.organizationIds);
  const count = 1 + dice.roll(3);
  const reserved = (await both.ask('reserveKeptPages', organizationId, importId, count)) ?? 1;
  const pages = ((await both.ask('keptOfPages', importId)) ?? []).map(({ page }) => page);
  const frames = (await both.ask('framesToKeep', importId, dice.some(pages, 80))) ?? [];
  world.clearings.push({ organizationId, importId, reserved, keptPage: reserved - dice.roll(count), frames });
  if (dice.chance(60)) await clear(world);
}

/** Goes on with a clearing that may have been overtaken. */
export async function clear(world: World): Promise<void> {
  const { both, dice } = world;
  const clearing = dice.recent(world.clearings);
  if (!clearing) return;
  const { organizationId, importId, reserved, keptPage, frames } = clearing;
  const moved = frames.map((frame, index) => ({ frame, offset: index * 10, length: 10 + (index % 3) }));
  const pages = Array.from({ length: 12 }, (_, page) => String(page));
  const attachments = Array.from({ length: 60 }, (_, id) => String(id));
  await both.ask('namedContent', organizationId, importId, { pages, attachments });
  if (!(await both.ask('moveFrames', importId, reserved, keptPage, moved))) return;
  await both.ask('markUnneededAttachments', importId);
  if (dice.chance(70)) await both.ask('finishClearing', importId, reserved);
}

export async function command(world: World): Promise<void> {
  const { both, dice } = world;
  const { model, pool } = both;
  const { id, organizationId, sourceId } = dice.one(world.connectors);
  const what = dice.roll(10);
  if (what === 0) {
    model.requestImport(id, 'somebody');
    await commandImport(pool, id, 'somebody');
  } else if (what === 1 && dice.chance(40)) {
    await both.ask('stopConnector', organizationId, id, dice.one(['invalid_credentials', 'consent_missing']));
  } else if (what === 2) {
    const request = (await both.ask('importRequest', organizationId, id)) ?? { at: both.now, by: 'nobody' };
    await both.ask('importPlanned', organizationId, id, request);
  } else if (what === 3 && dice.chance(40)) {
    const live = await both.ask('liveConnectorOfSource', organizationId, sourceId);
    if (!live) return;
    model.deleteConnector(live.id);
    await commandConnector(pool, 'deleteConnector', live.id);
    await addConnector(world, { id: sourceId, organizationId });
  } else if (what === 4 && dice.chance(50)) {
    const userId = dice.one(FEW_USERS);
    const first = dice.chance(60) ? null : { userId, address: addressOf(userId) };
    model.importFirst(id, first);
    await importFirst(pool, id, first);
  } else {
    const name = dice.one([
      'pauseConnector',
      'resumeConnector',
      'resumeConnector',
      'restartConnector',
      'restartConnector',
    ] as const);
    model[name](id);
    await commandConnector(pool, name, id);
  }
}

const NUMBERS = ['+442079460010', '+442079460011', '+442079460012', '+442079460013'].filter(isE164);

/** The mapping and the registered users change, and what follows from them for some numbers is compared. */
export async function owed(world: World): Promise<void> {
  const { both, dice } = world;
  const connector = await anyConnector(world);
  if (!connector) return;
  if (dice.chance(60)) {
    const rows = dice.some(NUMBERS, 70).map((number) => ({
      number,
      mailbox: addressOf(dice.one(FEW_USERS)),
      from: new Date(both.now.getTime() - dice.roll(48) * HOUR),
      to: dice.chance(50) ? null : new Date(both.now.getTime() + HOUR),
    }));
    const versionId = both.model.applyMapping(
      connector.id,
      rows.map(({ from, to, ...row }) => ({ ...row, validity: { from, to } })),
    );
    await insertMapping(both.pool, versionId, connector.id, rows);
  }
  const { organizationId, sourceId } = connector;
  if (dice.chance(60)) await readUsers(world, { organizationId, sourceId, region: 'GB' });
  both.questions.add('owedContext');
  const answers = [both.postgres, both.model].map(async (ledger) => {
    const context = await ledger.owedContext(connector, () => NUMBERS.slice(0, 3));
    const times = [-50, -20, 0, 2].map((hours) => new Date(both.now.getTime() + hours * HOUR));
    return {
      mapped: NUMBERS.map((number) => times.map((at) => context.mapping(number, at))),
      registered: NUMBERS.map((number) => context.isRegistered(number)),
      domains: [...context.verifiedDomains],
      rest: [context.automaticMapping, context.defaultRegion],
    };
  });
  const [real, modelled] = await Promise.all(answers);
  expect(modelled).toEqual(real);
}

function usersOf({ dice }: World): SourceUser[] {
  return dice.some(NUMBERS, 70).map((mobile) => ({
    mobile: dice.chance(20) ? mobile.replace('+44', '0') : mobile,
    email: dice.chance(50) ? 'somebody@example.com' : null,
    name: null,
    status: dice.one(['activated', 'suspended', 'deleted'] as const),
    lastArchivedTime: dice.chance(50) ? '2026-11-01T10:00:00Z' : 'never',
  }));
}

/** Reads the users of a source, now and then beside a reading that began before and writes after. */
async function readUsers(world: World, owner: UsersOwner): Promise<void> {
  const { both, dice } = world;
  both.questions.add('syncSourceUsers');
  const read = async (users: readonly SourceUser[], wait: () => Promise<void>) => {
    const listed = async function* () {
      await wait();
      yield* users;
    };
    const [real, modelled] = [
      both.postgres.syncSourceUsers(owner, listed()),
      both.model.syncSourceUsers(owner, listed()),
    ];
    expect(await modelled).toBe(await real);
  };
  const now = () => Promise.resolve();
  if (dice.chance(50)) return read(usersOf(world), now);
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const later = Promise.withResolvers<void>();
  let which = 0;
  const slow = read(usersOf(world), () => {
    begun[which++]?.resolve();
    return later.promise;
  });
  await Promise.all(begun.map(({ promise }) => promise));
  await both.advance(dice.one([0, 1, 1000]));
  await read(usersOf(world), now);
  later.resolve();
  await slow;
}
