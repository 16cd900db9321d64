/** What administrators do to a mapping, from the file to the mailboxes: the engine runs, and a directory answers. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '#lib/archive/item.ts';
import { control } from '#lib/imports/connector.fixture.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { collect, recount } from '#lib/imports/ledger.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import { versionRows } from '#lib/mapping/version-rows.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../rows.fixture.ts';
import type { ComparingParts } from './parts.ts';
import {
  applyVersion,
  differenceRows,
  mapNumber,
  type ProposeInput,
  proposeVersion,
  type ReadingParts,
  restoreVersion,
  versionDifference,
} from './use-cases.ts';
import { HEADER } from './world.fixture.ts';

const HOUR = 3_600_000;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
let parts: ReadingParts & ComparingParts;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await engine.connect({ automaticMapping: false });
  const { graph, enqueue, notify, keyRing } = engine.deps;
  parts = { database: engine.database, graph, enqueue, notify, keyRing };
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  expect(await unfounded()).toEqual([]);
  await engine.close();
});

const numberOf = ({ mobile }: Person): string => mobile ?? '';
const mailOf = ({ mail }: Person): string => mail ?? '';
const grace = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

/** A file of pairs, in which a phone may be given further cells. */
const file = (...rows: readonly (readonly [Person, string, ...string[]])[]): string =>
  HEADER + rows.map(([person, ...cells]) => `${[numberOf(person), ...cells, '', ''].slice(0, 4).join(',')}\n`).join('');

function list(of: Person, id: string, traits: Partial<Item> = {}): void {
  source.listed.push(sms(of, new Date(source.settledThrough.getTime() - HOUR), { id, ...traits }));
}

/** Time goes on, so that what is listed next belongs to another window. */
function later(): void {
  source.settledThrough = new Date(source.settledThrough.getTime() + 2 * HOUR);
}

async function importAll(): Promise<void> {
  const { organizationId } = engine;
  await engine.deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  await engine.finish();
}

async function proposed(text: string, more: Partial<ProposeInput> = {}): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const input = { connectorId, fileName: 'mapping.csv', bytes, mode: 'replace', leaveOut: 0 } as const;
  const result = await proposeVersion(parts, grace(), { ...input, portalRows: null, ...more });
  if (result.kind !== 'proposed') throw new Error(JSON.stringify(result));
  return result.versionId;
}

async function apply(versionId: string): Promise<void> {
  const difference = await versionDifference(parts, grace(), { connectorId, versionId });
  if (difference.kind !== 'difference') throw new Error(difference.kind);
  const result = await applyVersion(parts, grace(), {
    connectorId,
    versionId,
    base: difference.base?.id ?? null,
    reason: 'as a test wants it',
    confirmation: `apply version ${difference.version.number}`,
    shiftedConfirmation: 'the mailboxes are right',
  });
  if (result.kind !== 'applied') throw new Error(JSON.stringify(result));
}

async function upload(text: string, more?: Partial<ProposeInput>): Promise<void> {
  await apply(await proposed(text, more));
}

