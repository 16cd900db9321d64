/** Closing imports: numbers of one moment, a manifest that will not agree, alerts that are about one window. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SourceError } from '../archive/source.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, imported, mapNumbers, recount, rememberMailboxes, settleAll } from './ledger.fixture.ts';
import { recheckWindow, reconcileImport } from './reconcile.ts';
import { releaseWaiting } from './release.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const never = new AbortController().signal;
const [anna, bruno] = people as readonly [Person, Person, ...Person[]];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
beforeEach(async () => {
  // Noon, so that two hours are one window.
  source = scriptedSource(new Date(Math.floor(Date.now() / DAY) * DAY - 12 * HOUR));
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

const ago = (ms: number): Date => new Date(source.settledThrough.getTime() - ms);
async function rowsOf<T extends object = object>(sql: string, values: unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, values)).rows;
}

async function connectFrom(firstImportFrom: Date): Promise<string> {
  const connectorId = await engine.connect({ firstImportFrom });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  return connectorId;
}

async function reconcileAll(): Promise<void> {
  const open = await rowsOf<{ id: string }>(`SELECT id FROM import WHERE phase = 'delivering' ORDER BY number`);
  for (const { id } of open) await reconcileImport(engine.deps, engine.organizationId, id, never);
}

interface WindowLine {
  readonly id: string;
  readonly state: string;
  readonly hours: number | null;
}
const windowLines = () =>
  rowsOf<WindowLine>(
    `SELECT id, state, round(extract(epoch FROM recheck_due_at - now()) / 3600)::int AS hours
     FROM import_window ORDER BY starts_at`,
  );
const openAlerts = () => rowsOf('SELECT code, window_id FROM alert WHERE resolved_at IS NULL ORDER BY window_id, code');

it('a copy that is released while the source is asked keeps its import open, and the numbers of its end balance', async () => {
  source.listed.push(sms(anna, ago(HOUR), { owner: { mobile: '+12125559999', email: null, name: null } }));
  const connectorId = await connectFrom(ago(2 * HOUR));
  await collect(engine, connectorId);
  const { manifest } = source;
  source.manifest = async (range, signal) => {
    source.manifest = manifest;
    await mapNumbers(engine, connectorId, { '+12125559999': anna.mail ?? '' });
    expect(await releaseWaiting(engine.deps, engine.organizationId, connectorId, never)).toBe(1);
    return manifest.call(source, range, signal);
  };
  await reconcileAll();
  expect(await rowsOf('SELECT phase FROM import')).toEqual([{ phase: 'delivering' }]);
  await settleAll(engine, () => imported);
  await reconcileAll();
  expect(await rowsOf('SELECT phase, balanced FROM import')).toEqual([{ phase: 'completed', balanced: true }]);
  expect(await openAlerts()).toEqual([]);
});

it('a manifest that holds more for good is read again three times, then the alert stands', async () => {
  source.surplus = 1;
  source.listed.push(sms(anna, ago(HOUR)));
  const connectorId = await connectFrom(ago(2 * HOUR));
  await collect(engine, connectorId);
  await settleAll(engine, () => imported);
  const seen: (number | null)[] = [];
  for (let i = 0; i < 5; i++) {
    await reconcileAll();
    const [window] = await windowLines();
    seen.push(window?.hours ?? null);
    await rowsOf(
      `UPDATE import_window SET recheck_due_at = now() - interval '1 second' WHERE recheck_due_at IS NOT NULL`,
    );
    await recheckWindow(engine.deps, engine.organizationId, window?.id ?? '', never);
    await collect(engine, connectorId);
  }
  expect(seen).toEqual([1, 24, 144, null, null]);
  expect(await rowsOf('SELECT 1 FROM import')).toHaveLength(4);
  expect((await openAlerts()).map((alert) => ('code' in alert ? alert.code : null))).toEqual(['manifest_differs']);
});

it('a manifest that holds less is no reason to read the list again', async () => {
  source.listed.push(sms(anna, ago(HOUR)));
  const connectorId = await connectFrom(ago(2 * HOUR));
  await collect(engine, connectorId);
  await settleAll(engine, () => imported);
  source.surplus = -1;
  const seen: (number | null)[] = [];
  await reconcileAll();
  for (let i = 0; i < 4; i++) {
    const [window] = await windowLines();
    seen.push(window?.hours ?? null);
    await rowsOf(
      `UPDATE import_window SET recheck_due_at = now() - interval '1 second' WHERE recheck_due_at IS NOT NULL`,
    );
    await recheckWindow(engine.deps, engine.organizationId, window?.id ?? '', never);
  }
  expect(seen).toEqual([1, 24, 144, null]);
  expect(await rowsOf('SELECT 1 FROM import')).toHaveLength(1);
});

it('alerts are about one window, and end when that window balances', async () => {
  source.surplus = 1;
  source.listed.push(sms(anna, ago(HOUR)), sms(anna, ago(DAY)));
  const connectorId = await connectFrom(ago(DAY + HOUR));
  await collect(engine, connectorId);
  await settleAll(engine, () => imported);
  // As if the counters of the first were wrong.
  await rowsOf(
    `UPDATE import_counter SET count = count + 1 WHERE outcome = 'items.listed'
       AND import_id = (SELECT id FROM import ORDER BY number LIMIT 1)`,
  );
  await reconcileAll();
  const [first, second] = await windowLines();
  if (!first || !second) throw new Error('there are two windows');
  expect(await openAlerts()).toEqual([
    { code: 'does_not_balance', window_id: first.id },
    { code: 'manifest_differs', window_id: first.id },
    { code: 'manifest_differs', window_id: second.id },
  ]);

  source.surplus = 0;
  await rowsOf(`UPDATE import_window SET recheck_due_at = now() - interval '1 second' WHERE id = $1`, [second.id]);
  await recheckWindow(engine.deps, engine.organizationId, second.id, never);
  expect(await openAlerts()).toEqual([
    { code: 'does_not_balance', window_id: first.id },
    { code: 'manifest_differs', window_id: first.id },
  ]);

  source.surplus = 1;
  await rowsOf(`UPDATE import_window SET recheck_due_at = now() - interval '1 second' WHERE id = $1`, [first.id]);
  await recheckWindow(engine.deps, engine.organizationId, first.id, never);
  source.surplus = 0;
  await collect(engine, connectorId);
  await reconcileAll();
  expect(await openAlerts()).toEqual([]);
});

it('a feed that had to begin anew counts every entry once', async () => {
  const items = Array.from({ length: 7 }, (_, index) => sms(bruno, ago(HOUR + index)));
  source.listed.push(...items.slice(0, 3), items[1], ...items.slice(3), items[6]);
  const list = source.items;
  let calls = 0;
  source.items = async (range, cursor, _limit, signal) => {
    // The second pass ends earlier than the first one did, and the third is whole.
    calls++;
    if (calls === 4 || calls === 6) throw new SourceError('cursor_expired', 'gone');
    return list.call(source, range, cursor, 2, signal);
  };
  const connectorId = await connectFrom(ago(2 * HOUR));
  await collect(engine, connectorId);
  const { items: counted } = await engine.counts(connectorId);
  expect(calls).toBeGreaterThan(8);
  expect([counted.listed, counted.pending, counted.repeat]).toEqual([9, 7, 2]);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await settleAll(engine, () => imported);
  await reconcileAll();
  expect(await rowsOf('SELECT balanced FROM import')).toEqual([{ balanced: true }]);
});
