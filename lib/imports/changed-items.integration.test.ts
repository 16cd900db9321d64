/** The same id with other content: counted, listed, never skipped; and imported where the first could not be read. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { itemIdentity } from '../mail/identity.ts';
import { NotAllowed } from '../security/actor.ts';
import { pageName } from '../staging/names.ts';
import {
  ago,
  amongNeighbours,
  anna,
  bruno,
  expectTheRestToBeImported,
  HOUR,
  type Scene,
  SETTLED,
  sha256Of,
  startScene,
} from './bad-input.fixture.ts';
import { canonicalJson } from './canonical-json.ts';
import { itemChanges } from './changes.ts';
import { importLogStream } from './log.ts';
import { reasonOf } from './reasons.ts';
import { attach, partyOf, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { PageConflictError } from './store/collect.ts';
import { liveConnector } from './store/connectors.ts';
import { reopenWindow } from './store/imports.ts';
import type { NewItem } from './store/new-items.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let scene: Scene;
beforeEach(async () => {
  source = scriptedSource(SETTLED);
  scene = await startScene(sandbox, () => source);
});
afterEach(async () => {
  await expectTheRestToBeImported(scene);
  await scene.close();
});

const reader = () => seededActor(scene.engine.organizationId);
const changes = (olderThan: string | null = null, size = 10) =>
  itemChanges(scene.engine.database.pool, reader(), scene.connectorId, olderThan, size);

async function listNow(...items: readonly unknown[]): Promise<void> {
  source.listed.splice(0, source.listed.length, ...amongNeighbours(...items));
}

/** Every window once more, as *Repeat* does. */
async function importAgain(): Promise<void> {
  const { pool } = scene.engine.database;
  const { organizationId } = scene.engine;
  const connector = await liveConnector(pool, organizationId, scene.connectorId);
  if (!connector) throw new Error('no connector');
  for (const { id } of await scene.rows<{ id: string }>('SELECT id FROM import_window ORDER BY id'))
    await reopenWindow(pool, connector, id, 'repeat', 'test');
  await scene.engine.deps.enqueue('collect', { organizationId, connectorId: scene.connectorId });
  await scene.engine.finish();
}

const frozen = () =>
  scene.rows(`SELECT number, counts_at_completion FROM import WHERE trigger = 'first' ORDER BY number`);
const good = (traits: object = {}) =>
  sms(anna, ago(HOUR), { id: 'bad', recipients: [partyOf(bruno)], text: 'Readable now.', ...traits });

async function sourceId(): Promise<string> {
  return (await scene.rows<{ id: string }>('SELECT id FROM source'))[0]?.id ?? '';
}

/** The other content of the only change, out of staging. */
async function keptChange(): Promise<unknown> {
  const [row] = await scene.rows<{ import_id: string; page: number; frame_offset: number; frame_length: number }>(
    'SELECT import_id, page, frame_offset, frame_length FROM item_change',
  );
  const { deps, organizationId } = scene.engine;
  const connector = await liveConnector(deps.pool, organizationId, scene.connectorId);
  if (!row || !connector) throw new Error('no change');
  const frame = {
    blob: pageName(organizationId, row.import_id, row.page),
    offset: row.frame_offset,
    length: row.frame_length,
    itemIdentity: itemIdentity({ organizationId, kind: connector.kind, account: connector.accountId }, 'bad'),
  };
  for await (const { body } of deps.staging.readFrames(deps.keyRing, [frame])) return JSON.parse(String(body));
}

test('an item that changed at the source keeps its message; the other content is counted, listed and kept', async () => {
  const first = good({ text: 'First.' });
  await listNow(first);
  await scene.engine.finish();
  expect(await changes()).toEqual({ total: 0, changes: [], olderThan: null });

  const second = { ...first, text: 'Second.' };
  await listNow(second);
  await importAgain();
  await importAgain();
  const [message, ...more] = await scene.messages(anna, 'bad');
  expect([message?.text, more]).toEqual(['First.', []]);
  expect(await keptChange()).toEqual(second);
  const found = await changes();
  expect(found).toMatchObject({ total: 1, olderThan: null });
  expect(found.changes).toEqual([
    expect.objectContaining({
      ...{ itemId: 'bad', type: 'sms', reason: 'changed_at_source', archivedAt: ago(HOUR).toISOString() },
      sha256: sha256Of(Buffer.from(canonicalJson(second))),
    }),
  ]);
  expect(reasonOf('changed_at_source').sentence).toContain('other content');
  const log = await new Response(importLogStream(scene.engine.database.pool, reader(), scene.connectorId)).text();
  expect(log).toContain('Changed at source,');
  expect(log).toContain(reasonOf('changed_at_source').sentence);

  await listNow({ ...first, text: 'Third.' });
  await importAgain();
  const newest = await changes(null, 1);
  expect(newest).toMatchObject({ total: 2, olderThan: expect.any(String) });
  expect((await changes(newest.olderThan, 1)).changes).toEqual(found.changes);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000');
  expect(await itemChanges(scene.engine.database.pool, stranger, scene.connectorId, null, 10)).toMatchObject({
    total: 0,
  });
  await expect(
    itemChanges(scene.engine.database.pool, seededActor(scene.engine.organizationId, []), scene.connectorId, null, 10),
  ).rejects.toThrow(NotAllowed);
});

test('every change of a page is noted with its own item and content', async () => {
  const ids = ['one', 'two', 'three'];
  await listNow(...ids.map((id) => good({ id })));
  await scene.engine.finish();
  const changed = ids.map((id) => good({ id, text: `${id} is otherwise.` }));
  await listNow(...changed);
  await importAgain();
  const found = (await changes()).changes.map(({ itemId, sha256 }) => [itemId, sha256]).sort();
  expect(found).toEqual(changed.map((item) => [item.id, sha256Of(Buffer.from(canonicalJson(item)))]).sort());
  const [places] = await scene.rows('SELECT count(DISTINCT (page, frame_offset))::int AS places FROM item_change');
  expect(places).toEqual({ places: 3 });
});

