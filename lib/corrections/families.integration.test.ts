/** Copies that others were skipped for: correcting one participant takes nothing from another, and doubles nobody's. */
import { expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import type { Item } from '../archive/item.ts';
import { control } from '../imports/connector.fixture.ts';
import { copies, recount } from '../imports/ledger.fixture.ts';
import { retryCopies } from '../imports/retry.ts';
import { outsider, partyOf, people, sms } from '../imports/scripted-source.fixture.ts';
import { groupLines, heldBy, itemsOf } from './correction.fixture.ts';
import { correctionWorld } from './world.fixture.ts';

const HOUR = 3_600_000;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
/** The second one's number is mistyped. */
const [good, bad, third] = [people[3], people[4], people[5]] as readonly [Person, Person, Person];

const world = correctionWorld();

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const map = (...pairs: readonly (readonly [Person, Person])[]) => world.map(...pairs);
function list(of: Person, traits: Partial<Item>): void {
  world.source.listed.push(sms(of, new Date(world.source.settledThrough.getTime() - HOUR), traits));
}
const mailboxes = async () => ({
  anna: await itemsOf(world.engine, anna),
  bruno: await itemsOf(world.engine, bruno),
  cleo: await itemsOf(world.engine, cleo),
});
const statesOf = async (person: Person): Promise<string[]> =>
  (await copies(world.engine.database.pool))
    .filter(({ participant }) => participant === numberOf(person))
    .map(({ item, state, reason }) => `${item} ${reason ?? state}`);

async function balances(): Promise<void> {
  expect(await world.engine.counts(world.connectorId)).toEqual(await recount(world.engine.database.pool));
  const { items, copies: of } = await world.engine.counts(world.connectorId);
  expect([items.pending, of.pending, of.waiting]).toEqual([0, 0, 0]);
}

it('who has the mailbox rightly keeps the message that they shared, and does not get it twice', async () => {
  // Whoever is first is imported, and the other one is skipped in favour of that copy.
  list(good, { id: 'from-good', recipients: [partyOf(bad)] });
  list(bad, { id: 'from-bad', recipients: [partyOf(good)] });
  await map([good, anna], [bad, anna]);
  await world.engine.finish();
  expect(await mailboxes()).toEqual({ anna: ['from-bad', 'from-good'], bruno: [], cleo: [] });
  const held = new Set((await heldBy(world.engine, anna)).map(({ id }) => id));

  await map([good, anna], [bad, bruno]);
  await world.engine.finish();
  const id = await world.bench.list(numberOf(bad));
  const copied = await world.bench.copy(id);
  expect(groupLines(copied)).toEqual(['left nothing_of_its_own: 1', 'left of_another: 1']);
  expect(copied.removable).toBe(0);
  expect(await mailboxes()).toEqual({
    anna: ['from-bad', 'from-good'],
    bruno: ['from-bad', 'from-good'],
    cleo: [],
  });
  // The very same messages as before.
  expect(new Set((await heldBy(world.engine, anna)).map((message) => message.id))).toEqual(held);
  expect(await statesOf(good)).toEqual(['from-bad imported', 'from-good imported']);
  expect(await statesOf(bad)).toEqual(['from-bad imported', 'from-good imported']);
  await balances();
});

it('who takes a message over takes over what is known of it: that it is missing, or is to be looked for', async () => {
  for (const id of ['doubted', 'missing', 'well']) list(bad, { id, recipients: [partyOf(good)] });
  await map([good, anna], [bad, anna]);
  await world.engine.finish();
  expect(await statesOf(good)).toEqual(['doubted same_mailbox', 'missing same_mailbox', 'well same_mailbox']);
  const { pool } = world.engine.database;
  const mark = (item: string, reason: string | null) =>
    pool.query(
      `UPDATE delivery SET doubt = 1, reason = $2 WHERE state = 'imported' AND participant = $3
         AND item_id = (SELECT id FROM item WHERE source_item_id = $1)`,
      [item, reason, numberOf(bad)],
    );
  await mark('doubted', null);
  await map([good, anna], [bad, bruno]);
  await world.engine.finish();
  const id = await world.bench.list(numberOf(bad));
  // The look that follows a doubt finds it gone while its content is fetched.
  const items = world.source.items.bind(world.source);
  world.source.items = async (...asked) => {
    await mark('missing', 'missing_in_mailbox');
    return items(...asked);
  };
  await world.bench.copy(id);
  const { rows } = await pool.query<{ line: string }>(
    `SELECT concat_ws(' ', i.source_item_id, d.state, d.reason, d.doubt) AS line FROM delivery d
     JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id WHERE d.participant = $1 ORDER BY 1`,
    [numberOf(good)],
  );
  expect(rows.map(({ line }) => line)).toEqual([
    'doubted imported 1',
    'missing imported missing_in_mailbox 1',
    'well imported 0',
  ]);
  await balances();
});

it('a message that two phones archived is in the right mailbox once', async () => {
  list(good, { id: 'good-phone', messageKey: 'key', recipients: [partyOf(bad)] });
  list(bad, { id: 'bad-phone', messageKey: 'key', recipients: [partyOf(good)], direction: 'incoming' });
  await map([good, anna], [bad, cleo]);
  await world.engine.finish();
  expect(await mailboxes()).toEqual({ anna: ['good-phone'], bruno: [], cleo: ['good-phone'] });
  await map([good, anna], [bad, bruno]);
  await world.engine.finish();
  const ended = await world.bench.correct(numberOf(bad));
  expect(groupLines(ended)).toEqual(['left nothing_of_its_own: 1', 'removed: 1']);
  const { anna: hers, bruno: his, cleo: wrong } = await mailboxes();
  expect([hers, his.length, wrong]).toEqual([['good-phone'], 1, []]);
  await balances();
});

it('where the right mailbox has the message from another phone, it gets no second one, and the wrong one goes', async () => {
  list(third, { id: 'third-phone', messageKey: 'key', recipients: [outsider] });
  list(bad, { id: 'bad-phone', messageKey: 'key', recipients: [outsider] });
  await map([third, bruno], [bad, cleo]);
  await world.engine.finish();
  expect(await mailboxes()).toEqual({ anna: [], bruno: ['third-phone'], cleo: ['bad-phone'] });
  await map([third, bruno], [bad, bruno]);
  await world.engine.finish();
  expect(groupLines(await world.bench.correct(numberOf(bad)))).toEqual(['removed: 1']);
  expect(await mailboxes()).toEqual({ anna: [], bruno: ['third-phone'], cleo: [] });
  expect(await statesOf(bad)).toEqual(['bad-phone twin']);
  await balances();
});

it("another phone's owner, who was skipped in favour of a misfiled copy, gets a copy of their own before that one goes", async () => {
  list(bad, { id: 'bad-phone', messageKey: 'key', recipients: [outsider] });
  list(third, { id: 'third-phone', messageKey: 'key', recipients: [outsider] });
  await map([third, cleo], [bad, cleo]);
  await world.engine.finish();
  expect(await mailboxes()).toEqual({ anna: [], bruno: [], cleo: ['bad-phone'] });
  expect(await statesOf(third)).toEqual(['third-phone twin']);
  await map([third, cleo], [bad, bruno]);
  await world.engine.finish();
  const id = await world.bench.list(numberOf(bad));
  await world.bench.copy(id);
  expect(await mailboxes()).toEqual({ anna: [], bruno: ['bad-phone'], cleo: ['bad-phone', 'third-phone'] });
  await world.bench.confirmRemoval(id);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 1']);
  expect(await mailboxes()).toEqual({ anna: [], bruno: ['bad-phone'], cleo: ['third-phone'] });
  expect(await statesOf(third)).toEqual(['third-phone imported']);
  await balances();
});

it('a misfiled message stays as long as it is all that another person has of it', async () => {
  list(bad, { id: 'bad-phone', messageKey: 'key', recipients: [outsider] });
  list(third, { id: 'third-phone', messageKey: 'key', recipients: [outsider] });
  await map([third, cleo], [bad, cleo]);
  await world.engine.finish();
  await map([third, cleo], [bad, bruno]);
  await world.engine.finish();
  const id = await world.bench.list(numberOf(bad));
  await control(world.sandbox, 'PATCH', `mailboxes/${cleo.mail}`, { kind: 'full' });
  expect(groupLines(await world.bench.copy(id))).toEqual(['verified: 1']);
  await world.engine.finish();
  expect(await statesOf(third)).toEqual(['third-phone mailbox_full']);
  await world.bench.confirmRemoval(id);
  expect(groupLines(await world.bench.reaches(id, 'copied'))).toEqual(['verified others_copy_missing: 1']);
  expect((await mailboxes()).cleo).toEqual(['bad-phone']);

  await control(world.sandbox, 'PATCH', `mailboxes/${cleo.mail}`, { kind: 'user' });
  const selection = {
    connectorId: world.connectorId,
    kind: 'failed',
    reason: null,
    importId: null,
    one: null,
  } as const;
  await retryCopies(world.engine.deps, world.bench.admin, selection);
  await world.engine.finish();
  expect((await mailboxes()).cleo).toEqual(['bad-phone', 'third-phone']);
  await world.bench.confirmRemoval(id);
  expect(groupLines(await world.bench.reaches(id, 'ended'))).toEqual(['removed: 1']);
  expect((await mailboxes()).cleo).toEqual(['third-phone']);
  await balances();
});
