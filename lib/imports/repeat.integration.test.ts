/** A past range is imported again without a double, and days before the first window are imported at last. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { connectorRows } from '../connectors/overview.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { pauseConnector } from './commands.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount, rememberMailboxes } from './ledger.fixture.ts';
import { importPage } from './list.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { repeatRange } from './repeat.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR_MS = 3_600_000;
const anna = people[0] as Person;
/** hours from the last midnight on */
const at = (hours: number) => new Date(startOfUtcDay(new Date()).getTime() + hours * HOUR_MS);

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource(at(0));
  engine = await startEngine(sandbox, { source: () => source });
  list('old', -60);
  list('one', -30);
  list('two', -6);
  connectorId = await engine.connect({ firstImportFrom: at(-40) });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  await engine.finish();
});
afterEach(() => engine.close());

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
const repeat = (from: Date, to: Date) => repeatRange(engine.deps, admin(), { connectorId, range: { from, to } });

function list(id: string, hours: number): void {
  source.listed.push(sms(anna, at(hours), { id }));
}
async function inMailbox(): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(anna.id) ?? []).map(({ itemId }) => itemId).sort();
}
async function repeats() {
  const { imports } = await importPage(engine.database.pool, admin(), connectorId, null, 50);
  return imports.filter(({ trigger }) => trigger === 'repeat');
}
async function row() {
  const [found] = await connectorRows(engine.database.pool, admin(), [connectorId], new Date());
  return found ?? expect.fail('no connector');
}

it('reads the windows that the range touches once more: nothing is doubled, and what came late is imported', async () => {
  list('late', -7);
  expect(await repeat(at(-10), at(-9))).toEqual({ kind: 'done', windows: 1, underWay: 0, earlier: false });
  expect(await repeat(at(-30), at(-5))).toEqual({ kind: 'done', windows: 1, underWay: 1, earlier: false });
  expect(await row()).toMatchObject({ activity: 'queued', balancedUpTo: null });
  await engine.finish();
  expect(await inMailbox()).toEqual(['late', 'one', 'two']);
  const runs = await repeats();
  expect(runs.map(({ counts: { items } }) => [items.listed, items.imported, items.repeat])).toEqual([
    [1, 0, 1],
    [2, 1, 1],
  ]);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  expect(await row()).toMatchObject({ health: 'balanced', balancedUpTo: at(0).toISOString() });
});

it('begins before the first window: those days are imported without a gap, once', async () => {
  const before = await engine.windows(connectorId);
  expect(await repeat(at(-70), at(-50))).toEqual({ kind: 'done', windows: 0, underWay: 0, earlier: true });
  await engine.finish();
  const after = await engine.windows(connectorId);
  expect(after.slice(-before.length)).toEqual(before);
  expect(after[0]?.from).toEqual(at(-70));
  for (const [index, { to }] of after.slice(0, -1).entries()) expect(after[index + 1]?.from).toEqual(to);
  const { rows } = await engine.database.pool.query(
    'SELECT count(*)::int AS first FROM import_window WHERE follows IS NULL',
  );
  expect(rows).toEqual([{ first: 1 }]);
  expect(await inMailbox()).toEqual(['old', 'one', 'two']);
  expect(await row()).toMatchObject({ health: 'balanced', balancedUpTo: at(0).toISOString() });
  // Asked for again, it is a matter of windows that are there.
  expect(await repeat(at(-70), at(-50))).toMatchObject({ windows: 1, earlier: false });
  await engine.finish();
  expect(await engine.windows(connectorId)).toEqual(after);
  expect(await inMailbox()).toEqual(['old', 'one', 'two']);
});

it('asks for more than the source has: as far back as it has it', async () => {
  expect(await repeat(at(-24 * 200), at(-24 * 190))).toMatchObject({ earlier: true });
  await engine.finish();
  const [first] = await engine.windows(connectorId);
  expect(first?.from).toEqual(at(-24 * 90));
  expect(await inMailbox()).toContain('old');
});

it('says so where there is nothing to read again, or nobody may', async () => {
  expect(await repeat(at(5), at(6))).toEqual({ kind: 'nothing' });
  expect(await repeat(at(-5), at(-5))).toEqual({ kind: 'bad_range' });
  expect(await repeat(at(-24 * 366 * 20), at(0))).toEqual({ kind: 'bad_range' });
  expect(await repeat(new Date(Number.NaN), at(0))).toEqual({ kind: 'bad_range' });
  const choice = { connectorId, range: { from: at(-10), to: at(-9) } };
  await expect(repeatRange(engine.deps, seededActor(engine.organizationId), choice)).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await repeatRange(engine.deps, stranger, choice)).toEqual({ kind: 'not_found' });
  await pauseConnector(engine.deps, admin(), connectorId);
  expect(await repeat(at(-10), at(-9))).toEqual({ kind: 'paused' });
  expect(await repeats()).toEqual([]);
});