async function held(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

/** Every copy: its item, the rule, and the line and version of the file that chose its mailbox. */
async function choices(): Promise<string[]> {
  const { rows } = await engine.database.pool.query<{ line: string }>(
    `SELECT concat_ws(' ', i.source_item_id, d.rule, 'row ' || d.mapping_row, 'of ' || v.number) AS line
     FROM delivery d JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     LEFT JOIN mapping_version v ON v.id = d.mapping_version_id ORDER BY 1`,
  );
  return rows.map(({ line }) => line);
}

/** Copies in a mailbox by the rule *mapping* that the named row, at the message's time, does not lead to. */
async function unfounded(): Promise<unknown[]> {
  const { rows } = await engine.database.pool.query(
    `SELECT i.source_item_id, d.participant, d.mapping_row FROM delivery d
     JOIN item i ON i.archived_at = d.archived_at AND i.id = d.item_id
     WHERE d.rule = 'mapping' AND NOT EXISTS (
       SELECT 1 FROM ${versionRows('d.mapping_version_id')} r
       JOIN directory_entry e ON e.organization_id = d.organization_id AND e.address = r.mailbox
       WHERE r.row_number = d.mapping_row AND r.number = d.number
         AND r.valid_from <= coalesce(i.message_time, i.archived_at) AND coalesce(i.message_time, i.archived_at) < r.valid_to
         AND e.user_id = d.user_id)`,
  );
  return rows;
}

it('an item of which two copies wait is one waiting item', async () => {
  await upload(file([anna, `x${mailOf(anna)}`], [bruno, `x${mailOf(bruno)}`]));
  list(anna, 'to both', { recipients: [partyOf(bruno)] });
  await importAll();
  const corrected = await proposed(file([anna, mailOf(anna)], [bruno, mailOf(bruno)]));
  expect(await versionDifference(parts, grace(), { connectorId, versionId: corrected })).toMatchObject({
    effect: { waitingReleased: 1 },
  });
});

it('map A and mistype B, import, correct B: B’s copy arrives, A’s is not doubled', async () => {
  await upload(file([anna, mailOf(anna)], [bruno, `x${mailOf(bruno)}`]));
  list(anna, 'to both', { recipients: [partyOf(bruno)] });
  list(bruno, 'of B');
  await importAll();
  expect([await held(anna), await held(bruno)]).toEqual([['to both'], []]);
  const corrected = await proposed(file([anna, mailOf(anna)], [bruno, mailOf(bruno)]));
  expect(await versionDifference(parts, grace(), { connectorId, versionId: corrected })).toMatchObject({
    counts: { added: 0, changed: 1, removed: 0, unchanged: 1 },
    effect: { waitingReleased: 2, archivedLast30Days: 0 },
    guards: [],
  });
  await apply(corrected);
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['to both'], ['of B', 'to both']]);
  // Once more the same file: nothing is sent again.
  await upload(file([anna, mailOf(anna)], [bruno, mailOf(bruno)]));
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['to both'], ['of B', 'to both']]);
});

it('who waits gets everything when somebody maps the number in the portal', async () => {
  list(anna, 'one');
  list(anna, 'two');
  await importAll();
  expect(await held(anna)).toEqual([]);
  const input = { connectorId, number: numberOf(anna), mailbox: mailOf(anna), reason: 'a new phone' };
  expect(await mapNumber(parts, grace(), input)).toMatchObject({ kind: 'applied', number: 1 });
  await engine.finish();
  expect(await held(anna)).toEqual(['one', 'two']);
  expect(await choices()).toEqual(['one mapping row 2 of 1', 'two mapping row 2 of 1']);
});

it('going back a version: what is delivered stays, what comes goes where the old one said', async () => {
  await upload(file([anna, mailOf(anna)], [bruno, mailOf(bruno)]));
  const { rows } = await engine.database.pool.query<{ id: string }>('SELECT id FROM mapping_version');
  list(anna, 'first');
  await importAll();
  await upload(file([anna, mailOf(cleo)], [bruno, mailOf(bruno)]));
  later();
  list(anna, 'second');
  await importAll();
  const restored = await restoreVersion(parts, grace(), { connectorId, versionId: rows[0]?.id ?? '' });
  if (restored.kind !== 'proposed') throw new Error(restored.kind);
  expect(await versionDifference(parts, grace(), { connectorId, versionId: restored.versionId })).toMatchObject({
    counts: { changed: 1, unchanged: 1 },
    effect: { waitingReleased: 0, archivedLast30Days: 1 },
  });
  await apply(restored.versionId);
  later();
  list(anna, 'third');
  await importAll();
  expect([await held(anna), await held(cleo)]).toEqual([['first', 'third'], ['second']]);
  expect(await choices()).toEqual([
    'first mapping row 2 of 1',
    'second mapping row 2 of 2',
    'third mapping row 2 of 3',
  ]);
});

