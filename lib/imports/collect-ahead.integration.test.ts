/** A page is made ready while the one before it is written, and nothing comes of it that would not have come of one after the other. */
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { PageConflictError } from './store/collect.ts';
import { startOfUtcDay } from './windows.ts';

const HOUR = 3_600_000;
const [anna] = people as readonly [Person, ...Person[]];
const never = new AbortController().signal;

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
  source = scriptedSource(startOfUtcDay(new Date()));
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

/** Plans an import of these items, two a page. */
async function planned(...ids: readonly string[]): Promise<void> {
  const at = new Date(source.settledThrough.getTime() - HOUR);
  for (const id of ids) source.listed.push(sms(anna, at, { id }));
  connectorId = await engine.connect({ firstImportFrom: new Date(at.getTime() - HOUR) });
  await planConnector(engine.deps, { organizationId: engine.organizationId, connectorId, trigger: 'manual' }, never);
  await engine.database.pool.query('UPDATE import SET page_limit = 2');
}

async function arrived(): Promise<readonly string[]> {
  const found = (await readMailboxes(engine.graph)).get(anna.id) ?? [];
  return found.map(({ itemId }) => itemId ?? '').sort();
}

/** The engine's parts, with page `written` not written before so many pages are staged. */
function holding(written: number, untilStaged: number): Engine['deps'] {
  const { staging, ledger } = engine.deps;
  const reached = Promise.withResolvers<void>();
  let [staged, writes] = [0, 0];
  const putPage: typeof staging.putPage = async (...page) => {
    await staging.putPage(...page);
    if (++staged === untilStaged) reached.resolve();
  };
  const commitPage: typeof ledger.commitPage = async (...page) => {
    if (++writes === written) await reached.promise;
    return ledger.commitPage(...page);
  };
  return {
    ...engine.deps,
    staging: Object.assign(Object.create(staging), { putPage }),
    ledger: { ...ledger, commitPage },
  };
}

it('is staged before the one ahead of it is written', async () => {
  await planned('a', 'b', 'c', 'd', 'e');
  await collectDue(holding(1, 2), engine.organizationId, connectorId, never);
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
});

it('is staged early again when a page that repeated something is behind', async () => {
  await planned('a', 'b', 'b', 'c', 'd', 'e', 'f', 'g');
  await collectDue(holding(3, 4), engine.organizationId, connectorId, never);
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

it('waits for the one ahead of it where an item is on both, and the item is imported once', async () => {
  await planned('a', 'b', 'b', 'c', 'c', 'd');
  const { ledger } = engine.deps;
  let postponed = 0;
  const postponeCollect: typeof ledger.postponeCollect = (...of) => {
    postponed += 1;
    return ledger.postponeCollect(...of);
  };
  const deps = { ...engine.deps, ledger: { ...ledger, postponeCollect } };
  await collectDue(deps, engine.organizationId, connectorId, never);
  expect(postponed).toBe(0);
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c', 'd']);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
});

it('leaves no mark where the one ahead of it could not be written', async () => {
  await planned('a', 'b', 'c', 'd', 'e');
  const { ledger } = engine.deps;
  let refused = 0;
  const commitPage: typeof ledger.commitPage = async (...page) => {
    if (refused++ < 2) throw new PageConflictError('somebody else has it');
    return ledger.commitPage(...page);
  };
  const deps = { ...engine.deps, ledger: { ...ledger, commitPage } };
  for (let run = 0; run < 2; run += 1) {
    await collectDue(deps, engine.organizationId, connectorId, never);
    expect((await engine.database.pool.query('SELECT FROM item')).rowCount).toBe(0);
    await engine.database.pool.query('UPDATE import SET next_attempt_at = now()');
  }
  expect(refused).toBe(2);
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
});

it('is given up where it still hangs when the one ahead of it could not be written', async () => {
  await planned('a', 'b', 'c', 'd', 'e');
  const { ledger } = engine.deps;
  const hangs = Promise.withResolvers<void>();
  const knownItems: typeof ledger.knownItems = async (...of) => {
    if (of[1].includes('c')) hangs.resolve();
    return ledger.knownItems(...of);
  };
  const commitPage: typeof ledger.commitPage = async () => {
    await hangs.promise;
    throw new PageConflictError('somebody else has it');
  };
  const list = source.items.bind(source);
  const asked: unknown[] = [];
  const items: typeof list = async (...of) => {
    asked.push(of[1]);
    // The third page does not come.
    if (asked.length === 3)
      await new Promise((_, reject) => of[3]?.addEventListener('abort', () => reject(of[3]?.reason)));
    return list(...of);
  };
  const deps = {
    ...engine.deps,
    ledger: { ...ledger, knownItems, commitPage },
    source: () => Object.assign(Object.create(source), { items }),
  };
  await collectDue(deps, engine.organizationId, connectorId, never);
  expect(asked).toHaveLength(3);
  await engine.database.pool.query('UPDATE import SET next_attempt_at = now()');
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('that nobody waits for any more fails unseen, where the worker is asked to stop before the first', async () => {
  await planned('a', 'b', 'c');
  const stop = new AbortController();
  const { ledger } = engine.deps;
  const clock: typeof source.clock = async (...of) => {
    const now = await source.clock(...of);
    stop.abort();
    return now;
  };
  const postponeCollect: typeof ledger.postponeCollect = async (...of) => {
    // A rejection that nobody met by now ends this test.
    await setImmediate();
    await ledger.postponeCollect(...of);
  };
  const list = source.items.bind(source);
  const items: typeof list = async (...of) => {
    of[3]?.throwIfAborted();
    return list(...of);
  };
  const deps = {
    ...engine.deps,
    ledger: { ...ledger, postponeCollect },
    source: () => Object.assign(Object.create(source), { clock, items }),
  };
  await collectDue(deps, engine.organizationId, connectorId, stop.signal);
  expect((await engine.database.pool.query('SELECT FROM item')).rowCount).toBe(0);
  await engine.finish();
  expect(await arrived()).toEqual(['a', 'b', 'c']);
});
