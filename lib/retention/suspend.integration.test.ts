/** *Suspend deletion* in the portal: who may, what is shown and kept of it, and that others' notices stay, too. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { organizationHistory } from '../connectors/history.ts';
import { seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import { forgetOld } from '../notifications/store/forget.ts';
import { NotAllowed } from '../security/actor.ts';
import { deletionState, resumeDeletion, setDeletionSuspended, suspendDeletion } from './suspend.ts';

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
  organizationId = await seedOrganization(database.pool);
});

const admin = () => seededActor(organizationId, ['DataConnectors.Admin']);
const auditor = () => seededActor(organizationId, ['DataConnectors.Auditor']);
const set = (suspended: boolean, reason: string, actor = admin()) =>
  setDeletionSuspended(database.pool, actor, { suspended, reason });

it('is an administrator’s act, with who, when and why, and stands in the history of the organization', async () => {
  expect(await deletionState(database.pool, auditor())).toEqual({ suspended: null });
  const before = Date.now();
  expect(await set(true, '  Case 2026-114 ')).toBe('done');
  const { suspended } = await deletionState(database.pool, auditor());
  expect(suspended).toMatchObject({ by: 'Ada', reason: 'Case 2026-114' });
  expect(Date.parse(suspended?.since ?? '')).toBeGreaterThan(before - 60_000);
  expect(await set(false, 'Case closed')).toBe('done');
  expect(await deletionState(database.pool, admin())).toEqual({ suspended: null });
  const { entries } = await organizationHistory(database.pool, admin(), null, 10);
  expect(entries.map(({ person, action, detail }) => [person, action, detail.reason])).toEqual([
    ['Ada', 'organization.deletion-resumed', 'Case closed'],
    ['Ada', 'organization.deletion-suspended', 'Case 2026-114'],
  ]);
});

it('whoever is slower is told, and the first reason stays; one without a reason changes nothing', async () => {
  for (const reason of ['', '   ', 'x'.repeat(501), 'a\0b']) expect(await set(true, reason)).toBe('bad_reason');
  expect(await set(false, 'Never was')).toBe('unchanged');
  const both = await Promise.all([set(true, 'First'), set(true, 'Second')]);
  expect(both.toSorted()).toEqual(['done', 'unchanged']);
  const reason = both[0] === 'done' ? 'First' : 'Second';
  expect((await deletionState(database.pool, admin())).suspended?.reason).toBe(reason);
});

it('is nobody else’s to set, and not a reader’s to see', async () => {
  for (const role of ['DataConnectors.Auditor', 'DataConnectors.Reader', 'DataConnectors.ContentViewer'] as const) {
    await expect(set(true, 'Because', seededActor(organizationId, [role]))).rejects.toThrow(NotAllowed);
  }
  await expect(deletionState(database.pool, seededActor(organizationId))).rejects.toThrow(NotAllowed);
  await set(true, 'Ours');
  const stranger = seededActor(await seedOrganization(database.pool), ['DataConnectors.Admin']);
  expect(await deletionState(database.pool, stranger)).toEqual({ suspended: null });
});

it('the operator’s command does the same, in nobody’s name', async () => {
  expect(await suspendDeletion(database.pool, organizationId, 'Court order')).toBe(true);
  expect((await deletionState(database.pool, admin())).suspended).toMatchObject({ by: null, reason: 'Court order' });
  expect(await suspendDeletion(database.pool, organizationId, 'Again')).toBe(false);
  expect(await suspendDeletion(database.pool, randomUUID(), 'Nobody')).toBe(false);
  expect(await resumeDeletion(database.pool, organizationId, 'Over')).toBe(true);
});

it('old notices stay meanwhile', async () => {
  const { pool } = database;
  const notices = async () =>
    (await pool.query('SELECT FROM notification_condition WHERE organization_id = $1', [organizationId])).rowCount;
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, created_by) VALUES ($1, $2, 'android', 'x', 'draft', 'x')`,
    [organizationId, organizationId],
  );
  await pool.query(
    `INSERT INTO notification_condition (organization_id, connector_id, event, subject, detail, began_at, ended_at)
     VALUES ($1, $1, 'import_failed', 'x', '{}', now() - interval '200 days', now() - interval '100 days')`,
    [organizationId],
  );
  await set(true, 'Case 2026-114');
  await forgetOld(pool, organizationId);
  expect(await notices()).toBe(1);
  await set(false, 'Case closed');
  await forgetOld(pool, organizationId);
  expect(await notices()).toBe(0);
});
