/** What listings have noted goes when the audit log of that time does, but for what may still be sent. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { seedConnector, seedOrganization } from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import { suspendDeletion } from '../retention/suspend.ts';
import { purgeListings } from './purge-listings.ts';

const YEARS = 7;
const NOW = new Date('2034-01-01T00:00:00Z');

let database: Database;
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 4);
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});

/** A recovery that ended then, with a mailbox and two copies: one that nobody is owed, and one of a delivery that is not there. */
async function recovered(endedAt: string | null): Promise<string> {
  const { pool } = database;
  const organizationId = await seedOrganization(pool);
  const { id, sourceId } = await seedConnector(pool, organizationId, 'Acme');
  await pool.query(
    `WITH r AS (INSERT INTO recovery (cause, found_at, doubtful_until, ended_at) VALUES ('older', '2026-11-01', '2026-11-02', $5)
       RETURNING id),
     c AS (INSERT INTO recovery_connector (recovery_id, connector_id, organization_id, was_paused) SELECT id, $1, $2, false FROM r
       RETURNING recovery_id),
     m AS (INSERT INTO recovery_mailbox (recovery_id, connector_id, organization_id, user_id) SELECT recovery_id, $1, $2, $4 FROM c)
     INSERT INTO recovery_copy (source_id, property, user_id, message_id, organization_id, recovery_id, archived_at, delivery_id)
     SELECT $3, property, $4, property, $2, recovery_id, archived_at, delivery_id FROM c
     CROSS JOIN (VALUES ('nobody''s', NULL, NULL), ('moved', '2026-11-01'::timestamptz, 1)) AS v (property, archived_at, delivery_id)`,
    [id, organizationId, sourceId, randomUUID(), endedAt],
  );
  return organizationId;
}

async function left(organizationId: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT 'mailbox' AS what FROM recovery_mailbox WHERE organization_id = $1
     UNION ALL (SELECT property FROM recovery_copy WHERE organization_id = $1 ORDER BY property)`,
    [organizationId],
  );
  return rows.map(({ what }) => what);
}

it('goes after so many years, and at once where a correction has moved the copy', async () => {
  const open = await recovered(null);
  const recent = await recovered('2027-01-02T00:00:00Z');
  const old = await recovered('2026-12-31T00:00:00Z');
  const suspended = await recovered('2026-12-31T00:00:00Z');
  await suspendDeletion(database.pool, suspended, 'A lawsuit.');
  expect(await purgeListings(database.pool, YEARS, NOW)).toBe(4);
  expect(await left(open)).toEqual(['mailbox', 'moved', "nobody's"]);
  expect(await left(recent)).toEqual(['mailbox', "nobody's"]);
  expect(await left(old)).toEqual([]);
  expect(await left(suspended)).toEqual(['mailbox', 'moved', "nobody's"]);
  const { rows } = await database.pool.query(
    `SELECT organization_id, detail FROM audit_entry WHERE action = 'recovery.purged' ORDER BY detail->'count'`,
  );
  expect(rows).toEqual([
    { organization_id: recent, detail: { count: 1 } },
    { organization_id: old, detail: { count: 3 } },
  ]);
});
