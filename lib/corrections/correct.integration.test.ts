/** A number was mistyped, messages went into somebody else's mailbox: they go to the right one, once, and leave the wrong one. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import type { Item } from '../archive/item.ts';
import { mapNumbers, recount } from '../imports/ledger.fixture.ts';
import { attachmentHashes } from '../imports/mailboxes.fixture.ts';
import { attach, partyOf, people, sms } from '../imports/scripted-source.fixture.ts';
import { groupLines, heldBy, itemsOf } from './correction.fixture.ts';
import { wrongMessageRows } from './read.ts';
import { confirmCopying, endCorrection, listAgain } from './steps.ts';
import { correctionWorld } from './world.fixture.ts';

const HOUR = 3_600_000;
const MB = 1024 * 1024;
/** Whose mailboxes there are. */
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
/** Whose phones are archived: the first is mapped well, the second wrongly. */
const [good, bad] = [people[3], people[4]] as readonly [Person, Person];

const world = correctionWorld();

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const map = (...pairs: readonly (readonly [Person, Person])[]) => world.map(...pairs);

function list(of: Person, traits: Partial<Item>): Item {
  const item = sms(of, new Date(world.source.settledThrough.getTime() - HOUR), traits);
  world.source.listed.push(item);
  return item;
}

async function balances(): Promise<void> {
  expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
  const { items, copies: of } = await world.engine.counts(world.connectorId);
  expect(items.listed).toBe(
    items.pending + items.imported + items.waiting + items.failed + items.unreadable + items.repeat,
  );
  expect(of.available).toBe(of.pending + of.imported + of.partiallyImported + of.skipped + of.failed);
}

async function audited(action: string): Promise<Record<string, unknown>[]> {
  const { rows } = await world.engine.database.pool.query<{ detail: Record<string, unknown> }>(
    'SELECT detail FROM audit_entry WHERE action = $1 ORDER BY id',
    [action],
  );
  return rows.map(({ detail }) => detail);
}

async function staged(): Promise<number> {
  let count = 0;
  for await (const _ of world.engine.deps.staging.list('')) count++;
  return count;
}

describe('the whole way', () => {
  it('takes copies with their attachments from the source to the right mailbox, and out of the wrong one', async () => {
    const photo = attach(world.source, 'photo.jpg', 'image/jpeg', randomBytes(20_000));
    const film = attach(world.source, 'film.mp4', 'video/mp4', randomBytes(5 * MB));
    const time = new Date(world.source.settledThrough.getTime() - 20 * HOUR).toISOString();
    list(bad, { id: 'text', messageTime: time, recipients: [partyOf(good)] });
    list(bad, { id: 'mms', type: 'mms', attachments: [photo, film] });
    list(good, { id: 'others' });
    await map([good, anna], [bad, cleo]);
    await world.engine.finish();
    expect([await itemsOf(world.engine, anna), await itemsOf(world.engine, cleo)]).toEqual([
      ['others', 'text'],
      ['mms', 'text'],
    ]);
    expect(await staged()).toBe(0);
    const [before] = (await heldBy(world.engine, cleo)).filter(({ itemId }) => itemId === 'text');

    await map([good, anna], [bad, bruno]);
    await world.engine.finish();
    const id = await world.bench.list(numberOf(bad));
    expect(groupLines(await world.bench.open(id))).toEqual(['listed: 2']);
    expect((await world.bench.open(id)).groups).toMatchObject([
      { fromMailbox: cleo.mail, toMailbox: bruno.mail, count: 2 },
    ]);
    // Nothing was changed by looking.
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([[], ['mms', 'text']]);

    // What an upload into the wrong mailbox may have left behind.
    await world.engine.database.pool.query(
      `INSERT INTO upload_session (archived_at, delivery_id, attachment, organization_id, url_sealed, expires_at)
       SELECT archived_at, delivery_id, $2, organization_id, 'sealed', now() + interval '1 hour' FROM correction_copy
       WHERE correction_id = $1`,
      [id, film.id],
    );
    const copied = await world.bench.copy(id);
    expect((await world.engine.database.pool.query('SELECT 1 FROM upload_session')).rows).toEqual([]);
    expect(groupLines(copied)).toEqual(['verified: 2']);
    expect(copied.removable).toBe(2);
    expect([
      await itemsOf(world.engine, anna),
      await itemsOf(world.engine, bruno),
      await itemsOf(world.engine, cleo),
    ]).toEqual([
      ['others', 'text'],
      ['mms', 'text'],
      ['mms', 'text'],
    ]);
    const [after] = (await heldBy(world.engine, bruno)).filter(({ itemId }) => itemId === 'text');
    expect(after).toMatchObject({
      isDraft: false,
      sentDateTime: before?.sentDateTime,
      receivedDateTime: before?.receivedDateTime,
      from: { emailAddress: { address: bruno.mail } },
    });
    expect(Date.parse(after?.sentDateTime ?? '')).toBe(Math.floor(Date.parse(time) / 1000) * 1000);
    const [mms] = (await heldBy(world.engine, bruno)).filter(({ itemId }) => itemId === 'mms');
    const hashes = [photo, film].map(({ sha256 }) => sha256).sort();
    expect(await attachmentHashes(world.engine.graph, bruno.id, mms?.id ?? '')).toEqual(hashes);
    await balances();

    const listed = await wrongMessageRows(world.engine.database.pool, world.bench.admin, id, null, 10);
    expect(listed.map(({ sourceItemId, fromMailbox }) => `${sourceItemId} ${fromMailbox}`).sort()).toEqual(
      ['mms', 'text'].map((item) => `${item} ${cleo.mail}`),
    );
    expect(await world.bench.confirmRemoval(id)).toEqual({ kind: 'done' });
    expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 2']);
    expect([
      await itemsOf(world.engine, anna),
      await itemsOf(world.engine, bruno),
      await itemsOf(world.engine, cleo),
    ]).toEqual([['others', 'text'], ['mms', 'text'], []]);
    await balances();
    await world.engine.finish();
    expect(await staged()).toBe(0);

    expect(await audited('correction.message-removed')).toHaveLength(2);
    expect(await audited('correction.message-removed')).toContainEqual(
      expect.objectContaining({
        item: 'text',
        mailbox: cleo.id,
        message: before?.id,
        kept: { userId: bruno.id, messageId: after?.id },
      }),
    );
    const actions = ['started', 'confirmed', 'copies-moved', 'copies-verified', 'removal-confirmed', 'ended'];
    for (const action of actions) expect(await audited(`correction.${action}`), action).toHaveLength(1);
  });
});

