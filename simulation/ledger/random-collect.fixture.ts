/** For the comparison with the model: random planning and collecting, with stale collectors and pages that are refused. */
import { createHash } from 'node:crypto';
import { shardOf, UNASSIGNED } from '#lib/imports/shards.ts';
import type { CollectedPage } from '#lib/imports/store/collect.ts';
import type { ImportRun } from '#lib/imports/store/imports.ts';
import type { SealedAgain } from '#lib/imports/store/lost-content.ts';
import type { RoomHere } from '#lib/imports/store/new-claims.ts';
import type { NewAttachment, NewDelivery, NewItem, Origin } from '#lib/imports/store/new-items.ts';
import { addressOf, anyConnector, FEW_USERS, type World } from './random-world.fixture.ts';

const MINUTE = 60_000;
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

export async function plan(world: World): Promise<void> {
  const { both, dice } = world;
  const connector = await anyConnector(world);
  if (connector === null) return;
  const opened = await both.ask('openWindows', connector, {
    through: new Date(both.now.getTime() - dice.roll(90) * MINUTE),
    earliestRetained: new Date(0),
    trigger: dice.one(['scheduled', 'manual', 'first'] as const),
    by: dice.chance(50) ? 'somebody' : null,
  });
  world.importIds.push(...(opened ?? []));
  await both.ask('plannedThrough', connector);
}

export async function claim(world: World): Promise<void> {
  const { both, dice, connectors } = world;
  const { organizationId, id } = dice.one(connectors);
  const run = await both.ask('claimCollect', organizationId, id, `owner${dice.roll(3)}`, dice.one([60, 600]));
  if (!run) return;
  world.runs.push(run);
  while (dice.chance(60)) await collectPage(world);
}

export async function renew(world: World): Promise<void> {
  const run = world.dice.recent(world.runs);
  if (run) await world.both.ask('renewCollect', run, 600);
}

export async function postpone(world: World): Promise<void> {
  const { both, dice } = world;
  const run = dice.recent(world.runs);
  if (!run) return;
  await both.ask('postponeCollect', run, {
    problem: dice.chance(50) ? 'source_unreachable' : null,
    inSeconds: dice.one([0, 10, 12.3456]),
    restartFeed: dice.chance(40),
  });
}

/** Reads one more page under a lease that may be lost, and goes on from its cursor. */
export async function collectPage(world: World): Promise<void> {
  const { both, dice } = world;
  const run = dice.recent(world.runs);
  if (!run) return;
  const number = await both.ask('nextPageNumber', run);
  if (number === null && dice.chance(80)) {
    if (dice.chance(50)) world.runs.splice(world.runs.indexOf(run), 1);
    return;
  }
  const page = await pageOf(world, run, number ?? 1);
  const room = roomOf(world, run);
  const claimed = await both.ask('commitPage', run, page, room);
  if (claimed === null) return;
  world.writtenAsClaimed += claimed.length;
  for (const delivery of claimed) {
    const lease = room?.leases.find(({ shard }) => shard === shardOf(delivery.userId));
    if (lease) world.held.push({ lease, delivery });
  }
  for (const { archivedAt, itemId, sourceItemId } of page.items) world.items.push({ archivedAt, itemId, sourceItemId });
  const at = world.runs.indexOf(run);
  if (page.nextCursor === null) world.runs.splice(at, 1);
  else world.runs[at] = { ...run, cursor: page.nextCursor };
}

async function pageOf(world: World, run: ImportRun, page: number): Promise<CollectedPage> {
  const { both, dice } = world;
  const count = dice.roll(14);
  const ids = (await both.ask('reserveIds', 'item_id_seq', count)) ?? [];
  const items: NewItem[] = [];
  for (const itemId of ids) items.push(await itemOf(world, run, itemId, page));
  const repeats = dice.roll(6);
  const changed = dice.some(world.items, 5).map(({ archivedAt, itemId }) => ({
    archivedAt,
    itemId,
    sha256: sha256(`changed ${dice.roll(2)}`),
    place: place(world, page),
  }));
  return {
    listed: items.length + repeats,
    repeats,
    items,
    changed,
    // Now and then the cursor of a collector that is behind.
    cursor: dice.chance(4) ? 'another' : run.cursor,
    nextCursor: dice.chance(30) ? null : `cursor-${world.counter++}`,
    mappingVersionId: versionOf(world, run, dice.chance(4)),
  };
}

