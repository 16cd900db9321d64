import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import type { SourceUser } from '../archive/source.ts';
import { type Database, openDatabase } from '../db.ts';
import { insertConnector } from './connector.fixture.ts';
import { saveSourceUsers } from './source-users.ts';

let database: Database;
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 2);
});
afterAll(async () => {
  await database?.prisma.$disconnect();
  await database?.pool.end();
});

const user = (mobile: string, traits: Partial<SourceUser> = {}): SourceUser => ({
  ...{ mobile, email: null, name: null, status: 'activated', lastArchivedTime: null },
  ...traits,
});

it('stores whatever users a source lists, the later line of two, and counts as deleted who is gone', async () => {
  const { pool } = database;
  await insertConnector(pool);
  const { rows } = await pool.query<{ id: string; organization_id: string }>('SELECT id, organization_id FROM source');
  const [source] = rows;
  if (!source) throw new Error('no source');
  const owner = { organizationId: source.organization_id, sourceId: source.id, region: 'US' } as const;
  const odd = user('a\0b', { name: 'Ann\0', email: '\ud800@x', lastArchivedTime: '57300-06-03T18:46:03Z' });
  const first = [
    odd,
    user('+12125550101', { name: 'Old' }),
    user('+12125550101', { name: 'New' }),
    user('9'.repeat(9000)),
  ];
  expect(await saveSourceUsers(pool, owner, first, new Date('2026-11-20T00:00:00Z'))).toBe(2);
  expect(await saveSourceUsers(pool, owner, [odd], new Date('2026-11-21T00:00:00Z'))).toBe(1);
  const stored = await pool.query(
    'SELECT mobile, name, email, status, last_archived_at FROM source_user ORDER BY mobile',
  );
  expect(stored.rows).toEqual([
    { mobile: '+12125550101', name: 'New', email: null, status: 'deleted', last_archived_at: null },
    { mobile: 'a\ufffdb', name: 'Ann\ufffd', email: '\ufffd@x', status: 'activated', last_archived_at: null },
  ]);
});
