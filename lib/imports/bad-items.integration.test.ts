/** Items that no source should send, each with its one outcome. The table is docs/bad-input.md. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import {
  ago,
  amongNeighbours,
  anna,
  bruno,
  expectTheRestToBeImported,
  HOUR,
  listBesides,
  type Scene,
  SETTLED,
  startScene,
} from './bad-input.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

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

const bad = (traits: object = {}): Record<string, unknown> => ({ ...sms(anna, ago(HOUR), { id: 'bad' }), ...traits });

async function importAmongNeighbours(...items: readonly unknown[]): Promise<void> {
  source.listed.push(...amongNeighbours(...items));
  await scene.engine.finish();
}

async function message() {
  const found = await scene.messages(anna, 'bad');
  expect(found).toHaveLength(1);
  const [only] = found;
  if (!only) throw new Error('no message');
  return only;
}

async function balanced(): Promise<void> {
  expect(await scene.rows('SELECT DISTINCT phase, balanced, problem FROM import')).toEqual([
    { phase: 'completed', balanced: true, problem: null },
  ]);
}

const unreadable = (reason: string) => ({ outcome: 'unreadable', reason, copies: [] });

test.each([
  ['owner', { owner: null }],
  ['sender', { sender: { mobile: 7 } }],
])('an item whose %s cannot be understood is unreadable', async (_, traits) => {
  await importAmongNeighbours(bad(traits));
  expect(await scene.ledger('bad')).toEqual(unreadable('unreadable_schema'));
  expect(await scene.messages(anna, 'bad')).toEqual([]);
  await balanced();
});

test('an item of an unknown type is unreadable', async () => {
  await importAmongNeighbours(bad({ type: 'hologram' }));
  expect(await scene.ledger('bad')).toEqual(unreadable('unreadable_type'));
  await balanced();
});

test('an item without an id is unreadable, and counts once however often it is listed', async () => {
  const { id: _, ...nameless } = bad();
  await importAmongNeighbours(nameless, nameless, { ...nameless, text: 'Another one.' });
  const items = await scene.rows(`SELECT outcome, reason FROM item WHERE source_item_id LIKE 'sha256:%'`);
  expect(items).toEqual(Array.from({ length: 2 }, () => ({ outcome: 'unreadable', reason: 'unreadable_schema' })));
  expect((await scene.engine.counts(scene.connectorId)).items).toMatchObject({ listed: 5, unreadable: 2, repeat: 1 });
});

test('what is no item at all is unreadable', async () => {
  listBesides(source, [null, 'text', ['list'], 17]);
  await importAmongNeighbours();
  const items = await scene.rows(`SELECT outcome, reason FROM item WHERE source_item_id LIKE 'sha256:%'`);
  expect(items).toEqual(Array.from({ length: 4 }, () => ({ outcome: 'unreadable', reason: 'unreadable_schema' })));
  await balanced();
});

test('an item that fails its schema elsewhere is imported, says so and carries the item as it came', async () => {
  const item = bad({ call: 'later', recipients: [partyOf(bruno), { mobile: [] }], groupName: 7, text: 'Readable.' });
  await importAmongNeighbours(item);
  expect(await scene.ledger('bad')).toEqual({
    outcome: 'imported',
    reason: null,
    copies: ['imported: item_mended', 'imported: item_mended'],
  });
  const { text, files } = await message();
  expect(text).toContain('Readable.');
  expect(text).toContain('Not understood, and so not shown here: recipients[1], groupName, call.');
  expect(files.map(({ name }) => name)).toEqual(['original-item.json']);
  expect(JSON.parse(files[0]?.bytes.toString() ?? '')).toEqual(item);
  expect(await scene.messages(bruno, 'bad')).toHaveLength(1);
  await balanced();
});

test('an item nested 100,000 levels deep does not break its page', async () => {
  const depth = 100_000;
  const deep: unknown = JSON.parse(`${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`);
  await importAmongNeighbours(
    bad({ somethingNew: deep }),
    { ...bad({ id: 'deep-text', text: deep }) },
    { ...bad({ id: 'deep-sender', sender: deep }) },
  );
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  expect((await scene.ledger('deep-text')).copies).toEqual(['imported: item_mended']);
  expect(await scene.ledger('deep-sender')).toEqual(unreadable('unreadable_schema'));
  const [deepText] = await scene.messages(anna, 'deep-text');
  expect(deepText?.files[0]?.bytes.length).toBeGreaterThan(8 * depth);
  await balanced();
});

test('huge numbers are not understood where a number is wanted, and nothing else', async () => {
  const durationMs: unknown = JSON.parse('1e400');
  await importAmongNeighbours(
    bad({ size: 1e308, call: { status: 'missed', startTime: ago(HOUR).toISOString(), durationMs } }),
  );
  expect((await scene.ledger('bad')).copies).toEqual(['imported: item_mended']);
  expect((await message()).text).toContain('not shown here: call.');
});

test('of one id twice in a page the first counts, and another content is listed as changed', async () => {
  await importAmongNeighbours(bad(), bad(), bad({ text: 'Something else.' }));
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  expect((await message()).text).toBe('On my way.');
  expect(await scene.rows('SELECT reason FROM item_change')).toEqual([{ reason: 'changed_at_source' }]);
  expect((await scene.engine.counts(scene.connectorId)).items).toMatchObject({ listed: 5, repeat: 2, imported: 3 });
  await balanced();
});

test('an archived time outside its window is taken for the nearest within it', async () => {
  const strays = ['9999-12-31T00:00:00Z', '1066-10-14T00:00:00Z', 'soon'].map((archivedTime, index) =>
    bad({ id: `stray-${index}`, archivedTime, messageTime: '9998-01-01T00:00:00Z' }),
  );
  listBesides(source, strays);
  await importAmongNeighbours();
  const from = (await scene.engine.windows(scene.connectorId)).at(-1)?.from.getTime() ?? 0;
  for (const [index, sentAt] of [SETTLED.getTime() - 1, from, from].entries()) {
    const [stray] = await scene.messages(anna, `stray-${index}`);
    expect(Math.abs(Date.parse(stray?.sentAt ?? '') - sentAt)).toBeLessThan(1000);
    expect(stray?.text).toContain('The phone gave an impossible time (9998-01-01T00:00:00Z).');
  }
  await balanced();
});

const tomorrow = new Date(ago(HOUR).getTime() + 24 * HOUR + 1000).toISOString();
test.each(['1989-12-31T23:59:59Z', '57300-06-03T18:46:03Z', tomorrow, '2026-02-30T00:00:00Z', ''])(
  'a message dated %j is imported at its archived time and says so',
  async (messageTime) => {
    await importAmongNeighbours(bad({ messageTime }));
    expect((await scene.ledger('bad')).copies).toEqual(['imported']);
    const { sentAt, text } = await message();
    expect(Date.parse(sentAt)).toBe(ago(HOUR).getTime());
    expect(text).toContain(`The phone gave an impossible time (${messageTime}).`);
    await balanced();
  },
);

test('NUL and lone surrogates in a text are replaced, and the message says so', async () => {
  await importAmongNeighbours(bad({ text: 'a\0b\ud800c', groupName: '\0\udfff', messageKey: 'k\0' }));
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  const { text } = await message();
  expect(text).toContain('a\ufffdb\ufffdc');
  expect(text).toContain('Characters that mail cannot carry were replaced by \ufffd.');
  await balanced();
});

test('a text of 10 MB is shortened in the message and attached whole', async () => {
  const text = `${'0123456789abcdef '.repeat(620_000)}the end`;
  expect(text.length).toBeGreaterThan(10_000_000);
  await importAmongNeighbours(bad({ text }));
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  const { text: shown, files } = await message();
  expect(shown).toContain(
    'This is the beginning of the text, 160000 characters. The whole is attached as message.txt.',
  );
  expect(files.map(({ name }) => name)).toEqual(['message.txt']);
  expect(files[0]?.bytes.toString() === text).toBe(true);
  await balanced();
});

test('5,000 participants: 500 are addressed, all are in a file, and whoever is owed a copy has one', async () => {
  const crowd = Array.from({ length: 5000 }, (_, index) => ({
    mobile: `+1312${String(5_550_000 + index)}`,
    name: null,
  }));
  const last = people[2];
  if (!last) throw new Error('nobody is there');
  await importAmongNeighbours(bad({ recipients: [...crowd, partyOf(last)] }));
  expect((await scene.ledger('bad')).copies).toEqual(['imported', 'imported']);
  const { recipients, text, files } = await message();
  expect(recipients).toBe(500);
  expect(text).toContain('Sent to 5001 recipients, of which 500 are shown. All are in recipients.txt.');
  expect(files[0]?.bytes.toString().trimEnd().split('\r\n')).toHaveLength(5001);
  expect(await scene.messages(last, 'bad')).toHaveLength(1);
  await balanced();
});