/** Room for some copies under leases that were had, and may be lost; alone in the organization as far as one owner goes. */
function roomOf({ dice, leases }: World, { organizationId }: ImportRun): RoomHere | null {
  if (dice.chance(20)) return null;
  const latest = new Map(
    leases.filter((lease) => lease.organizationId === organizationId).map((lease) => [lease.shard, lease]),
  );
  const every = 1 + dice.roll(3);
  return {
    leases: [...latest.values()],
    owner: dice.one(['round', 'worker0']),
    seconds: dice.one([40, 600]),
    // Both sides ask: the answer must not depend on how often.
    take: ({ place }) => (place.offset / 100) % every === 0,
  };
}

/** The version in force, or now and then the one before it. */
function versionOf({ both }: World, { connectorId }: Pick<ImportRun, 'connectorId'>, isOld: boolean): string | null {
  if (isOld) return '00000000-0000-4000-8000-00000000000b';
  return both.model.tables.mappingVersions.find('mapping_version_one_in_force', connectorId)?.id ?? null;
}

function place({ dice }: World, page: number) {
  return { page, offset: dice.roll(50) * 100, length: 100 };
}

async function itemOf(world: World, run: ImportRun, itemId: string, page: number): Promise<NewItem> {
  const { dice } = world;
  const { from, to } = run.window;
  const known = dice.chance(2) ? dice.recent(world.items) : undefined;
  const sourceItemId = known?.sourceItemId ?? `item-${world.counter++}`;
  const archivedAt = new Date(from.getTime() + dice.roll(to.getTime() - from.getTime()));
  const base = { itemId, sourceItemId, sha256: sha256(sourceItemId), archivedAt, place: place(world, page) };
  if (dice.chance(15)) {
    const unreadable = { messageTime: null, messageKey: null, unreadable: 'unreadable_schema' } as const;
    return { ...base, ...unreadable, type: 'unreadable', deliveries: [], attachments: [] };
  }
  return readable(world, base, page);
}

type Base = Pick<NewItem, 'itemId' | 'sourceItemId' | 'sha256' | 'archivedAt' | 'place'>;

async function readable(world: World, base: Base, page: number): Promise<NewItem> {
  const { dice, both } = world;
  const { archivedAt } = base;
  const attachmentIds =
    (await both.ask('reserveIds', 'attachment_id_seq', dice.chance(30) ? 1 + dice.roll(2) : 0)) ?? [];
  return {
    ...base,
    type: 'SMS',
    messageTime: dice.chance(50) ? new Date(archivedAt.getTime() - MINUTE) : null,
    messageKey: dice.chance(75) ? `key-${dice.roll(6)}` : null,
    unreadable: null,
    deliveries: deliveriesOf(world, page),
    attachments: attachmentIds.map((id, position) => newAttachment(world, id, position)),
  };
}

export function newAttachment({ dice }: World, id: string, position: number): NewAttachment {
  const state = dice.one(['staged', 'staged', 'staged', 'missing', 'missing', 'given_up'] as const);
  const staged = state === 'staged';
  return {
    id,
    position,
    sourceAttachmentId: `attachment-${id}`,
    size: dice.roll(1000),
    state,
    reason: staged || dice.chance(30) ? null : 'attachment_missing',
    dataKey: staged ? Buffer.from([dice.roll(256)]) : null,
    sha256: staged ? sha256(id) : null,
    announcedSha256: dice.chance(50) ? id : null,
    askAgainSeconds: dice.one([0, 15, 600]),
  };
}

function deliveriesOf(world: World, page: number): NewDelivery[] {
  const { dice } = world;
  const taken = new Set<string>();
  return Array.from({ length: dice.roll(4) }, (_, index): NewDelivery => {
    // Now and then the same participant or the same mailbox twice, which the ledger refuses.
    const participant = dice.chance(1) ? 'p0' : `p${index}`;
    const number = `+4420794600${10 + index}`;
    const read = { written: participant, region: 'GB', regionAssumed: dice.chance(30) };
    const base = { participant, number, ...read, email: null };
    const userId = dice.one(FEW_USERS);
    if (dice.chance(30)) {
      const nobody = {
        userId: null,
        mailboxAddress: null,
        shard: UNASSIGNED,
        mappingVersionId: null,
        mappingRow: null,
      };
      return { ...base, ...nobody, rule: 'none', state: 'waiting', reason: 'not_mapped', place: place(world, page) };
    }
    const again = taken.has(userId) && !dice.chance(3);
    taken.add(userId);
    return {
      ...base,
      rule: 'mapping',
      mappingVersionId: '00000000-0000-4000-8000-00000000000a',
      mappingRow: 2 + index,
      userId,
      mailboxAddress: addressOf(userId),
      shard: shardOf(userId),
      state: again ? 'skipped' : 'pending',
      reason: again ? 'same_mailbox' : null,
      place: place(world, page),
    };
  });
}

