import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import type { SourceUser } from '../archive/source.ts';
import { type Database, openDatabase } from '../db.ts';
import { insertConnector } from './connector.fixture.ts';
import { SET, saveSourceUsers, type UsersOwner } from './source-users.ts';

let database: Database;
let owner: UsersOwner;
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 2);
  await insertConnector(database.pool);
  const { rows } = await database.pool.query<{ id: string; organization_id: string }>('SELECT * FROM source');
  const [source] = rows;
  if (!source) throw new Error('no source');
  owner = { organizationId: source.organization_id, sourceId: source.id, region: 'US' };
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

it('leaves the later of two overlapping readings right, in whatever order they write', async () => {
  const { pool } = database;
  const [earlier, later] = [new Date('2026-11-22T00:00:00Z'), new Date('2026-11-22T00:00:01Z')];
  const statuses = async (...mobiles: string[]) => {
    const found = await pool.query<{ mobile: string; status: string; name: string | null }>(
      'SELECT mobile, status, name FROM source_user WHERE mobile = ANY ($1) ORDER BY mobile',
      [mobiles],
    );
    return found.rows.map(({ mobile, status, name }) => `${mobile} ${status} ${name}`);
  };
  const many = Array.from({ length: SET }, (_, place) => user(`+1415555${String(place).padStart(4, '0')}`));
  // The earlier one is resumed while the later one reads its second page.
  const withTheEarlierBetween = async function* () {
    yield* many;
    await saveSourceUsers(pool, owner, [...many, user('gone'), user('last', { name: 'Old' })], earlier);
    yield user('last', { name: 'New' });
  };
  expect(await saveSourceUsers(pool, owner, withTheEarlierBetween(), later)).toBe(SET + 1);
  const deleted = await pool.query(`SELECT mobile FROM source_user WHERE status = 'deleted' AND seen_at >= $1`, [
    earlier,
  ]);
  expect(deleted.rows).toEqual([{ mobile: 'gone' }]);
  expect(await statuses('last', 'gone')).toEqual(['gone deleted null', 'last activated New']);
  // And where the earlier one ends last, it brings nobody back.
  await saveSourceUsers(pool, owner, [user('gone too'), user('last', { name: 'Old' })], earlier);
  expect(await statuses('last', 'gone too')).toEqual(['gone too deleted null', 'last activated New']);
});
