/** What the portal decides by itself is in the audit log, in the transaction that decides it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { mapNumbers } from '../imports/ledger.fixture.ts';
import { people } from '../imports/scripted-source.fixture.ts';
import { raiseAlert, stopConnector } from '../imports/store/connectors.ts';

let sandbox: TestSandbox;
let engine: Engine;
let connectorId: string;
beforeAll(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '40' });
  engine = await startEngine(sandbox);
  connectorId = await engine.connect();
  await engine.finish();
}, 60_000);
afterAll(async () => {
  await engine.close();
  await sandbox.stop();
});

async function decisions(): Promise<{ action: string; detail: Record<string, unknown> }[]> {
  const { rows } = await engine.database.pool.query<{ action: string; detail: Record<string, unknown> }>(
    `SELECT action, detail FROM audit_entry WHERE actor = 'system' ORDER BY id`,
  );
  return rows;
}

it('another mapping, once everything unsent was decided by it', async () => {
  const decided = async () =>
    (await decisions()).filter(({ action }) => action === 'mapping.decided').map(({ detail }) => detail);
  const before = (await decided()).length;
  await mapNumbers(engine, connectorId, { '+12125559999': people[0]?.mail ?? '' });
  await engine.settle();
  const { rows } = await engine.database.pool.query<{ version: number }>(
    'SELECT max(number) AS version FROM mapping_version WHERE connector_id = $1',
    [connectorId],
  );
  expect((await decided()).slice(before)).toEqual(rows);
});

it('an import that is opened and completed, a stop, an alert that is raised and ends', async () => {
  const { rows } = await engine.database.pool.query<{ organization_id: string; number: number; counts: unknown }>(
    'SELECT organization_id, number, counts_at_completion AS counts FROM import ORDER BY number',
  );
  const of = (action: string) =>
    decisions().then((all) => all.filter((one) => one.action === action).map(({ detail }) => detail));
  expect((await of('import.opened')).map(({ number }) => number)).toEqual(rows.map(({ number }) => number));
  expect((await of('import.opened'))[0]).toMatchObject({ kind: 'first', from: expect.stringMatching(/T.*Z$/) });
  expect((await of('import.completed'))[0]).toMatchObject({ number: 1, balanced: true, counts: rows[0]?.counts });

  const organizationId = rows[0]?.organization_id ?? '';
  const { pool } = engine.database;
  await stopConnector(pool, organizationId, connectorId, 'invalid_credentials');
  await stopConnector(pool, organizationId, connectorId, 'invalid_credentials');
  expect(await of('connector.stopped')).toEqual([{ code: 'invalid_credentials' }]);
  await raiseAlert(pool, {
    organizationId,
    connectorId,
    importId: null,
    code: 'does_not_balance',
    detail: { items: 4 },
  });
  await pool.query(`UPDATE alert SET resolved_at = now() WHERE code = 'does_not_balance'`);
  await pool.query(`UPDATE alert SET resolved_at = now() WHERE code = 'does_not_balance'`);
  expect(await of('alert.raised')).toContainEqual({ code: 'does_not_balance', items: 4 });
  expect(await of('alert.ended')).toEqual([{ code: 'does_not_balance', items: 4 }]);

  const client = await pool.connect();
  await client.query('BEGIN');
  await raiseAlert(client, { organizationId, connectorId, importId: null, code: 'manifest_differs' });
  await client.query('ROLLBACK');
  client.release();
  expect(await of('alert.raised')).not.toContainEqual({ code: 'manifest_differs' });
});
