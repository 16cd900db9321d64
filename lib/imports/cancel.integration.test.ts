/** A cancelled import stops collecting, owes what it collected, and leaves its window to the next. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { ArchiveSource } from '../archive/source.ts';
import { connectorRows } from '../connectors/overview.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { importPrefix } from '../staging/names.ts';
import { cancelImport } from './cancel.ts';
import { collectDue } from './collect.ts';
import { importNow } from './commands.ts';
import { control } from './connector.fixture.ts';
import { balances } from './counts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount, rememberMailboxes } from './ledger.fixture.ts';
import { importPage, openWindowCount } from './list.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { startOfUtcDay } from './windows.ts';

const DAY_MS = 86_400_000;
const never = new AbortController().signal;
const anna = people[0] as Person;
const day = (count: number) => new Date(startOfUtcDay(new Date()).getTime() + count * DAY_MS);

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
  // Yesterday is planned, so that the schedule asks for nothing by itself.
  source = scriptedSource(day(0));
  const inSmallPages: ArchiveSource = {
    ...source,
    items: (window, cursor) => source.items(window, cursor, 2),
    clock: () => source.clock(),
  };
  engine = await startEngine(sandbox, { source: () => inSmallPages });
  connectorId = await engine.connect({ firstImportFrom: day(-1) });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
});
afterEach(() => engine.close());

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
const ids = ['one', 'two', 'three', 'four', 'five'];

async function imports() {
  return (await importPage(engine.database.pool, admin(), connectorId, null, 50)).imports.toReversed();
}
async function cancel(number: number) {
  const importId = (await imports())[number - 1]?.id ?? '';
  return cancelImport(engine.deps, admin(), { connectorId, importId });
}
async function phases(): Promise<string[]> {
  return (await imports()).map(({ trigger, phase }) => `${trigger} ${phase}`);
}
async function row() {
  const [found] = await connectorRows(engine.database.pool, admin(), [connectorId], new Date());
  return found ?? expect.fail('no connector');
}
async function plan(trigger: 'scheduled' | 'manual' | 'first'): Promise<void> {
  await planConnector(engine.deps, { organizationId: engine.organizationId, connectorId, trigger }, never);
}
const collect = () => collectDue(engine.deps, engine.organizationId, connectorId, never);
async function inMailbox(): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(anna.id) ?? []).map(({ itemId }) => itemId).sort();
}

it('stops in the middle of a feed: what is collected is delivered, the rest is for the next import, nothing twice', async () => {
  source.listed.push(...ids.map((id) => sms(anna, new Date(day(-1).getTime() + 60_000), { id })));
  // When its second page is staged, and not written yet.
  const { staging } = engine.deps;
  const putPage = staging.putPage.bind(staging);
  const put = vi.spyOn(staging, 'putPage').mockImplementation(async (...page) => {
    await putPage(...page);
    if (put.mock.calls.length === 2) expect(await cancel(1)).toBe('done');
  });
  await plan('first');
  await collect();
  put.mockRestore();
  expect(await phases()).toEqual(['first cancelled']);
  expect((await imports())[0]?.counts).toMatchObject({ items: { listed: 2 }, copies: { pending: 2 } });
  expect((await imports())[0]?.countsAtCompletion).toBeNull();
  expect(await row()).toMatchObject({ health: 'needs_you', alerts: ['import_cancelled'], balancedUpTo: null });
  expect(await openWindowCount(engine.database.pool, admin(), connectorId)).toBe(1);

  await engine.settle();
  expect(await inMailbox()).toEqual(['one', 'two']);
  const [cancelled] = await imports();
  expect(cancelled?.countsAtCompletion).toMatchObject({ items: { listed: 2, imported: 2 } });
  expect(cancelled && balances(cancelled.counts)).toBe(true);
  const staged = [];
  for await (const blob of engine.deps.staging.list(importPrefix(engine.organizationId, cancelled?.id ?? ''))) {
    staged.push(blob.name);
  }
  expect(staged).toEqual([]);

  expect(await importNow(engine.deps, admin(), connectorId)).toBe('done');
  source.settledThrough = new Date(day(0).getTime() + 7_200_000);
  await engine.finish();
  expect(await inMailbox()).toEqual([...ids].sort());
  expect(await phases()).toEqual(['first cancelled', 'manual completed', 'repeat completed']);
  expect((await imports())[2]?.counts.items).toMatchObject({ listed: 5, imported: 3, repeat: 2 });
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  expect(await row()).toMatchObject({ health: 'balanced', alerts: [] });
  expect(await openWindowCount(engine.database.pool, admin(), connectorId)).toBe(0);
});

it('planning goes on after a cancelled window, and the next day takes it up; until then the schedule leaves it alone', async () => {
  source.settledThrough = new Date(day(0).getTime() - 7_200_000);
  await plan('first');
  expect(await cancel(1)).toBe('done');
  await plan('scheduled');
  expect(await phases()).toEqual(['first cancelled']);
  source.settledThrough = day(0);
  await plan('scheduled');
  expect(await phases()).toEqual(['first cancelled', 'scheduled queued', 'repeat queued']);
  await collect();
  await engine.finish();
  expect((await phases()).slice(1)).toEqual(['scheduled completed', 'repeat completed']);
  expect((await row()).balancedUpTo).toBe(day(0).toISOString());
});

it('one that waits in line behind it is collected at once', async () => {
  source.settledThrough = new Date(day(0).getTime() + 7_200_000);
  await plan('manual');
  expect(await phases()).toEqual(['manual queued', 'manual queued']);
  expect(await cancel(1)).toBe('done');
  await engine.settle();
  expect(await phases()).toEqual(['manual cancelled', 'manual completed']);
});

it('is too late when everything is collected, and changes nothing when it is over', async () => {
  source.listed.push(sms(anna, day(-1), { id: 'one' }));
  await plan('first');
  await collect();
  expect(await cancel(1)).toBe('too_late');
  await engine.finish();
  expect(await cancel(1)).toBe('unchanged');
  expect(await phases()).toEqual(['first completed']);
});

it('is audited, and for Admins of the organization', async () => {
  await plan('first');
  const importId = (await imports())[0]?.id ?? '';
  const reader = seededActor(engine.organizationId);
  await expect(cancelImport(engine.deps, reader, { connectorId, importId })).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await cancelImport(engine.deps, stranger, { connectorId, importId })).toBe('not_found');
  expect(await cancel(1)).toBe('done');
  const { rows } = await engine.database.pool.query(
    "SELECT action, actor_name, detail FROM audit_entry WHERE actor <> 'system'",
  );
  expect(rows).toEqual([
    { action: 'import.cancelled', actor_name: 'Ada', detail: { importId, number: 1, collected: false } },
  ]);
});
