/** The single ones of what is not imported: a page at a time, for everybody who may see the connector. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import {
  dayOf,
  type SeededConnector,
  seedConnector,
  seededActor,
  seedOrganization,
  seedRun,
} from '../connectors/rows.fixture.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import type { Role } from '../security/roles.ts';
import type { UndoneKind } from './counts.ts';
import { importLogStream } from './log.ts';
import { undoneReasons } from './undone.ts';
import { parseRowKey, rowKey, type UndonePage, undonePage } from './undone-rows.ts';

const FAILED = 7;

let pool: pg.Pool;
let connector: SeededConnector;
let reader: Actor;

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
  const organization = await seedOrganization(pool);
  reader = seededActor(organization);
  connector = await seedConnector(pool, organization, 'Undone');
  const counts = { 'copies.failed': FAILED, 'copies.partially_imported': 1, 'items.unreadable': 1 };
  const importId = await seedRun(pool, connector, { day: 0, phase: 'completed', counts });
  await seed(importId, 'failed', 'refused_message', FAILED);
  await seed(importId, 'partially_imported', 'attachment_gone', 1);
  await seed(importId, 'imported', null, 20_000);
  await pool.query(
    `INSERT INTO item (archived_at, id, organization_id, source_id, connector_id, import_id, source_item_id, type, outcome,
       reason, page, frame_offset, frame_length)
     VALUES ($1, nextval('item_id_seq'), $2, $3, $4, $5, 'odd', 'unknown', 'unreadable', 'unreadable_schema', 0, 0, 0)`,
    [dayOf(0), organization, connector.sourceId, connector.id, importId],
  );
  await pool.query('ANALYZE');
});
afterAll(() => pool.end());

/** Items of a day, a millisecond apart, with one copy each. */
async function seed(importId: string, state: string, reason: string | null, count: number): Promise<void> {
  await pool.query(
    `WITH added AS (
       INSERT INTO item (archived_at, id, organization_id, source_id, connector_id, import_id, source_item_id, type,
         outcome, page, frame_offset, frame_length)
       SELECT $1::timestamptz + n * interval '1 millisecond', nextval('item_id_seq'), $2, $3, $4, $5,
         $6::text || ' ' || n, 'sms', 'imported', 0, 0, 0 FROM generate_series(1, $8::int) n RETURNING *)
     INSERT INTO delivery (archived_at, item_id, organization_id, source_id, connector_id, import_id, participant, written,
       region, rule, user_id, mailbox_address, shard, state, reason, message_id, page, frame_offset, frame_length)
     SELECT archived_at, id, $2, $3, $4, $5, '+12125550100', '+12125550100', 'US', 'mapping', gen_random_uuid(),
       'ada@x.example', 0, $6, $7, 'm', 0, 0, 0 FROM added`,
    [dayOf(0), reader.organizationId, connector.sourceId, connector.id, importId, state, reason, count],
  );
}

const selection = (kind: UndoneKind, reason: string | null = null) =>
  ({ connectorId: connector.id, kind, reason, importId: null, one: null }) as const;

