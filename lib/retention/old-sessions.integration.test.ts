/** Old sessions go, and the access review says of everybody what it said before. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type Database, openDatabase } from '../db.ts';
import type { Actor } from '../security/actor.ts';
import { accessReview } from '../sessions/access-review.ts';
import { SESSION_SECONDS } from '../sessions/sessions.ts';
import { OLD_SESSION_DAYS, purgeSessions } from './old-sessions.ts';
import { suspendDeletion } from './suspend.ts';

const NOW = new Date('2026-11-26T08:00:00Z');
const DAY_MS = 24 * 60 * 60_000;
const [GRACE, LENA] = [randomUUID(), randomUUID()];

let database: Database;
let organizationId: string;
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 4);
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  organizationId = randomUUID();
  await database.pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Test')`, [organizationId]);
});

async function signedIn(userId: string, daysAgo: number, { usedHoursLater = 1, ended = true } = {}): Promise<void> {
  const at = new Date(NOW.getTime() - daysAgo * DAY_MS);
  const used = new Date(at.getTime() + usedHoursLater * 60 * 60_000);
  await database.pool.query(
    `INSERT INTO portal_session (id, organization_id, user_id, name, address, roles, signed_in_at, checked_at,
       last_used_at, ended_at, ended_by) VALUES ($1, $2, $3, $4, 'a@example.com', $5, $6, $7, $7, $8, $9)`,
    [
      randomUUID(),
      organizationId,
      userId,
      userId === GRACE ? 'Grace' : 'Lena',
      ['DataConnectors.Admin'],
      at,
      used,
      ended ? used : null,
      ended ? 'signed_out' : null,
    ],
  );
}

async function left(userId: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ at: Date }>(
    'SELECT signed_in_at AS at FROM portal_session WHERE organization_id = $1 AND user_id = $2 ORDER BY 1 DESC',
    [organizationId, userId],
  );
  return rows.map(({ at }) => Math.round((NOW.getTime() - at.getTime()) / DAY_MS));
}

const purge = (years = 7) => purgeSessions(database.pool, years, NOW);

it('go after 90 days, but for the newest of each person, and that they went is noted', async () => {
  for (const days of [1, 89, OLD_SESSION_DAYS + 1, 400, 800]) await signedIn(GRACE, days, { ended: days > 1 });
  for (const days of [500, 900]) await signedIn(LENA, days);
  const auditor: Actor = {
    organizationId,
    userId: randomUUID(),
    name: 'Ingrid',
    address: 'i@example.com',
    roles: ['DataConnectors.Auditor'],
  };
  const review = () => accessReview(database.pool, auditor, NOW, SESSION_SECONDS);
  const before = await review();
  expect(await purge()).toBe(4);
  expect([await left(GRACE), await left(LENA)]).toEqual([[1, 89], [500]]);
  expect(await review()).toBe(before);
  const { rows } = await database.pool.query(
    `SELECT actor, detail FROM audit_entry WHERE action = 'sessions.purged' AND organization_id = $1`,
    [organizationId],
  );
  expect(rows).toEqual([{ actor: 'system', detail: { count: 4 } }]);
  expect(await purge()).toBe(0);
});

it('one that was used after a later sign-in says so still', async () => {
  await signedIn(GRACE, 200);
  await signedIn(GRACE, 200.1, { usedHoursLater: 7 });
  expect(await purge()).toBe(0);
});

it('a person’s newest goes when the audit log of its time has gone', async () => {
  await signedIn(GRACE, 3 * 366);
  expect(await purge(3)).toBe(1);
});

it('nothing goes while the organization suspends deletion', async () => {
  await signedIn(GRACE, 100);
  await signedIn(GRACE, 1);
  await suspendDeletion(database.pool, organizationId, 'Case 2026-114');
  expect(await purge()).toBe(0);
  expect(await left(GRACE)).toHaveLength(2);
});
