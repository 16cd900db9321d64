/** Both equations by day and by connector, from counters alone; a day that does not add up is an alert. */
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import {
  dayOf,
  type SeededConnector,
  seedConnector,
  seedCounter,
  seededActor,
  seedOrganization,
  seedRun,
} from '../connectors/rows.fixture.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { openAlerts } from './alerts.ts';
import { connectorBalances, dayBalances, dayPage } from './balance.ts';
import { checkDays } from './check-days.ts';
import type { ImportDeps } from './deps.ts';
import { postgresLedger } from './ledger.ts';
import { loseUnretained } from './store/unretained.ts';

let pool: pg.Pool;
let reader: Actor;
let organization: string;
let connector: SeededConnector;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
});
afterAll(() => pool.end());
beforeEach(async () => {
  organization = await seedOrganization(pool);
  reader = seededActor(organization);
  connector = await seedConnector(pool, organization, 'Balanced');
});

const GOOD = {
  'items.listed': 3,
  'items.imported': 2,
  'items.waiting': 1,
  'copies.available': 2,
  'copies.imported': 2,
};
const all = { connectorId: null, from: null, to: null };
const check = () => {
  const ledger = postgresLedger(pool);
  const deps = { ledger, log: pino({ level: 'silent' }), notify: () => {} } satisfies Partial<ImportDeps>;
  return checkDays(deps as unknown as ImportDeps, organization);
};
async function alerts() {
  const { rows } = await pool.query(
    `SELECT code, detail, resolved_at IS NOT NULL AS resolved FROM alert WHERE organization_id = $1 ORDER BY id`,
    [organization],
  );
  return rows;
}

it('adds up the imports of a day, shard by shard, and the days of a connector', async () => {
  const first = await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  await seedCounter(pool, first, 1, 'items.listed', 4);
  await seedCounter(pool, first, 1, 'items.repeat', 4);
  await seedRun(pool, connector, { day: 1, phase: 'completed', counts: GOOD });
  const other = await seedConnector(pool, organization, 'Other');
  await seedRun(pool, other, { day: 0, phase: 'completed', counts: GOOD });

  const days = await dayBalances(pool, reader, { ...all, connectorId: connector.id });
  expect(
    days.map(({ day, windows, openWindows, state, counts }) => [day, windows, openWindows, state, counts.items.listed]),
  ).toEqual([
    ['2026-11-18', 1, 0, 'balances', 7],
    ['2026-11-19', 1, 0, 'balances', 3],
  ]);
  expect(await dayBalances(pool, reader, { ...all, from: dayOf(1), to: dayOf(2) })).toMatchObject([
    { day: '2026-11-19' },
  ]);
  const sums = await connectorBalances(pool, reader, null);
  const listed = Object.fromEntries(sums.map(({ connectorId, counts }) => [connectorId, counts.items.listed]));
  expect(listed).toEqual({ [connector.id]: 10, [other.id]: 3 });
  const stranger = seededActor(await seedOrganization(pool));
  expect([await dayBalances(pool, stranger, all), await connectorBalances(pool, stranger, null)]).toEqual([[], []]);
  await expect(dayBalances(pool, seededActor(organization, []), all)).rejects.toThrow(NotAllowed);
  await expect(connectorBalances(pool, seededActor(organization, []), null)).rejects.toThrow(NotAllowed);
});

it('says what keeps a day from balancing', async () => {
  await seedRun(pool, connector, { day: 0, phase: 'cancelled', counts: GOOD });
  await seedRun(pool, connector, { day: 1, phase: 'collecting', counts: GOOD });
  await seedRun(pool, connector, { day: 2, phase: 'completed', counts: { 'items.listed': 1, 'items.pending': 1 } });
  await seedRun(pool, connector, { day: 3, phase: 'completed', counts: { ...GOOD, 'copies.imported': 1 } });
  const days = await dayBalances(pool, reader, all);
  expect(days.map(({ state }) => state)).toEqual(['open', 'running', 'running', 'differs']);
  await pool.query(`UPDATE import_window SET state = 'lost' WHERE state = 'open' AND connector_id = $1`, [
    connector.id,
  ]);
  const [day] = await dayBalances(pool, reader, all);
  expect(day).toMatchObject({ day: '2026-11-18', state: 'lost' });
});

