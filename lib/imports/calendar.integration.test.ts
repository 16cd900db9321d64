/** A month of the import calendar and the imports of one of its days, read from counters alone. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import {
  type SeededConnector,
  seedConnector,
  seedCounter,
  seededActor,
  seedOrganization,
  seedRun,
} from '../connectors/rows.fixture.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { calendarMonth } from './calendar.ts';
import { markOfDay } from './day-mark.ts';
import { importsOfDay } from './list.ts';

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
  connector = await seedConnector(pool, organization, 'Calendar');
});

const GOOD = { 'items.listed': 2, 'items.imported': 2, 'copies.available': 2, 'copies.imported': 2 };
const WAITING = {
  'items.listed': 2,
  'items.imported': 1,
  'items.waiting': 1,
  'copies.available': 1,
  'copies.imported': 1,
};

it('has the days of one month, each with what it is called, and the day with which all began', async () => {
  // 2026-11-18 to 2026-12-02
  for (let day = 0; day < 15; day++) {
    const counts = day === 1 ? WAITING : day === 2 ? {} : day === 3 ? { ...GOOD, 'items.imported': 1 } : GOOD;
    await seedRun(pool, connector, { day, phase: 'completed', window: day === 4 ? 'lost' : 'closed', counts });
  }
  await seedRun(pool, connector, {
    day: 15,
    phase: 'delivering',
    counts: { ...GOOD, 'copies.available': 3, 'copies.pending': 1 },
  });
  await seedRun(pool, await seedConnector(pool, organization, 'Other'), { day: 0, phase: 'completed', counts: GOOD });

  const november = await calendarMonth(pool, reader, connector.id, '2026-11');
  expect(november).toMatchObject({ month: '2026-11', firstDay: '2026-11-18' });
  expect(november.days.map(({ day }) => day)).toEqual(
    Array.from({ length: 13 }, (_, index) => `2026-11-${18 + index}`),
  );
  expect(november.days.slice(0, 6).map((day) => markOfDay(day, day.day, '2026-12-04'))).toEqual([
    'balanced',
    'not_all',
    'nothing',
    'differs',
    'lost',
    'balanced',
  ]);
  const december = await calendarMonth(pool, reader, connector.id, '2026-12');
  expect(december.days.map((day) => [day.day, markOfDay(day, day.day, '2026-12-04')])).toEqual([
    ['2026-12-01', 'balanced'],
    ['2026-12-02', 'balanced'],
    ['2026-12-03', 'open'],
  ]);
  expect(await calendarMonth(pool, reader, connector.id, '2026-10')).toEqual({
    month: '2026-10',
    firstDay: '2026-11-18',
    days: [],
  });
});

it('has nothing of a connector that has not run, and nothing of another organization', async () => {
  const empty = { month: '2026-11', firstDay: null, days: [] };
  expect(await calendarMonth(pool, reader, connector.id, '2026-11')).toEqual(empty);
  await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  const stranger = seededActor(await seedOrganization(pool));
  expect(await calendarMonth(pool, stranger, connector.id, '2026-11')).toEqual(empty);
  expect(await importsOfDay(pool, stranger, connector.id, '2026-11-18', 5)).toEqual([]);
  const nobody = seededActor(organization, []);
  await expect(calendarMonth(pool, nobody, connector.id, '2026-11')).rejects.toThrow(NotAllowed);
  await expect(importsOfDay(pool, nobody, connector.id, '2026-11-18', 5)).rejects.toThrow(NotAllowed);
});

it('lists the imports of one day, newest first and no more than are asked for', async () => {
  await seedRun(pool, connector, { day: 0, phase: 'completed', counts: GOOD });
  const first = await seedRun(pool, connector, { day: 1, phase: 'completed', counts: GOOD });
  await seedRun(pool, connector, { day: 2, phase: 'completed', counts: GOOD });
  const again = randomUUID();
  await pool.query(
    `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase)
     SELECT $1, organization_id, connector_id, source_id, window_id, 4, 'repeat', 'completed' FROM import WHERE id = $2`,
    [again, first],
  );
  await seedCounter(pool, again, 0, 'items.listed', 2);
  await seedCounter(pool, again, 0, 'items.repeat', 2);
  const listed = await importsOfDay(pool, reader, connector.id, '2026-11-19', 5);
  expect(listed.map(({ number, trigger, counts }) => [number, trigger, counts.items.repeat])).toEqual([
    [4, 'repeat', 2],
    [2, 'scheduled', 0],
  ]);
  expect((await importsOfDay(pool, reader, connector.id, '2026-11-19', 1)).map(({ number }) => number)).toEqual([4]);
});
