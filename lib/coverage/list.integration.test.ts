/** The page and the download: filters, pages, who sees numbers, and that a page of 100,000 users costs no more than its lines. */
import { randomUUID } from 'node:crypto';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import type { Role } from '../security/roles.ts';
import { coverageDownload } from './download.ts';
import { coverageState, type DoneVerification, linePage, lineQuery, silentCount } from './list.ts';
import { type CoverageSelection, selectionOf } from './selection.ts';

let database: Database;
let connector: SeededConnector;
let verification: DoneVerification;

const ADMIN: readonly Role[] = ['DataConnectors.Admin'];
const READER: readonly Role[] = ['DataConnectors.Reader'];

beforeAll(async () => {
  database = openDatabase(await testDatabase(), 4);
  connector = await seedConnector(database.pool, await seedOrganization(database.pool), 'Phones');
  verification = await verified(connector, async (id) => {
    await line(id, {
      mobile: '+12125550101',
      name: 'Ann',
      mailbox: 'ann@x.example',
      last_archived_at: '2026-11-20T00:00:00Z',
    });
    await line(id, { mobile: '+12125550102', name: 'bob', result: 'not_mapped', mailbox: null });
    await line(id, { mobile: '+12125550103', name: '=1+1', result: 'guest', last_archived_at: '2026-08-01T00:00:00Z' });
    // Has a mailbox by its e-mail, though not the mapped one.
    await line(id, {
      ...{ mobile: '+12125550104', name: 'Dan_50%', mapping_row: 2, mapped_mailbox: 'gone@x.example' },
      ...{ mapped_result: 'mailbox_not_found', valid_from: '-infinity', valid_to: 'infinity', rule: 'automatic' },
      last_archived_at: '2026-11-20T00:00:00Z',
    });
    // A row of last year for the same phone, which decides nothing now.
    await line(id, {
      ...{
        mobile: '+12125550104',
        name: 'Dan_50%',
        mapping_row: 3,
        decides: false,
        result: 'guest',
        mapped_result: 'guest',
      },
      ...{ valid_from: '2025-01-01', valid_to: '2025-06-01' },
    });
    await line(id, { mobile: '+442079460000', name: null, status: null, mapping_row: 4, mapped_result: 'mailbox' });
  });
});
afterAll(async () => {
  await database?.prisma.$disconnect();
  await database?.pool.end();
});

async function verified(of: SeededConnector, write: (id: string) => Promise<void>): Promise<DoneVerification> {
  const id = randomUUID();
  const counts = { registered: 4, withMailbox: 2, without: {}, unusable: {}, unregistered: 1, oldestAnswerAt: null };
  await database.pool.query(
    `INSERT INTO verification (id, organization_id, connector_id, state, requested_by, finished_at, users_read_at, counts)
     VALUES ($1, $2, $3, 'done', 'Ada', '2026-11-21T06:14:00Z', '2026-11-21T06:00:00Z', $4)`,
    [id, of.organizationId, of.id, counts],
  );
  await write(id);
  const { done } = await coverageState(database.pool, seededActor(of.organizationId), of.id);
  if (done === null) throw new Error('not done');
  return done;
}

async function line(id: string, traits: Readonly<Record<string, unknown>>): Promise<void> {
  const row: Record<string, unknown> = {
    ...{ verification_id: id, organization_id: connector.organizationId, status: 'activated', decides: true },
    ...{ result: 'mailbox', mailbox: 'somebody@x.example', rule: 'mapping', last_archived_at: null },
    ...traits,
    number: traits.mobile,
    name_key: String(traits.name ?? '').toLowerCase(),
    words: [traits.name, traits.mailbox, traits.mapped_mailbox].join('\n').toLowerCase(),
  };
  const columns = Object.keys(row);
  await database.pool.query(
    `INSERT INTO coverage_line (${columns}) VALUES (${columns.map((_, index) => `$${index + 1}`)})`,
    Object.values(row),
  );
}

const actor = (roles = ADMIN) => seededActor(connector.organizationId, roles);
const select = (query: string): CoverageSelection => selectionOf(new URLSearchParams(query));

