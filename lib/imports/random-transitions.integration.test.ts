/** Whatever becomes of copies, in whatever order: the counters are what a recount finds, and items follow their copies. */
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testSeed } from '#testing/seed.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { copiesUnaccounted, itemsUnaccounted } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import {
  collect,
  failed,
  gone,
  imported,
  mapNumbers,
  recount,
  rememberMailboxes,
  settleAll,
} from './ledger.fixture.ts';
import { releaseWaiting } from './release.ts';
import { retryCopies } from './retry.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import type { Settlement } from './store/settle.ts';
import { type DeliveryState, itemOutcome } from './transitions.ts';

const never = new AbortController().signal;
const some = people.slice(0, 5);
const ROUNDS = 8;

let sandbox: TestSandbox;
let engine: Engine;
let source: ScriptedSource;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

/** Seeds that once found something, beside the one of this run. */
const SEEDS = [testSeed() | 0, 0x4c53328e, 13];

const person = fc.constantFrom(...some);
const message = fc.record({
  owner: person,
  recipients: fc.array(person, { maxLength: 3 }),
  messageKey: fc.constantFrom(null, 'one', 'two', 'three'),
});
const put: Settlement = { state: 'pending', inSeconds: 0, reason: null };
const partly: Settlement = {
  state: 'partially_imported',
  messageId: 'message',
  contentHash: null,
  reason: 'attachment_refused',
};
const settlement = fc.constantFrom(imported, partly, failed, gone, gone, put);
/** who has which mailbox in a round */
const mapping = fc.array(person, { minLength: some.length, maxLength: some.length });

async function expectTruth(connectorId: string): Promise<void> {
  const { pool } = engine.database;
  const counts = await engine.counts(connectorId);
  expect(counts).toEqual(await recount(pool));
  expect([itemsUnaccounted(counts), copiesUnaccounted(counts)]).toEqual([0, 0]);
  const { rows } = await pool.query<{ outcome: string; states: DeliveryState[] }>(
    `SELECT i.outcome, array_agg(d.state) AS states FROM item i
     JOIN delivery d ON d.archived_at = i.archived_at AND d.item_id = i.id GROUP BY i.archived_at, i.id, i.outcome`,
  );
  for (const { outcome, states } of rows) expect(outcome).toBe(itemOutcome(states));
  // Nobody is skipped for a copy that will not come.
  const lost = await pool.query(
    `SELECT d.reason FROM delivery d WHERE d.state = 'skipped' AND NOT EXISTS (
       SELECT 1 FROM delivery other WHERE other.user_id = d.user_id AND other.state <> 'skipped'
         AND (other.state <> 'failed' OR d.reason = 'same_mailbox')
         AND other.item_id = coalesce(d.twin_item_id, d.item_id))`,
  );
  expect(lost.rows).toEqual([]);
}

it.each(SEEDS)('holds after random settlements, releases and retries, seed %i', async (seed) => {
  const { pool } = engine.database;
  const arrived = source.settledThrough.getTime() - 3_600_000;
  const messages = fc.sample(message, { numRuns: 60, seed });
  source.listed.push(
    ...messages.map(({ owner, recipients, messageKey }, index) =>
      sms(owner, new Date(arrived + index), { id: `item-${index}`, recipients: recipients.map(partyOf), messageKey }),
    ),
  );
  const connectorId = await engine.connect();
  const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  for (const [round, holders] of fc.sample(mapping, { numRuns: ROUNDS, seed }).entries()) {
    await rememberMailboxes(pool, engine.organizationId, some);
    const rows = some.map(({ mobile }, index): [string, string] => [mobile ?? '', holders[index]?.mail ?? '']);
    await mapNumbers(engine, connectorId, Object.fromEntries(rows));
    if (round === 0) await collect(engine, connectorId);
    else await releaseWaiting(engine.deps, engine.organizationId, connectorId, never);
    await expectTruth(connectorId);
    const fates = fc.sample(settlement, { numRuns: 500, seed });
    let next = 0;
    await settleAll(engine, () => fates[next++ % fates.length] ?? imported);
    await expectTruth(connectorId);
    for (const kind of round % 2 === 0 ? ([] as const) : (['failed', 'partial'] as const)) {
      await retryCopies(engine.deps, admin, { connectorId, kind, reason: null, importId: null, one: null });
      await expectTruth(connectorId);
    }
  }
  expect((await engine.counts(connectorId)).copies.imported).toBeGreaterThan(0);
});
