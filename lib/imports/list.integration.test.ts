import { randomUUID } from 'node:crypto';
import Papa from 'papaparse';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
import { countsOf } from './counts.ts';
import { countsOfFinishedImports, importPage } from './list.ts';
import { importLogStream } from './log.ts';
import { undoneReasons } from './undone.ts';

let pool: pg.Pool;
let organization: string;
let reader: Actor;
let connector: SeededConnector;
const imports: string[] = [];

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
  organization = await seedOrganization(pool);
  reader = seededActor(organization);
  connector = await seedConnector(pool, organization, 'Listed');
  const runs = [
    {
      'items.listed': 4,
      'items.imported': 2,
      'items.waiting': 1,
      'items.unreadable': 1,
      'copies.available': 4,
      'copies.imported': 3,
      'copies.failed': 1,
      'copies.waiting': 2,
    },
    {},
    { 'items.listed': 9, 'items.pending': 9 },
  ] as const;
  for (const [day, counts] of runs.entries()) {
    imports.push(await seedRun(pool, connector, { day, phase: day === 2 ? 'delivering' : 'completed', counts }));
  }
});
afterAll(() => pool.end());

async function seedCopy(
  state: 'failed' | 'waiting',
  participant: string,
  reason: string,
  itemId: number,
): Promise<void> {
  await pool.query(
    `INSERT INTO delivery (archived_at, item_id, organization_id, source_id, connector_id, import_id, participant, written, region, rule,
       user_id, mailbox_address, shard, state, reason, page, frame_offset, frame_length)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 'US', $8, $9, $10, 0, $11, $12, 0, 0, 0)`,
    [
      dayOf(0),
      itemId,
      organization,
      connector.sourceId,
      connector.id,
      imports[0],
      participant,
      state === 'failed' ? 'mapping' : 'none',
      state === 'failed' ? randomUUID() : null,
      state === 'failed' ? 'ada@example.com' : null,
      state,
      reason,
    ],
  );
}

async function seedItem(id: number, sourceItemId: string, outcome: string, reason: string | null): Promise<void> {
  await pool.query(
    `INSERT INTO item (archived_at, id, organization_id, source_id, connector_id, import_id, source_item_id, type, outcome,
       reason, page, frame_offset, frame_length) VALUES ($1, $2, $3, $4, $5, $6, $7, 'sms', $8, $9, 0, 0, 0)`,
    [dayOf(0), id, organization, connector.sourceId, connector.id, imports[0], sourceItemId, outcome, reason],
  );
}

function logText(actor: Actor): Promise<string> {
  return new Response(importLogStream(pool, actor, connector.id)).text();
}

test('pages through imports, newest first, without a gap or a repeat', async () => {
  const first = await importPage(pool, reader, connector.id, null, 2);
  expect(first.imports.map(({ number }) => number)).toEqual([3, 2]);
  const second = await importPage(pool, reader, connector.id, first.olderThan, 2);
  expect(second.imports.map(({ number }) => number)).toEqual([1]);
  expect(second.olderThan).toBeNull();
});

test('keeps the numbers of completion beside those of now', async () => {
  const frozen = countsOf([
    { outcome: 'items.listed', count: 4 },
    { outcome: 'items.waiting', count: 3 },
  ]);
  await pool.query('UPDATE import SET counts_at_completion = $2 WHERE id = $1', [imports[0], frozen]);
  const { imports: lines } = await importPage(pool, reader, connector.id, 2, 1);
  expect(lines[0]).toMatchObject({ countsAtCompletion: frozen, counts: { items: { waiting: 1, imported: 2 } } });
});

test('adds what is over and leaves out what runs', async () => {
  const counts = await countsOfFinishedImports(pool, reader, connector.id);
  expect(counts.items).toMatchObject({ listed: 4, imported: 2, pending: 0 });
});

test('shows nothing of them to another organization', async () => {
  const other = seededActor(await seedOrganization(pool));
  expect((await importPage(pool, other, connector.id, null, 10)).imports).toEqual([]);
  expect((await countsOfFinishedImports(pool, other, connector.id)).items.listed).toBe(0);
  expect((await logText(other)).trimEnd().split('\n')).toHaveLength(1);
});

test('is for those who may see connectors, and says so itself', async () => {
  const nobody = seededActor(organization, []);
  await expect(importPage(pool, nobody, connector.id, null, 2)).rejects.toThrow(NotAllowed);
  await expect(countsOfFinishedImports(pool, nobody, connector.id)).rejects.toThrow(NotAllowed);
  await expect(undoneReasons(pool, nobody, connector.id)).rejects.toThrow(NotAllowed);
  expect(() => importLogStream(pool, nobody, connector.id)).toThrow(NotAllowed);
});

test('the log has the words that administrators know, every failed copy, and each waiting user once', async () => {
  await seedItem(1, '=cmd|item', 'imported', null);
  await seedItem(2, 'tm-2', 'waiting', null);
  await seedItem(3, 'tm-3', 'unreadable', 'unreadable_type');
  await seedCopy('failed', '+15550100001', 'mailbox_full', 1);
  await seedCopy('waiting', '+15550100002', 'not_mapped', 1);
  await seedCopy('waiting', '+15550100002', 'not_mapped', 2);

  const read = async (actor: Actor) => {
    return Papa.parse<Record<string, string>>((await logText(actor)).replace(/^\uFEFF/, ''), {
      header: true,
      skipEmptyLines: true,
    }).data;
  };
  const lines = await read(seededActor(organization, ['DataConnectors.Admin']));
  expect(lines.map(({ Record: record, Import: number }) => `${record} ${number}`)).toEqual([
    'Waiting for mapping ',
    'Import 3',
    'Import 2',
    'Import 1',
    'Failed item 1',
    'Failed item 1',
  ]);
  expect(lines[0]).toMatchObject({ 'Source User ID': "'+15550100002", 'Items waiting for mapping': '2' });
  expect(lines[1]).toMatchObject({ Note: 'Not complete yet.', 'Import completion time (UTC)': '' });
  expect(lines[2]).toMatchObject({ Note: 'No items ingested on 11/19/2026.', 'Items available from source': '0' });
  expect(lines[3]).toMatchObject({
    'Import completion time (UTC)': '2026-11-19 00:00:00',
    'Items available from source': '4',
    'Items available for import': '4',
    'Items imported successfully': '3',
    'Items partially imported': '0',
    'Items skipped': '0',
    'Items failed': '1',
  });
  expect(lines[4]).toMatchObject({
    'Item id': "'=cmd|item",
    'Source User ID': "'+15550100001",
    'M365 User ID': 'ada@example.com',
    'Failure Reason': 'The mailbox is full.',
  });
  expect(lines[5]).toMatchObject({ 'Item id': 'tm-3', 'Failure Reason': expect.stringMatching(/type/) });

  expect(await undoneReasons(pool, reader, connector.id)).toEqual([
    { kind: 'waiting', reason: 'not_mapped', count: 2 },
    { kind: 'failed', reason: 'mailbox_full', count: 1 },
    { kind: 'unreadable', reason: 'unreadable_type', count: 1 },
  ]);
  expect(await undoneReasons(pool, seededActor(await seedOrganization(pool)), connector.id)).toEqual([]);

  const masked = await read(reader);
  expect(masked.map((line) => line['Source User ID']).join('')).not.toMatch(/555010/);
  expect(masked[0]?.['Source User ID']).toBe("'+1••••••0002");
});
