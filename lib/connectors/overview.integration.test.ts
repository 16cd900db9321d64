import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { lastImport } from '../imports/list.ts';
import { NotAllowed } from '../security/actor.ts';
import { connectorRows } from './overview.ts';
import {
  dayOf,
  seedAlert,
  seedConnector,
  seedCounter,
  seededActor,
  seedManyConnectors,
  seedOrganization,
  seedRun,
} from './rows.fixture.ts';
import { connectorRowSchema } from './snapshot.ts';

let pool: pg.Pool;
const now = new Date('2026-11-22T06:00:00Z');

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
});
afterAll(() => pool.end());

async function rowOf(organizationId: string, connectorId: string) {
  const rows = await connectorRows(pool, seededActor(organizationId), [connectorId], now);
  expect(rows).toHaveLength(1);
  // What is read is what the browser will accept.
  return connectorRowSchema.parse(rows[0]);
}

test('shows an organization its own live connectors and nothing of anybody else', async () => {
  const [mine, other] = [await seedOrganization(pool), await seedOrganization(pool)];
  const [b, a] = [await seedConnector(pool, mine, 'B'), await seedConnector(pool, mine, 'A')];
  const foreign = await seedConnector(pool, other, 'Foreign');
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, created_by) VALUES ($1, $2, 'x', 'Draft', 'me')`,
    [randomUUID(), mine],
  );
  const names = async (ids: readonly string[] | null) =>
    (await connectorRows(pool, seededActor(mine), ids, now)).map(({ name }) => name);
  expect(await names(null)).toEqual(['A', 'B']);
  expect(await names([b.id])).toEqual(['B']);
  expect(await names([foreign.id, a.id])).toEqual(['A']);
  await expect(connectorRows(pool, seededActor(mine, []), null, now)).rejects.toThrow(NotAllowed);
});

test('a connector that has not run yet', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'New');
  expect(await rowOf(organization, connector.id)).toMatchObject({
    health: 'never_run',
    activity: 'idle',
    balancedUpTo: null,
    lastNumber: null,
    open: [],
    verification: null,
    verifiedAt: null,
    nextImportAt: '2026-11-22T06:14:00.000Z',
  });
});

test('measures a running import from its counters, over all shards', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Running');
  const id = await seedRun(pool, connector, { day: 0, phase: 'delivering', counts: { 'copies.available': 10 } });
  await seedCounter(pool, id, 1, 'copies.imported', 3);
  await seedCounter(pool, id, 2, 'copies.imported', 2);
  const row = await rowOf(organization, connector.id);
  expect(row.activity).toBe('delivering');
  expect(row.open).toHaveLength(1);
  expect(row.open[0]).toMatchObject({
    id,
    phase: 'delivering',
    windowStart: dayOf(0).toISOString(),
    windowEnd: dayOf(1).toISOString(),
    counts: { copies: { available: 10, imported: 5 } },
  });
});

test('balances up to the first window that is still open, whatever was closed after it', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Gap');
  await seedRun(pool, connector, { day: 0, phase: 'completed' });
  expect((await rowOf(organization, connector.id)).balancedUpTo).toBe(dayOf(1).toISOString());
  await seedRun(pool, connector, { day: 1, phase: 'collecting' });
  await seedRun(pool, connector, { day: 2, phase: 'completed', counts: { 'items.listed': 7, 'items.imported': 7 } });
  const row = await rowOf(organization, connector.id);
  expect(row.balancedUpTo).toBe(dayOf(1).toISOString());
  expect(row.lastNumber).toBe(3);
  expect(await lastImport(pool, seededActor(organization), connector.id)).toMatchObject({
    number: 3,
    windowEnd: dayOf(3).toISOString(),
    counts: { items: { listed: 7, imported: 7 } },
  });
});

test('balances up to time that the source lost, until somebody accepts that by closing its alert', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Lost');
  const balancedUpTo = async () => (await rowOf(organization, connector.id)).balancedUpTo;
  await seedRun(pool, connector, { day: 0, phase: 'completed' });
  // The alert is of the first window that was lost and tells of both.
  for (const day of [1, 2]) await seedRun(pool, connector, { day, phase: 'cancelled', window: 'lost' });
  const detail = { from: dayOf(1).toISOString(), to: dayOf(3).toISOString() };
  await pool.query(
    `INSERT INTO alert (organization_id, connector_id, window_id, code, detail)
     SELECT $1, $2, id, 'lost_at_source', $3 FROM import_window WHERE connector_id = $2 AND starts_at = $4`,
    [organization, connector.id, detail, dayOf(1)],
  );
  expect(await balancedUpTo()).toBe(dayOf(1).toISOString());
  await seedRun(pool, connector, { day: 3, phase: 'completed' });
  expect(await balancedUpTo()).toBe(dayOf(1).toISOString());
  await pool.query('UPDATE alert SET resolved_at = now() WHERE connector_id = $1', [connector.id]);
  expect(await balancedUpTo()).toBe(dayOf(4).toISOString());
  await seedRun(pool, connector, { day: 4, phase: 'cancelled', window: 'lost' });
  expect(await balancedUpTo()).toBe(dayOf(5).toISOString());
  await seedRun(pool, connector, { day: 5, phase: 'collecting' });
  expect(await balancedUpTo()).toBe(dayOf(5).toISOString());
});

test('is not balanced anywhere while the very first window is open', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'First fails');
  await seedRun(pool, connector, { day: 0, phase: 'queued' });
  await seedRun(pool, connector, { day: 1, phase: 'completed' });
  expect(await rowOf(organization, connector.id)).toMatchObject({
    balancedUpTo: null,
    health: 'never_run',
    activity: 'queued',
  });
});

test('adds what waits for somebody over all imports, old ones too', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'To do');
  await seedRun(pool, connector, {
    day: 0,
    phase: 'completed',
    counts: { 'copies.waiting': 2, 'items.unreadable': 1 },
  });
  await seedRun(pool, connector, { day: 1, phase: 'completed', counts: { 'copies.waiting': 3, 'copies.failed': 4 } });
  expect(await rowOf(organization, connector.id)).toMatchObject({
    health: 'needs_you',
    toDo: { waiting: 5, failed: 4, unreadable: 1 },
  });
});

test('an open alert asks for somebody, a resolved one does not', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Alert');
  await seedRun(pool, connector, { day: 0, phase: 'completed' });
  await seedAlert(pool, connector, 'import_failed', { resolved: true });
  expect((await rowOf(organization, connector.id)).health).toBe('balanced');
  await seedAlert(pool, connector, 'does_not_balance');
  expect(await rowOf(organization, connector.id)).toMatchObject({ health: 'needs_you', alerts: ['does_not_balance'] });
});

test('a stopped connector says why, looks idle, and announces no next import', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Stopped');
  await seedRun(pool, connector, { day: 0, phase: 'collecting' });
  await pool.query(`UPDATE connector SET stopped_at = now(), stopped_reason = 'invalid_credentials' WHERE id = $1`, [
    connector.id,
  ]);
  expect(await rowOf(organization, connector.id)).toMatchObject({
    health: 'stopped',
    stoppedReason: 'invalid_credentials',
    activity: 'idle',
    nextImportAt: null,
  });
});

test('shows the oldest open imports of a connector that has many to catch up', async () => {
  const organization = await seedOrganization(pool);
  const connector = await seedConnector(pool, organization, 'Behind');
  for (let day = 0; day < 8; day++) await seedRun(pool, connector, { day, phase: day === 0 ? 'collecting' : 'queued' });
  const { open } = await rowOf(organization, connector.id);
  expect(open.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
});

test('a thousand connectors are read in one statement, and one of them by itself', async () => {
  const organization = await seedOrganization(pool);
  const ids = await seedManyConnectors(pool, organization, 1_000);
  const asked: string[] = [];
  const counting = new Proxy(pool, {
    get(target, name) {
      if (name !== 'query') return Reflect.get(target, name);
      return (sql: string, values: unknown[]) => {
        asked.push(sql);
        return target.query(sql, values);
      };
    },
  });
  const rows = await connectorRows(counting, seededActor(organization), null, now);
  expect(asked).toHaveLength(1);
  expect(rows).toHaveLength(1_000);
  const count = (health: string): number => rows.filter((row) => row.health === health).length;
  expect([count('stopped'), count('needs_you'), count('balanced')]).toEqual([10, 90, 900]);
  const one = rows.find(({ id }) => id === ids[42]);
  expect(await connectorRows(counting, seededActor(organization), [ids[42] ?? ''], now)).toEqual([one]);
});