it('gives the days of a connector a page at a time, the newest first, and their sum', async () => {
  for (let day = 0; day < 5; day++) await seedRun(pool, connector, { day, phase: 'completed', counts: GOOD });
  const other = await seedConnector(pool, organization, 'Other');
  await seedRun(pool, other, { day: 0, phase: 'completed', counts: GOOD });
  const page = async (before: string | null, size = 2) => {
    const { days, before: next } = await dayPage(pool, reader, connector.id, before, size);
    expect(days.every(({ counts, state }) => counts.items.listed === 3 && state === 'balances')).toBe(true);
    return [days.map(({ day }) => day), next];
  };
  expect(await page(null)).toEqual([['2026-11-22', '2026-11-21'], '2026-11-21']);
  expect(await page('2026-11-21')).toEqual([['2026-11-20', '2026-11-19'], '2026-11-19']);
  expect(await page('2026-11-19')).toEqual([['2026-11-18'], null]);
  expect(await page('2026-11-18')).toEqual([[], null]);
  expect((await page(null, 5))[1]).toBeNull();
  const [sum, ...more] = await connectorBalances(pool, reader, connector.id);
  expect(more).toEqual([]);
  expect(sum).toMatchObject({ connectorId: connector.id, windows: 5, openWindows: 0, state: 'balances' });
  expect(sum?.counts.items.listed).toBe(15);
  const stranger = seededActor(await seedOrganization(pool));
  expect(await dayPage(pool, stranger, connector.id, null, 2)).toEqual({ days: [], before: null });
  const nobody = seededActor(organization, []);
  await expect(dayPage(pool, nobody, connector.id, null, 2)).rejects.toThrow(NotAllowed);
});

it('does not call a day balanced of which the source no longer had some', async () => {
  await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  await pool.query(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state)
     VALUES ($1, $2, $3, $4, $3, 'lost')`,
    [organization, connector.id, dayOf(1), dayOf(2)],
  );
  const days = await dayBalances(pool, reader, all);
  expect(days.map(({ state, lostWindows }) => [state, lostWindows])).toEqual([
    ['balances', 0],
    ['lost', 1],
  ]);
  expect(await connectorBalances(pool, reader, null)).toMatchObject([{ state: 'lost', lostWindows: 1 }]);
});

it('raises one alert for a day that does not add up, and ends it when it does', async () => {
  await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  const run = await seedRun(pool, connector, { day: 1, phase: 'completed', counts: { ...GOOD, 'items.imported': 1 } });
  await check();
  await check();
  const alert = { code: 'day_does_not_balance', detail: { day: '2026-11-19', items: 1, copies: 0 } };
  expect(await alerts()).toEqual([{ ...alert, resolved: false }]);
  await seedCounter(pool, run, 0, 'items.imported', 2);
  await check();
  expect(await alerts()).toEqual([{ ...alert, resolved: true }]);
});

/** The source purged the first hours of a day: they are a window of their own, before the one that was there. */
async function split(day: number): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    'SELECT id FROM import_window WHERE connector_id = $1 AND starts_at = $2',
    [connector.id, dayOf(day)],
  );
  const purged = new Date(dayOf(day).getTime() + 6 * 3_600_000);
  await loseUnretained(pool, { windowId: rows[0]?.id ?? '', connectorId: connector.id }, purged);
}
const dayAlerts = async () => (await alerts()).filter(({ code }) => code === 'day_does_not_balance');
const shown = async () =>
  (await openAlerts(pool, reader, connector.id))
    .filter(({ code }) => code === 'day_does_not_balance')
    .map(({ from, to }) => [from, to]);

it('ends the alert of a day whose window was split since, and tells of the whole day until then', async () => {
  await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  const wrong = { ...GOOD, 'items.imported': 1 };
  const run = await seedRun(pool, connector, { day: 1, phase: 'completed', window: 'open', counts: wrong });
  await check();
  const raised = await openAlerts(pool, reader, connector.id);
  await split(1);
  await check();
  await check();
  const alert = { code: 'day_does_not_balance', detail: { day: '2026-11-19', items: 1, copies: 0 } };
  expect(await dayAlerts()).toEqual([{ ...alert, resolved: false }]);
  expect(await shown()).toEqual([[dayOf(1).toISOString(), dayOf(2).toISOString()]]);
  // It is the same alert, since the same time, of the window that is the first of its day now.
  expect(await openAlerts(pool, reader, connector.id)).toEqual(expect.arrayContaining(raised));
  const { rows } = await pool.query<{ starts_at: Date }>(
    `SELECT w.starts_at FROM alert a JOIN import_window w ON w.id = a.window_id
     WHERE a.connector_id = $1 AND a.code = 'day_does_not_balance'`,
    [connector.id],
  );
  expect(rows).toEqual([{ starts_at: dayOf(1) }]);
  await seedCounter(pool, run, 0, 'items.imported', 2);
  await check();
  expect(await dayAlerts()).toEqual([{ ...alert, resolved: true }]);
});

it('ends the alert of a day that balances when it is looked at first after its window was split', async () => {
  const wrong = { ...GOOD, 'items.imported': 1 };
  const run = await seedRun(pool, connector, { day: 0, phase: 'completed', window: 'open', counts: wrong });
  await check();
  await split(0);
  await seedCounter(pool, run, 0, 'items.imported', 2);
  await check();
  expect(await shown()).toEqual([]);
});