test('an unreadable item that the source mends is imported then, once, with its attachments', async () => {
  const bytes = Buffer.from('A file.');
  const mended = good({ type: 'mms', attachments: [attach(source, 'paper.txt', 'text/plain', bytes)] });
  const broken = { ...mended, sender: null };
  await listNow(broken);
  await scene.engine.finish();
  expect(await scene.ledger('bad')).toEqual({ outcome: 'unreadable', reason: 'unreadable_schema', copies: [] });
  const before = await frozen();
  const [kept] = await scene.rows<{ id: string }>(`SELECT id FROM item WHERE source_item_id = 'bad'`);

  await listNow(mended);
  await importAgain();
  await importAgain();
  expect(await scene.ledger('bad')).toEqual({ outcome: 'imported', reason: null, copies: ['imported', 'imported'] });
  for (const person of [anna, bruno]) {
    const [message, ...more] = await scene.messages(person, 'bad');
    expect([message?.text, message?.files.map((file) => file.bytes.toString()), more]).toEqual([
      'Readable now.',
      ['A file.'],
      [],
    ]);
  }
  expect(await scene.rows(`SELECT id FROM item WHERE source_item_id = 'bad'`)).toEqual([kept]);
  expect(await frozen()).toEqual(before);
  expect((await scene.engine.counts(scene.connectorId)).items).toMatchObject({
    listed: 9,
    imported: 3,
    unreadable: 0,
    repeat: 6,
  });
  const { total, changes: listed } = await changes();
  expect([total, listed[0]?.reason, listed[0]?.sha256]).toEqual([
    1,
    'mended_at_source',
    sha256Of(Buffer.from(canonicalJson(broken))),
  ]);
  expect(await keptChange()).toEqual(broken);
});

test('what a page lists unreadable first and readable after is imported', async () => {
  await listNow({ ...good(), owner: 7 }, good());
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported', 'imported']);
  expect((await changes()).total).toBe(1);
});

test('what this portal learned to read since is imported when it is listed again, and is no change', async () => {
  await listNow(good({ type: 'hologram' as 'sms' }));
  await scene.engine.finish();
  expect(await scene.ledger('bad')).toEqual({ outcome: 'unreadable', reason: 'unreadable_type', copies: [] });
  // As if an earlier version had not known the type of this very content.
  const sha256 = Buffer.from(sha256Of(Buffer.from(canonicalJson(good()))), 'hex');
  await scene.rows(`UPDATE item_identity SET sha256 = $1 WHERE source_item_id = 'bad'`, [sha256]);
  await listNow(good());
  await importAgain();
  expect((await scene.ledger('bad')).copies).toEqual(['imported', 'imported']);
  expect((await changes()).total).toBe(0);
});

test('an unreadable item that somebody signed off stays so; what the source mends is listed as changed', async () => {
  await listNow({ ...good(), sender: null });
  await scene.engine.finish();
  await scene.rows(
    `WITH signed AS (
       INSERT INTO sign_off (organization_id, connector_id, kind, reason, comment, signed_count, signed_by, signed_by_name)
       VALUES ($1, $2, 'unreadable', 'unreadable_schema', 'Seen.', 1, 'somebody', 'Ada') RETURNING id)
     UPDATE item SET sign_off_id = signed.id FROM signed WHERE source_item_id = 'bad'`,
    [scene.engine.organizationId, scene.connectorId],
  );
  await listNow(good());
  await importAgain();
  expect(await scene.ledger('bad')).toEqual({ outcome: 'unreadable', reason: 'unreadable_schema', copies: [] });
  expect((await changes()).changes.map(({ reason }) => reason)).toEqual(['changed_at_source']);
});

test('a mended item is not written where staged content may be cleared away under it', async () => {
  await listNow({ ...good(), sender: null });
  await scene.engine.finish();
  const { ledger } = scene.engine.deps;
  const [known] = [...(await ledger.knownItems(await sourceId(), ['bad'])).values()];
  if (!known) throw new Error('the item is not known');
  const origin = (await ledger.unreadableItems([known])).get(known.itemId);
  if (!origin) throw new Error('the item is readable');
  const page = await ledger.reservePage(origin.id);
  const item: NewItem = {
    ...{ itemId: known.itemId, sourceItemId: 'bad', sha256: known.sha256, archivedAt: known.archivedAt, type: 'sms' },
    ...{ messageTime: null, messageKey: null, unreadable: null, place: { page, offset: 0, length: 1 } },
    ...{ deliveries: [], attachments: [] },
  };
  // As whoever clears does, which deletes the pages before its own.
  await ledger.reservePage(origin.id);
  const connector = { ...origin, id: origin.connectorId };
  const decision = { connector, versionId: null };
  await expect(ledger.commitMended(origin, page, [item], decision)).rejects.toThrow(PageConflictError);
  expect((await scene.ledger('bad')).outcome).toBe('unreadable');
});

test('a mended item whose people have no mailbox waits like any other', async () => {
  const nobody = { mobile: '+13125550177', email: null, name: null };
  const mended = good({ owner: nobody, sender: nobody, recipients: [] });
  await listNow({ ...mended, sender: null });
  await scene.engine.finish();
  await listNow(mended);
  await importAgain();
  expect(await scene.ledger('bad')).toEqual({ outcome: 'waiting', reason: null, copies: ['waiting: not_mapped'] });
});
