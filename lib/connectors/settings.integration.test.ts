/** Settings that are one update each: the name and the hour of the daily import. On a real database. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type Database, openDatabase } from '../db.ts';
import type { Change } from '../queue/events.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { connectorRows } from './overview.ts';
import { readName, renameConnector } from './rename.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from './rows.fixture.ts';
import { dailyMinute } from './schedule.ts';
import { setSchedule } from './set-schedule.ts';
import { connectorSettings } from './settings.ts';

let database: Database;
let admin: Actor;
let connector: SeededConnector;
let changes: Change[];

beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  const organizationId = await seedOrganization(database.pool);
  admin = seededActor(organizationId, ['DataConnectors.Admin']);
  connector = await seedConnector(database.pool, organizationId, 'Android Archiver');
  changes = [];
});

const deps = () => ({ pool: database.pool, notify: (change: Change) => void changes.push(change) });
const rename = (name: string, actor = admin) => renameConnector(deps(), actor, { connectorId: connector.id, name });
const at = (hour: number | null, actor = admin) => setSchedule(deps(), actor, { connectorId: connector.id, hour });
const stored = () => database.prisma.connector.findUniqueOrThrow({ where: { id: connector.id } });
const audited = async () =>
  (await database.prisma.auditEntry.findMany({ where: { targetId: connector.id }, orderBy: { id: 'asc' } })).map(
    ({ action, detail }) => ({ action, detail }),
  );
const changed = () => ({ organizationId: admin.organizationId, connectorId: connector.id, importId: null });

/** Until so many wait for a lock. */
const waiting = (count: number) =>
  vi.waitFor(
    async () => {
      const { rows } = await database.pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE a.datname = current_database() AND NOT l.granted`,
      );
      expect(rows[0]?.count).toBeGreaterThanOrEqual(count);
    },
    { timeout: 20_000, interval: 10 },
  );

describe('the name', () => {
  it('is changed with its entry, and every open page is told', async () => {
    expect(await rename('  Phones of\tthe   desk ')).toEqual({ kind: 'done', name: 'Phones of the desk' });
    expect((await connectorRows(database.pool, admin, [connector.id], new Date()))[0]?.name).toBe('Phones of the desk');
    const detail = { before: 'Android Archiver', after: 'Phones of the desk' };
    expect(await audited()).toEqual([{ action: 'connector.renamed', detail }]);
    expect(changes).toEqual([changed()]);
    expect(await rename('Phones of the desk')).toEqual({ kind: 'unchanged' });
    expect(await audited()).toHaveLength(1);
  });

  it('is unique among the live connectors of an organization, in whatever case, also for two at once', async () => {
    const other = await seedConnector(database.pool, admin.organizationId, 'Desk 2');
    expect(await rename('DESK 2')).toEqual({ kind: 'taken' });
    expect(await rename('ANDROID archiver')).toMatchObject({ kind: 'done' });
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM connector WHERE id = $1 FOR UPDATE', [connector.id]);
    // The first has looked for the name and waits for its row; the second comes meanwhile.
    const first = rename('Night desk');
    await waiting(1);
    const second = renameConnector(deps(), admin, { connectorId: other.id, name: 'night DESK' });
    await Promise.race([second, waiting(2)]);
    await holder.query('COMMIT');
    holder.release();
    expect([await first, await second]).toEqual([{ kind: 'done', name: 'Night desk' }, { kind: 'taken' }]);
    const elsewhere = await seedConnector(database.pool, await seedOrganization(database.pool), 'Somewhere');
    const theirs = seededActor(elsewhere.organizationId, ['DataConnectors.Admin']);
    const result = await renameConnector(deps(), theirs, { connectorId: elsewhere.id, name: 'Night desk' });
    expect(result).toMatchObject({ kind: 'done' });
  });

  test.each([
    ['one character', 'x', 'x'],
    ['80 characters, however they are made', '👩‍💻'.repeat(80), '👩‍💻'.repeat(80).normalize('NFC')],
    ['none', ' \t ', null],
    ['81', 'x'.repeat(81), null],
    ['what turns the text around', 'abc\u202Edef', null],
    ['a control character', 'abc\u0007', null],
    ['what nobody sees', '\u200B', null],
    ['half a character', 'abc\uD800', null],
  ])('%s', (_what, written, expected) => {
    expect(readName(written)).toBe(expected);
  });
});

describe('the hour of the daily import', () => {
  it('is chosen and given back, each with its entry', async () => {
    await database.pool.query('UPDATE connector SET schedule_minute = $2 WHERE id = $1', [
      connector.id,
      dailyMinute(connector.id, null),
    ]);
    expect(await at(18)).toBe('done');
    expect(await stored()).toMatchObject({ scheduleHour: 18, scheduleMinute: dailyMinute(connector.id, 18) });
    const settings = await connectorSettings(database.pool, admin, connector.id);
    expect(settings?.schedule.hour).toBe(18);
    expect(settings?.schedule.times[18]).toMatch(/^18:\d\d UTC$/);
    expect(settings?.schedule.times).toHaveLength(25);
    expect(await at(18)).toBe('unchanged');
    expect(await at(null)).toBe('done');
    expect(await stored()).toMatchObject({ scheduleHour: null, scheduleMinute: dailyMinute(connector.id, null) });
    const automatic = settings?.schedule.times.at(-1);
    const chosen = settings?.schedule.times[18];
    expect(await audited()).toEqual([
      {
        action: 'connector.schedule-changed',
        detail: { before: automatic, after: chosen, chosenBefore: false, chosen: true },
      },
      {
        action: 'connector.schedule-changed',
        detail: { before: chosen, after: automatic, chosenBefore: true, chosen: false },
      },
    ]);
    expect(changes).toEqual([changed(), changed()]);
  });

  test.each([24, -1, 1.5, Number.NaN])('%s is none', async (hour) => {
    expect(await at(hour)).toBe('bad_hour');
    expect(changes).toEqual([]);
  });

  it('and the minute that is planned by are one: the database refuses another', async () => {
    await at(6);
    await expect(
      database.pool.query('UPDATE connector SET schedule_minute = 0 WHERE id = $1', [connector.id]),
    ).rejects.toThrow('connector_schedule_hour');
  });
});

test('the next import is tomorrow’s where today was planned already', async () => {
  const now = new Date('2026-11-20T01:00:00Z');
  const next = async () => (await connectorRows(database.pool, admin, [connector.id], now))[0]?.nextImportAt;
  expect(await next()).toBe('2026-11-20T06:14:00.000Z');
  await database.pool.query(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, state)
     VALUES ($1, $2, '2026-11-20T00:00:00Z', '2026-11-20T00:30:00Z', 'open')`,
    [admin.organizationId, connector.id],
  );
  expect(await next()).toBe('2026-11-21T06:14:00.000Z');
});