/** What could not be read can be read now: imported in its place, while others reserve pages and apply mappings. */
export async function mend(world: World): Promise<void> {
  const { both, dice } = world;
  const known = dice.some(world.items, 40).map((item) => ({ ...item, sha256: sha256(item.sourceItemId) }));
  const origins = (await both.ask('unreadableItems', known)) ?? new Map<string, Origin>();
  const origin = dice.recent([...origins.values()]);
  if (!origin) return;
  const page = (await both.ask('reservePage', origin.id)) ?? 1;
  if (dice.chance(10)) await both.ask('reservePage', origin.id);
  const items: NewItem[] = [];
  for (const { itemId, sourceItemId, archivedAt } of known) {
    if (origins.get(itemId)?.id !== origin.id) continue;
    // One of them with other content: in which order PostgreSQL numbers several is not settled.
    const hash = sha256(items.length === 0 ? `${sourceItemId} mended` : sourceItemId);
    items.push(
      await readable(world, { itemId, sourceItemId, sha256: hash, archivedAt, place: place(world, page) }, page),
    );
  }
  const connector = (await both.ask('liveConnectorOfSource', origin.organizationId, origin.sourceId)) ?? {
    ...origin,
    id: origin.connectorId,
  };
  const versionId = versionOf(world, { connectorId: connector.id }, dice.chance(5));
  // Who comes second finds it readable.
  for (let times = dice.chance(15) ? 2 : 1; times > 0; times--)
    await both.ask('commitMended', origin, page, items, { connector, versionId });
}

export async function lookAtItems(world: World): Promise<void> {
  const { both, dice, sources } = world;
  const ids = dice.some(world.items, 20).map(({ sourceItemId }) => sourceItemId);
  await both.ask('knownItems', dice.one(sources).id, [...ids, 'nobody knows this']);
  const { id } = dice.one(sources);
  const from = new Date(both.now.getTime() - dice.roll(48 * 60) * MINUTE);
  await both.ask('heldItems', id, { from, to: both.now });
}

export async function attempt(world: World): Promise<void> {
  const { both, dice } = world;
  await both.ask('dueAttachments');
  const importId = dice.recent(world.importIds);
  if (importId) {
    const organizationId = dice.one(world.organizationIds);
    await both.ask('claimMissing', organizationId, importId, dice.one([15, 600]));
    if (dice.chance(20)) await both.ask('postponeMissing', organizationId, importId, dice.one([0, 60]));
  }
  const asked = dice.some(world.items, 15);
  const rows = [...((await both.ask('attachmentsOfItems', asked)) ?? new Map()).values()].flat();
  for (const row of dice.some(rows, 30)) {
    if (dice.chance(25)) {
      await both.ask('renewMissing', row, dice.one([15, 600]));
      continue;
    }
    const [id = row.id] = (await both.ask('reserveIds', 'attachment_id_seq', 1)) ?? [];
    await both.ask('recordAttempt', row, newAttachment(world, id, row.position));
  }
}

/** Items whose content is lost, some of them as somebody knew them a while ago, and now and then on a page of another. */
export async function sealAgain(world: World): Promise<void> {
  const { both, dice } = world;
  const asked = dice.some(world.items, 40).map((item) => ({ ...item, sha256: sha256(item.sourceItemId) }));
  const origins = (await both.ask('lostItems', asked)) ?? new Map<string, Origin>();
  const origin = dice.recent([...origins.values()]);
  if (!origin) return;
  const page = (await both.ask('reservePage', origin.id)) ?? 1;
  if (dice.chance(10)) await both.ask('reservePage', origin.id);
  const items = asked.filter(({ itemId }) => origins.get(itemId)?.id === origin.id || dice.chance(5));
  const sealed: SealedAgain[] = [];
  for (const { itemId, archivedAt } of items) {
    const rows = (await both.ask('attachmentsOfItems', [{ itemId, archivedAt }]))?.get(itemId) ?? [];
    const ids = (await both.ask('reserveIds', 'attachment_id_seq', rows.length)) ?? [];
    const attachments = rows.flatMap((row, index) =>
      dice.chance(30) ? [] : [{ ...newAttachment(world, ids[index] ?? '', row.position), lostId: row.id }],
    );
    sealed.push({ itemId, archivedAt, place: place(world, page), attachments, mayComplete: dice.chance(70) });
  }
  await both.ask('commitSealedAgain', dice.one(world.connectors), origin, page, sealed);
}