it('a row that takes messages away from the address at the source counts those that stay behind', async () => {
  await engine.database.pool.query('UPDATE connector SET automatic_mapping = true WHERE id = $1', [connectorId]);
  for (const person of [anna, bruno]) list(person, `of ${person.surname}`);
  await importAll();
  const versionId = await proposed(file([anna, mailOf(cleo)], [bruno, mailOf(bruno)]));
  expect(await versionDifference(parts, grace(), { connectorId, versionId })).toMatchObject({
    counts: { added: 2, comparable: 2, disagreeing: 1, newlyDisagreeing: 1 },
    effect: { waitingReleased: 0, archivedLast30Days: 1 },
    guards: [],
  });
  const page = await differenceRows(parts, grace(), { connectorId, versionId, kind: 'added', after: null, limit: 10 });
  const counted = Object.fromEntries((page?.rows ?? []).map((row) => [row.number, row.archivedLast30Days]));
  expect(counted).toEqual({ [numberOf(anna)]: 1, [numberOf(bruno)]: 0 });
});

it('a number that changed hands on a date: each message goes to whom the phone was then', async () => {
  const today = source.settledThrough.getTime();
  const day = (days: number) => new Date(today + days * 24 * HOUR).toISOString().slice(0, 10);
  const sent = (id: string, days: number) => list(anna, id, { messageTime: `${day(days)}T12:00:00.000Z` });
  await upload(file([anna, mailOf(anna)]));
  sent('long ago', -20);
  sent('lately', -2);
  await importAll();
  expect(await held(anna)).toEqual(['lately', 'long ago']);
  const change = await proposed(file([anna, mailOf(bruno), day(-5)]), { mode: 'add' });
  expect(await versionDifference(parts, grace(), { connectorId, versionId: change })).toMatchObject({
    counts: { changed: 1, unchanged: 1 },
    effect: { archivedLast30Days: 1 },
  });
  const page = { connectorId, versionId: change, after: null, limit: 10 };
  expect((await differenceRows(parts, grace(), { ...page, kind: 'changed' }))?.rows).toMatchObject([
    {
      number: numberOf(anna),
      name: anna.displayName,
      email: anna.telemessageEmail,
      oldMailbox: mailOf(anna),
      newMailbox: mailOf(bruno),
      validFrom: new Date(`${day(-5)}T00:00:00Z`),
      validTo: null,
      archivedLast30Days: 1,
    },
  ]);
  await apply(change);
  later();
  sent('late before', -6);
  sent('late after', -5);
  await importAll();
  expect([await held(anna), await held(bruno)]).toEqual([['late before', 'lately', 'long ago'], ['late after']]);
});

describe('what chose a mailbox is written down', () => {
  it('also where another version says the same before the copy is sent', async () => {
    await upload(file([bruno, mailOf(bruno)], [anna, mailOf(anna)]));
    list(anna, 'copy', { recipients: [partyOf(bruno)] });
    await collect(engine, connectorId);
    expect(await choices()).toEqual(['copy mapping row 2 of 1', 'copy mapping row 3 of 1']);
    await upload(file([anna, mailOf(anna)]), { mode: 'add' });
    await engine.finish();
    expect(await choices()).toEqual(['copy mapping row 2 of 2', 'copy mapping row 2 of 2']);
    expect([await held(anna), await held(bruno)]).toEqual([['copy'], ['copy']]);
  });

  it('and where the address at the source leads to the same mailbox, after the row is gone', async () => {
    await engine.database.pool.query('UPDATE connector SET automatic_mapping = true WHERE id = $1', [connectorId]);
    await upload(file([anna, mailOf(anna)]));
    list(anna, 'copy');
    await collect(engine, connectorId);
    await upload(file([bruno, mailOf(bruno)]));
    await engine.finish();
    expect(await choices()).toEqual(['copy automatic']);
    expect(await held(anna)).toEqual(['copy']);
  });

  it('of one that is skipped, too', async () => {
    await upload(file([anna, mailOf(cleo)], [bruno, mailOf(cleo)]));
    list(anna, 'copy', { recipients: [partyOf(bruno)] });
    await collect(engine, connectorId);
    await upload(file([bruno, mailOf(cleo)], [anna, mailOf(cleo)]));
    await engine.finish();
    expect(await choices()).toEqual(['copy mapping row 2 of 2', 'copy mapping row 3 of 2']);
    expect(await held(cleo)).toEqual(['copy']);
  });
});