describe('what was moved and not removed yet', () => {
  it('is found again where the mapping goes back, and is not doubled', async () => {
    list(bad, { id: 'one' });
    await map([bad, cleo]);
    await world.engine.finish();
    const [first] = await heldBy(world.engine, cleo);
    await map([bad, bruno]);
    await world.engine.finish();
    const there = await world.bench.list(numberOf(bad));
    await world.bench.copy(there);
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([['one'], ['one']]);
    await endCorrection(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: there });

    await map([bad, cleo]);
    await world.engine.finish();
    const back = await world.bench.list(numberOf(bad));
    expect(groupLines(await world.bench.copy(back))).toEqual(['verified: 1']);
    expect((await heldBy(world.engine, cleo)).map(({ id }) => id)).toEqual([first?.id]);
    await world.bench.confirmRemoval(back);
    await world.bench.reaches(back, 'ended');
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([[], ['one']]);
    await balances();
  });
});

describe('a period', () => {
  it('is one of message time, and the mapping of that time decides', async () => {
    const changed = new Date(world.source.settledThrough.getTime() - 5 * HOUR);
    const at = (hours: number) => new Date(changed.getTime() + hours * HOUR).toISOString();
    list(bad, { id: 'before', messageTime: at(-2) });
    list(bad, { id: 'after', messageTime: at(2) });
    list(bad, { id: 'long-after', messageTime: at(4) });
    await map([bad, cleo]);
    await world.engine.finish();
    // The number was cleo's until then: only what came later is misfiled.
    await mapNumbers(world.engine, world.connectorId, {
      [numberOf(bad)]: [
        { mailbox: cleo.mail ?? '', to: changed },
        { mailbox: bruno.mail ?? '', from: changed },
      ],
    });
    await world.engine.finish();
    const to = new Date(changed.getTime() + 3 * HOUR);
    const id = await world.bench.list(numberOf(bad), { to });
    expect(groupLines(await world.bench.open(id))).toEqual(['listed: 1', 'right: 1']);
    await world.bench.copy(id);
    await world.bench.confirmRemoval(id);
    await world.bench.reaches(id, 'ended');
    expect([await itemsOf(world.engine, bruno), await itemsOf(world.engine, cleo)]).toEqual([
      ['after'],
      ['before', 'long-after'],
    ]);
    await balances();
  });
});

it('nothing goes elsewhere than was shown: where the mapping changes meanwhile, it is listed again', async () => {
  list(bad, { id: 'one' });
  await map([bad, cleo]);
  await world.engine.finish();
  await map([bad, bruno]);
  await world.engine.finish();
  const id = await world.bench.list(numberOf(bad));
  await map([bad, anna]);
  await world.engine.finish();
  expect(await world.bench.confirm(id)).toEqual({ kind: 'mapping_changed' });
  const other = { connectorId: world.connectorId, correctionId: id, expected: 7 };
  expect(await confirmCopying(world.engine.deps, world.bench.admin, other)).toEqual({ kind: 'changed', count: 1 });
  await map([bad, bruno]);
  await world.engine.finish();
  expect(await world.bench.confirm(id)).toEqual({ kind: 'mapping_changed' });
  expect(await itemsOf(world.engine, bruno)).toEqual([]);
  await listAgain(world.engine.deps, world.bench.admin, { connectorId: world.connectorId, correctionId: id });
  await world.bench.reaches(id, 'listed');
  expect(await world.bench.confirm(id)).toEqual({ kind: 'done' });
  // And once more, between the confirmation and the first step.
  await map([bad, anna]);
  expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['kept_back mapping_changed: 1']);
  expect([
    await itemsOf(world.engine, anna),
    await itemsOf(world.engine, bruno),
    await itemsOf(world.engine, cleo),
  ]).toEqual([[], [], ['one']]);
});
