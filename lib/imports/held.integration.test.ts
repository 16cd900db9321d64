/** What is in no mailbox is reported from its seventh day on: which days, which kinds, of whom, and by which index. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import type { UndoneKind } from './counts.ts';
import { heldLong, heldLongOf, logHeldLong } from './held.ts';

const NOW = new Date('2026-11-26T06:00:00Z');
const BEFORE = '2026-11-19T23:59:59.999Z';
const AFTER = '2026-11-20T00:00:00.000Z';

let pool: pg.Pool;
let organizationId: string;
let connector: SeededConnector;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
});
afterAll(() => pool.end());
beforeEach(async () => {
  organizationId = await seedOrganization(pool);
  connector = await seedConnector(pool, organizationId, 'Sales');
});

/** Rows as triggers keep them (`undone-rows.integration.test.ts`), a millisecond before each other. */
async function keep(kind: Exclude<UndoneKind, 'stopped'>, at: string, count = 1, of = connector): Promise<void> {
  await pool.query(
    `INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason)
     SELECT $1, $2, $3::timestamptz - n * interval '1 millisecond', n + 1 + (random() * 1e12)::bigint, $4, $5, $6, n, ''
     FROM generate_series(0, $7::int - 1) n`,
    [of.id, kind, at, organizationId, of.sourceId, randomUUID(), count],
  );
}

const held = async (now = NOW) => (await heldLong(pool, organizationId, null, now)).get(connector.id) ?? null;

it('what arrived six days ago is not reported, and is on the next day', async () => {
  await keep('waiting', '2026-11-20T09:00:00Z');
  expect(await held(new Date('2026-11-26T23:59:59.999Z'))).toBeNull();
  expect(await held(new Date('2026-11-27T00:00:00Z'))).toEqual({ count: 1, oldest: '2026-11-20T09:00:00.000Z' });
  await keep('waiting', BEFORE);
  await keep('waiting', AFTER);
  expect(await held()).toEqual({ count: 1, oldest: BEFORE });
});

it('whatever is kept counts: waiting, failed, unreadable, attachments; what is missing from a mailbox is not here', async () => {
  await keep('missing', '2026-01-01T00:00:00Z');
  expect(await held()).toBeNull();
  for (const kind of ['waiting', 'failed', 'unreadable', 'partial'] as const) await keep(kind, BEFORE, 2);
  expect(await held()).toEqual({ count: 8, oldest: '2026-11-19T23:59:59.998Z' });
});

it('is of connectors of the organization that asks', async () => {
  await keep('failed', BEFORE);
  const reader = seededActor(organizationId);
  expect(await heldLongOf(pool, reader, connector.id, NOW)).toMatchObject({ count: 1 });
  expect(await heldLongOf(pool, { ...reader, organizationId: randomUUID() }, connector.id, NOW)).toBeNull();
  const program = { ...reader, roles: [] };
  await expect(heldLongOf(pool, program, connector.id, NOW)).rejects.toThrow('connectors.read');
  const other = await seedConnector(pool, organizationId, 'Trading');
  expect([...(await heldLong(pool, organizationId, [other.id], NOW)).keys()]).toEqual([]);
});

it('is in the worker’s log, a line for each connector, whoever is named for notices', async () => {
  await keep('failed', BEFORE);
  const lines: string[] = [];
  await logHeldLong(pool, pino({}, { write: (line: string) => void lines.push(line) }), NOW);
  const ours = lines.map((line) => JSON.parse(line)).filter((line) => line.organizationId === organizationId);
  expect(ours).toMatchObject([{ level: 40, connectorId: connector.id, count: 1, oldest: BEFORE }]);
});

it('reads what it reports and not what is younger, nor the ledger', async () => {
  await keep('waiting', '2026-11-26T00:00:00Z', 30_000);
  await keep('waiting', BEFORE, 3);
  await pool.query('ANALYZE undone');
  const asked: string[] = [];
  const explaining = new Proxy(pool, {
    get: (target, name) =>
      name !== 'query'
        ? Reflect.get(target, name)
        : async (sql: string, values: unknown[]) => {
            const { rows } = await target.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
            asked.push(JSON.stringify(rows));
            return target.query(sql, values);
          },
  });
  expect((await heldLong(explaining, organizationId, null, NOW)).size).toBe(1);
  expect(asked.join()).toContain('undone_pkey');
  expect(asked.join()).not.toMatch(/Seq Scan","[^}]*"Relation Name":"undone"/);
  expect(asked.join()).not.toMatch(/"Relation Name":"(item|delivery)/);
  const read = [...asked.join().matchAll(/"Index Name":"undone_pkey".*?"Actual Rows":([\d.]+)/g)].map(([, n]) =>
    Number(n),
  );
  expect(read.length).toBeGreaterThan(0);
  expect(Math.max(...read)).toBeLessThanOrEqual(3);
});