async function walk(kind: UndoneKind, size: number): Promise<UndonePage[]> {
  const pages: UndonePage[] = [];
  for (let after: string | null = null; ; ) {
    const page: UndonePage = await undonePage(
      pool,
      reader,
      selection(kind),
      after === null ? null : parseRowKey(after),
      size,
    );
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

const idsOf = (page: UndonePage): string[] => page.rows.map(({ sourceItemId }) => sourceItemId);

describe('pages', () => {
  it('follow each other, the oldest first, each row once', async () => {
    expect((await walk('failed', 3)).map(idsOf)).toEqual([
      ['failed 1', 'failed 2', 'failed 3'],
      ['failed 4', 'failed 5', 'failed 6'],
      ['failed 7'],
    ]);
    expect((await walk('failed', FAILED)).map((page) => page.rows.length)).toEqual([FAILED]);
    expect(await undoneReasons(pool, reader, connector.id)).toContainEqual({
      kind: 'failed',
      reason: 'refused_message',
      count: FAILED,
    });
  });

  it('are of one reason, and of one row where it is named', async () => {
    expect((await undonePage(pool, reader, selection('failed', 'mailbox_full'), null, 9)).rows).toEqual([]);
    const third = (await undonePage(pool, reader, selection('failed', 'refused_message'), null, 9)).rows[2];
    const one = parseRowKey(third?.key ?? '');
    expect((await undonePage(pool, reader, { ...selection('failed'), one }, null, 9)).rows).toEqual([third]);
    expect(one && rowKey(one)).toBe(third?.key);
  });

  it('read what is not done, and not the thousands that are', async () => {
    let asked: { text: string; values: unknown[] } | null = null;
    const watching = {
      query: (text: string, values: unknown[]) => {
        asked ??= { text, values };
        return pool.query(text, values);
      },
    } as unknown as pg.Pool;
    await undonePage(watching, reader, selection('failed'), parseRowKey(`${dayOf(0).getTime() + 4}-0`), 3);
    const { text, values } = asked ?? expect.fail('nothing was asked');
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
    const plan = JSON.stringify(rows[0]);
    expect(plan).toContain('"Relation Name":"undone"');
    expect(plan).not.toContain('"Relation Name":"delivery');
    const read = [...plan.matchAll(/"(?:Actual Rows|Rows Removed by Filter)":(\d+)/g)].map(([, count]) =>
      Number(count),
    );
    expect(Math.max(...read)).toBeLessThanOrEqual(FAILED);
  });
});

describe('a row', () => {
  const first = async (kind: UndoneKind, ...roles: Role[]) => {
    const actor = seededActor(reader.organizationId, roles);
    return (await undonePage(pool, actor, selection(kind), null, 1)).rows[0];
  };

  it.each([
    ['DataConnectors.Reader', '+1••••••0100'],
    ['DataConnectors.Auditor', '+1••••••0100'],
    ['DataConnectors.Admin', '+12125550100'],
    ['DataConnectors.ContentViewer', '+12125550100'],
  ] as const)('shows a %s the number as %s', async (role, participant) => {
    expect(await first('failed', role)).toEqual({
      key: expect.stringMatching(/^\d+-\d+$/),
      sourceItemId: 'failed 1',
      archivedAt: new Date(dayOf(0).getTime() + 1).toISOString(),
      participant,
      mailbox: 'ada@x.example',
      isKept: true,
    });
  });

  it('of an item that cannot be read names nobody', async () => {
    expect(await first('unreadable', 'DataConnectors.Admin')).toMatchObject({
      sourceItemId: 'odd',
      participant: null,
      mailbox: null,
    });
  });

  it('of the fallback mailbox hides no number, because there is none', async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(`UPDATE delivery SET participant = 'FALLBACK' WHERE state = 'partially_imported'`);
      const { rows } = await undonePage(client as unknown as pg.Pool, reader, selection('partial'), null, 1);
      expect(rows[0]?.participant).toBe('FALLBACK');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('is nobody’s without a role, and nothing to a stranger', async () => {
    const nobody = seededActor(reader.organizationId, []);
    await expect(undonePage(pool, nobody, selection('failed'), null, 1)).rejects.toThrow(NotAllowed);
    const stranger = seededActor(await seedOrganization(pool));
    expect(await undonePage(pool, stranger, selection('failed'), null, 1)).toEqual({ rows: [], next: null });
  });
});

it('the log names what is partially imported, as many as its import says', async () => {
  const log = await new Response(importLogStream(pool, reader, connector.id)).text();
  const lines = log.split('\r\n').filter((line) => line.startsWith('Partially imported item'));
  expect(lines).toEqual([
    expect.stringMatching(
      /^Partially imported item,1,.*,partially_imported 1,'\+1•+0100,ada@x\.example,TeleMessage says/,
    ),
  ]);
});
