/** A source that sends anything at all: every item is stored, readable or not, and none holds up its page. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, recount } from './ledger.fixture.ts';
import { people, scriptedSource, sms } from './scripted-source.fixture.ts';

/** One page of the feed. */
const ITEMS = 400;

let sandbox: TestSandbox;
let engine: Engine;
const source = scriptedSource();
beforeAll(async () => {
  sandbox = await startTestSandbox();
  engine = await startEngine(sandbox, { source: () => source });
});
afterAll(async () => {
  await engine?.close();
  await sandbox.stop();
});

const [anna, bruno] = people;
if (!anna || !bruno) throw new Error('nobody is there');
const known = [anna, bruno].flatMap(({ mobile, mail }) => [mobile ?? '', mail ?? '']);
const text = fc.oneof(
  fc.constantFrom('', ' ', '\0', 'a\0b', 'a\ufffdb', '\ud800', '\udc00x', '__proto__', 'constructor', ...known),
  fc.constantFrom(...known).map((one) => `${one}\0`),
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Hardly compressible, and longer than an entry of an index may be.
  fc.string({ unit: 'binary', minLength: 400, maxLength: 4000 }),
);
const anything = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() });
const party = fc.record({ mobile: anything, email: anything, name: anything }, { requiredKeys: ['mobile'] });
const poison = fc.record(
  {
    id: anything,
    type: fc.oneof(fc.constantFrom('sms', 'mms', 'chat'), anything),
    messageKey: anything,
    owner: party,
    sender: party,
    recipients: fc.array(party, { maxLength: 4 }),
    messageTime: fc.oneof(anything, fc.constantFrom('57300-06-03T18:46:03Z', '-271821-04-20T00:00:00Z', '2026-02-30')),
    conversationId: anything,
    groupName: anything,
    subject: anything,
    text: anything,
    attachments: fc.array(
      fc.record({
        id: text,
        name: text,
        contentType: text,
        size: fc.oneof(fc.maxSafeNat(), fc.double()),
        sha256: text,
      }),
      { maxLength: 2 },
    ),
    call: anything,
  },
  { requiredKeys: [] },
);

it('stores a page of random items', async () => {
  const arrived = new Date(source.settledThrough.getTime() - 3_600_000);
  const items = fc
    .sample(poison, ITEMS)
    .map((traits, index) => ({ ...sms(anna, arrived, { id: `item-${index}` }), ...traits }));
  // One of each in a message that is otherwise in order, so that more than a few get as far as the database.
  const singles = ['owner', 'sender', 'recipients', 'messageKey', 'attachments', 'conversationId'] as const;
  const mended = items.map((item, index) => {
    const trait = singles[index % singles.length];
    const base = sms(anna, arrived, { id: `mended-${index}` });
    return index % 2 === 0 && trait !== undefined ? { ...base, [trait]: item[trait] } : item;
  });
  source.listed.push(...mended);
  const connectorId = await engine.connect();
  await collect(engine, connectorId);
  const { pool } = engine.database;
  const { rows } = await pool.query<{ phase: string; problem: string | null }>(
    'SELECT DISTINCT phase, problem FROM import',
  );
  expect(rows).toEqual([{ phase: 'delivering', problem: null }]);
  const counts = await engine.counts(connectorId);
  expect(counts.items.listed).toBe(ITEMS);
  expect(counts.items.unreadable).toBeGreaterThan(20);
  expect(counts.items.pending + counts.items.waiting).toBeGreaterThan(20);
  expect(counts).toEqual(await recount(pool));
});