async function found(query: string, roles = ADMIN): Promise<string[]> {
  const page = await linePage(database.pool, actor(roles), verification, select(query), 50);
  return page.lines.map(
    ({ name, mobile, mappingRow }) => `${name ?? mobile}${mappingRow === null ? '' : ` ${mappingRow}`}`,
  );
}

describe('filters', () => {
  it.each([
    ['', ['+442079460000 4', '=1+1', 'Ann', 'bob', 'Dan_50% 2', 'Dan_50% 3']],
    ['filter=without', ['=1+1', 'bob']],
    ['filter=without&reason=guest', ['=1+1']],
    ['filter=unusable', ['Dan_50% 2', 'Dan_50% 3']],
    ['filter=unusable&reason=guest', ['Dan_50% 3']],
    ['filter=unregistered', ['+442079460000 4']],
    ['filter=silent', ['bob', '=1+1']],
    ['filter=silent&days=200', ['bob']],
    ['filter=silent&days=1', ['bob', '=1+1', 'Ann', 'Dan_50% 2']],
    ['search=ANN', ['Ann']],
    ['search=gone@', ['Dan_50% 2']],
    ['search=(212) 555-0102', ['bob']],
    ['search=_5', ['Dan_50% 2', 'Dan_50% 3']],
    ['search=%', ['Dan_50% 2', 'Dan_50% 3']],
    ['search=nobody', []],
  ])('%s', async (query, names) => {
    const listed = await found(query);
    expect(query.includes('silent') ? listed : listed.toSorted()).toEqual(
      query.includes('silent') ? names : names.toSorted(),
    );
  });

  it('counts the silent ones up to when the users were read', async () => {
    const count = (days: number) => silentCount(database.pool, actor(), verification, days);
    expect([await count(1), await count(30), await count(200)]).toEqual([4, 2, 1]);
  });

  it.each(['', 'filter=silent&days=1'])('pages of one line are the whole list: %s', async (query) => {
    const one: string[] = [];
    let selection = select(query);
    for (;;) {
      const page = await linePage(database.pool, actor(), verification, selection, 1);
      one.push(...page.lines.map(({ id }) => id));
      if (page.next === null) break;
      // As it travels in an address.
      selection = { ...select(query), after: page.next };
    }
    const all = await linePage(database.pool, actor(), verification, select(query), 50);
    expect(one).toEqual(all.lines.map(({ id }) => id));
    expect(all.next).toBeNull();
  });

  it('takes any place that somebody types', async () => {
    for (const query of [
      'after=1.x',
      'filter=silent&after=1.x',
      'filter=silent&after=1.999999999999999999999',
      'after=1.%00',
    ])
      await expect(found(query)).resolves.toBeInstanceOf(Array);
  });
});

describe('who sees what', () => {
  it('numbers are masked for who may see counts only, and are not found by', async () => {
    const page = await linePage(database.pool, actor(READER), verification, select('search=Ann'), 50);
    expect(page.lines.map(({ mobile }) => mobile)).toEqual(['+1••••••0101']);
    expect(await found('search=5550101', READER)).toEqual([]);
    expect(await found('search=5550101')).toEqual(['Ann']);
    expect(await found('search=5550101', ['DataConnectors.ContentViewer'])).toEqual(['Ann']);
    const text = await new Response(coverageDownload(database.pool, actor(READER), verification, select(''))).text();
    expect(text).not.toMatch(/\d{7}/);
  });

  it('nothing of another organization', async () => {
    const stranger = seededActor(await seedOrganization(database.pool), ADMIN);
    expect((await linePage(database.pool, stranger, verification, select(''), 50)).lines).toEqual([]);
    expect(await coverageState(database.pool, stranger, connector.id)).toEqual({
      done: null,
      waits: null,
      failed: null,
    });
    expect(await silentCount(database.pool, stranger, verification, 1)).toBe(0);
    const nobody = seededActor(connector.organizationId, []);
    await expect(linePage(database.pool, nobody, verification, select(''), 1)).rejects.toThrow('connectors.read');
    expect(() => coverageDownload(database.pool, nobody, verification, select(''))).toThrow('connectors.read');
  });
});

