import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { connectorRows } from '../connectors/overview.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { closeAlert, openAlerts } from './alerts.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import type { ReasonCode } from './reasons.ts';
import { scriptedSource } from './scripted-source.fixture.ts';
import { raiseAlert } from './store/connectors.ts';

let sandbox: TestSandbox;
let engine: Engine;
let connectorId: string;
beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '1' });
  engine = await startEngine(sandbox, { source: () => scriptedSource() });
  connectorId = await engine.connect();
  await engine.settle();
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

const auditor = () => seededActor(engine.organizationId, ['DataConnectors.Auditor']);
const elsewhere = () => seededActor('00000000-0000-4000-8000-00000000beef', ['DataConnectors.Auditor']);

async function raised(code: ReasonCode): Promise<string> {
  const { organizationId, database } = engine;
  await raiseAlert(database.pool, { organizationId, connectorId, importId: null, code });
  const alert = (await openAlerts(database.pool, auditor(), connectorId)).find((one) => one.code === code);
  if (!alert) throw new Error('no alert is open');
  return alert.id;
}

async function health(): Promise<string | undefined> {
  const [row] = await connectorRows(engine.database.pool, auditor(), [connectorId], new Date());
  return row?.health;
}

const entries = async () =>
  (await engine.database.pool.query(`SELECT actor_name, detail FROM audit_entry WHERE action = 'alert.closed'`)).rows;

test('an alert that nothing ends is closed by a person, with a comment, and then nobody is called for any more', async () => {
  const alertId = await raised('missing_in_mailbox');
  expect(await health()).toBe('needs_you');
  const close = { connectorId, alertId, comment: ' asked the owner, who deleted it ' };
  expect(await closeAlert(engine.deps, elsewhere(), close)).toBe('not_found');
  expect(await closeAlert(engine.deps, auditor(), { ...close, comment: ' x ' })).toBe('bad_comment');
  expect(await entries()).toEqual([]);
  const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  await expect(closeAlert(engine.deps, admin, close)).rejects.toThrow(NotAllowed);
  expect(await health()).toBe('needs_you');

  expect(await closeAlert(engine.deps, auditor(), close)).toBe('done');
  expect(await closeAlert(engine.deps, auditor(), close)).toBe('not_found');
  const detail = { alert: alertId, code: 'missing_in_mailbox', comment: 'asked the owner, who deleted it' };
  expect(await entries()).toEqual([{ actor_name: 'Ada', detail }]);
  expect(await openAlerts(engine.database.pool, auditor(), connectorId)).toEqual([]);
  expect(await health()).toBe('balanced');
});

test('that a manifest differs is closed together with its window', async () => {
  const { organizationId, database } = engine;
  const [window] = (await database.pool.query('SELECT id FROM import_window ORDER BY id')).rows;
  const closed = async () => {
    const of = `SELECT state, closed_at > now() - interval '1 minute' AS now FROM import_window WHERE id = $1`;
    return (await database.pool.query(of, [window.id])).rows;
  };
  const about = { organizationId, connectorId, importId: null, windowId: window.id } as const;
  const close = async (code: ReasonCode) => {
    const alert = (await openAlerts(database.pool, auditor(), connectorId)).find((one) => one.code === code);
    return closeAlert(engine.deps, auditor(), { connectorId, alertId: alert?.id ?? '', comment: 'asked them' });
  };
  await database.pool.query(`UPDATE import_window SET state = 'open', closed_at = NULL WHERE id = $1`, [window.id]);
  await raiseAlert(database.pool, { ...about, code: 'lost_at_source' });
  expect(await close('lost_at_source')).toBe('done');
  expect(await closed()).toEqual([{ state: 'open', now: null }]);
  await raiseAlert(database.pool, { ...about, code: 'manifest_differs' });
  expect(await close('manifest_differs')).toBe('done');
  expect(await closed()).toEqual([{ state: 'closed', now: true }]);
  // Numbers that do not add up are nobody's to accept, and what is lost stays so.
  await database.pool.query(`UPDATE import_window SET state = 'open', closed_at = NULL WHERE id = $1`, [window.id]);
  await raiseAlert(database.pool, { ...about, code: 'manifest_differs' });
  await raiseAlert(database.pool, { ...about, code: 'does_not_balance' });
  expect(await close('manifest_differs')).toBe('done');
  expect(await closed()).toEqual([{ state: 'open', now: null }]);
  await database.pool.query(`UPDATE alert SET resolved_at = now()`);
  await database.pool.query(`UPDATE import_window SET state = 'lost' WHERE id = $1`, [window.id]);
  await raiseAlert(database.pool, { ...about, code: 'manifest_differs' });
  expect(await close('manifest_differs')).toBe('done');
  expect(await closed()).toEqual([{ state: 'lost', now: null }]);
});

test('one that ends with its cause stays, and is told with its time to its own organization alone', async () => {
  const alertId = await raised('keeps_failing');
  expect(await closeAlert(engine.deps, auditor(), { connectorId, alertId, comment: 'seen' })).toBe('ends_by_itself');
  const { organizationId, database } = engine;
  const [window] = (await database.pool.query('SELECT id, starts_at, ends_at FROM import_window ORDER BY id')).rows;
  const about = { organizationId, connectorId, importId: null, windowId: window.id, code: 'lost_at_source' } as const;
  const detail = { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' };
  await raiseAlert(database.pool, { ...about, detail });
  await raiseAlert(database.pool, { ...about, code: 'manifest_differs' });
  expect(await openAlerts(database.pool, auditor(), connectorId)).toMatchObject([
    { code: 'keeps_failing', isClosedByAPerson: false, from: null, to: null },
    { code: 'lost_at_source', isClosedByAPerson: true, ...detail },
    {
      ...{ code: 'manifest_differs', isClosedByAPerson: true },
      ...{ from: window.starts_at.toISOString(), to: window.ends_at.toISOString() },
    },
  ]);
  expect(await openAlerts(database.pool, elsewhere(), connectorId)).toEqual([]);
});
