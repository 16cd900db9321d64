/** How much is read to find the next of very many copies that wait. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planOf, rowsRead } from '#testing/query-plan.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { collect } from '../ledger.fixture.ts';
import { personNamed, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { waitingCopies } from './waiting.ts';

/** of which every tenth waits */
const COPIES = 40_000;
const SET = 100;
const START = { archivedAt: new Date(0), id: '0' };

let sandbox: TestSandbox;
let engine: Engine;
let pool: pg.Pool;
let sourceId: string;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  pool = engine.database.pool;
  source.listed.push(sms(personNamed('Carter'), new Date(source.settledThrough.getTime() - 3_600_000)));
  const connectorId = await engine.connect();
  await collect(engine, connectorId);
  // As many as it over some months.
  await pool.query(`
    SELECT ensure_ledger_partitions(now() - make_interval(months => m)) FROM generate_series(0, 2) AS m`);
  await pool.query(
    `WITH one AS (SELECT * FROM item), times AS (
       SELECT nextval('item_id_seq') AS id, date_trunc('milliseconds', now() - make_interval(mins => 3 * n)) AS at
       FROM generate_series(1, $1::int) AS n),
     items AS (
       INSERT INTO item (organization_id, source_id, connector_id, import_id, archived_at, id, source_item_id, type, outcome,
         page, frame_offset, frame_length)
       SELECT organization_id, source_id, connector_id, import_id, at, times.id, times.id::text, type, outcome, page,
         frame_offset, frame_length FROM one, times)
     INSERT INTO delivery (archived_at, item_id, organization_id, source_id, connector_id, import_id, participant, written,
       region, rule, shard, state, page, frame_offset, frame_length, attachments)
     SELECT at, times.id, d.organization_id, d.source_id, connector_id, import_id, participant, written, region, rule, shard,
       CASE WHEN times.id % 10 = 0 THEN state ELSE 'skipped' END, page, frame_offset, frame_length, attachments
     FROM delivery d, times`,
    [COPIES],
  );
  await pool.query('ANALYZE');
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM source');
  sourceId = rows[0]?.id ?? '';
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

it('reads a set of them and no more, wherever it stands, and each once', async () => {
  const read: number[] = [];
  const explained = {
    query: async (text: string, values: unknown[]) => {
      read.push(...(await planOf(pool, text, values)).map(rowsRead));
      return { rows: [] };
    },
  } as unknown as pg.Pool;
  const ids = new Set<string>();
  let after = START;
  for (let sets = 0; ; sets++) {
    if (sets % 10 === 0) {
      await waitingCopies(explained, engine.organizationId, sourceId, after, SET);
      expect(read).not.toEqual([]);
      expect(Math.max(...read.splice(0))).toBeLessThanOrEqual(2 * SET);
    }
    const rows = await waitingCopies(pool, engine.organizationId, sourceId, after, SET);
    for (const { id } of rows) ids.add(id);
    const last = rows.at(-1);
    if (!last) break;
    after = { archivedAt: last.archived_at, id: last.id };
  }
  expect(ids.size).toBe(COPIES / 10 + 1);
});