test('is nobody else’s: another organization finds nothing, a reader may look and not change', async () => {
  const stranger = seededActor(await seedOrganization(database.pool), ['DataConnectors.Admin']);
  expect(await rename('Mine', stranger)).toEqual({ kind: 'not_found' });
  expect(await at(6, stranger)).toBe('not_found');
  expect(await connectorSettings(database.pool, stranger, connector.id)).toBeNull();
  for (const role of ['DataConnectors.Reader', 'DataConnectors.Auditor', 'DataConnectors.ContentViewer'] as const) {
    const other = seededActor(admin.organizationId, [role]);
    await expect(rename('Mine', other)).rejects.toThrow(NotAllowed);
    await expect(at(6, other)).rejects.toThrow(NotAllowed);
    expect(await connectorSettings(database.pool, other, connector.id)).toMatchObject({ accountName: 'Acme' });
  }
  expect(await stored()).toMatchObject({ name: 'Android Archiver', scheduleHour: null });
  expect([await audited(), changes]).toEqual([[], []]);
  const gone = { connectorId: randomUUID(), name: 'x' };
  expect(await renameConnector(deps(), admin, gone)).toEqual({ kind: 'not_found' });
});

describe('two who change one setting', () => {
  const henry = () => ({ ...admin, userId: 'henry', name: 'Henry' });
  const renameFrom = (name: string, seen: string, actor = admin) =>
    renameConnector(deps(), actor, { connectorId: connector.id, name, seen });

  it('the second is told who was first and what is in force, and takes nothing back', async () => {
    expect(await renameFrom('Desk', 'Android Archiver', henry())).toEqual({ kind: 'done', name: 'Desk' });
    const answer = { kind: 'changed_meanwhile', by: 'Henry', now: 'Desk' };
    expect(await renameFrom('Night desk', 'Android Archiver')).toEqual(answer);
    expect((await stored()).name).toBe('Desk');
    expect(await audited()).toHaveLength(1);
    expect(await renameFrom('Night desk', 'Desk')).toEqual({ kind: 'done', name: 'Night desk' });
    // Both wanted the same.
    expect(await renameFrom('Night desk', 'Android Archiver')).toEqual({ kind: 'unchanged' });
  });

  it('also at the very same moment', async () => {
    const both = await Promise.all(
      ['One', 'Two'].map((name) => renameFrom(name, 'Android Archiver', { ...admin, name: `who wants ${name}` })),
    );
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['changed_meanwhile', 'done']);
    expect(await audited()).toHaveLength(1);
  });

  it('of the hour of the import, too', async () => {
    const hour = (to: number | null, seen: number | null, actor = admin) =>
      setSchedule(deps(), actor, { connectorId: connector.id, hour: to, seen });
    expect(await hour(6, null, henry())).toBe('done');
    expect(await hour(7, null)).toEqual({ kind: 'changed_meanwhile', by: 'Henry', now: 6 });
    expect((await stored()).scheduleHour).toBe(6);
    expect(await hour(7, 6)).toBe('done');
    expect(await hour(null, 6)).toEqual({ kind: 'changed_meanwhile', by: admin.name, now: 7 });
  });
});

it.each([
  ['a soft hyphen', 'De\u00ADsk'],
  ['a zero-width joiner between letters', 'De\u200Dsk'],
  ['a word joiner', 'De\u2060sk'],
  ['a variation selector behind a letter', 'Desk\uFE0F'],
  ['a filler of Hangul', 'Desk\u3164'],
  ['a tag', 'Desk\u{E0041}'],
  ['a pattern of Braille without dots', 'Desk\u2800'],
  ['an invisible separator', 'De\u2063sk'],
])('a name with %s cannot all be seen', (_what, name) => {
  expect(readName(name)).toBeNull();
});

it.each([
  'Desk \u{1F468}\u200D\u{1F4BB}',
  'Phones \u260E\uFE0F',
  '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
  'Büro Zürich',
  '東京支店',
])('the name %s can be seen', (name) => {
  expect(readName(name)).toBe(name.normalize('NFC'));
});