it('the download has every line of the selection, and no cell that a spreadsheet runs', async () => {
  const text = await new Response(coverageDownload(database.pool, actor(), verification, select(''))).text();
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), { skipEmptyLines: true });
  expect(errors).toEqual([]);
  expect(data).toHaveLength(7);
  expect(data.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  const [columns] = data;
  const formula = data.find(([name]) => name === "'=1+1");
  expect(Object.fromEntries(columns?.map((column, index) => [column, formula?.[index]]) ?? [])).toMatchObject({
    Number: "'+12125550103",
    Result: 'The address belongs to a guest. Guests have no mailbox here.',
    'Last archived (UTC)': '2026-08-01 00:00:00',
    'In force now': 'yes',
  });
});

it('says how it stands: another mapping since, what it waits for, that it failed', async () => {
  const { pool } = database;
  const other = await seedConnector(pool, connector.organizationId, 'Other');
  const state = () => coverageState(pool, actor(), other.id);
  expect(await state()).toEqual({ done: null, waits: null, failed: null });
  await verified(other, async () => {});
  expect((await state()).done).toMatchObject({ mappingChanged: false, requestedBy: 'Ada' });
  await pool.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     VALUES ($1, $2, $3, 1, 'in_force', 'file', 'Ada')`,
    [randomUUID(), other.organizationId, other.id],
  );
  expect((await state()).done).toMatchObject({ mappingChanged: true });
  await pool.query(
    `INSERT INTO verification (id, organization_id, connector_id, state, requested_by, problem)
     VALUES ($1, $2, $3, 'running', 'Ada', 'graph_unreachable')`,
    [randomUUID(), other.organizationId, other.id],
  );
  expect((await state()).waits).toMatchObject({ problem: 'graph_unreachable' });
  await pool.query(`UPDATE verification SET state = 'failed', finished_at = now() WHERE state = 'running'`);
  expect(await state()).toMatchObject({ waits: null, failed: { problem: 'graph_unreachable' } });
});

describe('a hundred thousand users', () => {
  let large: DoneVerification;
  beforeAll(async () => {
    const { pool } = database;
    const many = await seedConnector(pool, connector.organizationId, 'Many');
    large = await verified(many, async (id) => {
      await pool.query(
        `INSERT INTO coverage_line (verification_id, organization_id, mobile, number, name, name_key, words, status,
           last_archived_at, decides, result, mapping_row, mapped_mailbox, mapped_result, valid_from, valid_to)
         SELECT $1, $2, '+1' || n, '+1' || n, 'Name ' || n, 'name ' || n, 'name ' || n, CASE WHEN n % 1000 <> 7 THEN 'activated' END,
           now() - make_interval(hours => n % 50000), true,
           CASE WHEN n % 1000 = 1 THEN 'guest' ELSE 'mailbox' END, n, 'm@x.example',
           CASE WHEN n % 1000 = 1 THEN 'guest' ELSE 'mailbox' END, '-infinity', 'infinity'
         FROM generate_series(1, 100000) n`,
        [id, connector.organizationId],
      );
      await pool.query('ANALYZE coverage_line');
    });
  });

  it.each(['', 'filter=without', 'filter=unusable', 'filter=unregistered', 'filter=silent', 'filter=silent&days=2000'])(
    'are read from an index in order, as many as are shown: %s',
    async (query) => {
      const first = await linePage(database.pool, actor(), large, select(query), 50);
      for (const after of [null, first.next]) {
        const { sql, values } = lineQuery(actor(), large, { ...select(query), after }, 51);
        const { rows } = await database.pool.query<Record<'QUERY PLAN', [{ Plan: unknown }]>>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
          values,
        );
        const plan = JSON.stringify(rows[0]?.['QUERY PLAN'][0].Plan);
        expect(plan).toContain('"Index Scan"');
        expect(plan).not.toMatch(/"(Seq Scan|Sort|Incremental Sort|Bitmap Heap Scan)"/);
        const touched = [...plan.matchAll(/"(?:Actual Rows|Rows Removed by Filter)":([\d.]+)/g)].map(([, n]) =>
          Number(n),
        );
        expect(Math.max(...touched)).toBeLessThanOrEqual(51);
      }
    },
  );
});
