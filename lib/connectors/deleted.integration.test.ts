/** Deleted connectors: where evidence stays to be read, and by whom. On a real database. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { auditIn, auditOrganizationIn } from '../audit/entries.ts';
import { type Database, openDatabase } from '../db.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { deletedConnector, deletedConnectors } from './deleted.ts';
import { organizationHistory } from './history.ts';
import { seedConnector, seededActor, seedOrganization } from './rows.fixture.ts';

let database: Database;
let organizationId: string;
let grace: Actor;
const reader = () => seededActor(organizationId);

beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  organizationId = await seedOrganization(database.pool);
  grace = { ...seededActor(organizationId, ['DataConnectors.Admin']), name: 'Grace' };
});

async function deleted(name: string, at: string): Promise<string> {
  const { id } = await seedConnector(database.pool, organizationId, name);
  await database.pool.query(
    `UPDATE connector SET status = 'deleted', deleted_at = $2, password_sealed = NULL, next_import_number = 8 WHERE id = $1`,
    [id, at],
  );
  await auditIn(database.pool, grace, { action: 'connector.deleted', connectorId: id, detail: { name } });
  return id;
}

it('are listed with the last one first, a page at a time; who deleted them is for those who may see history', async () => {
  await seedConnector(database.pool, organizationId, 'Live');
  const first = await deleted('First', '2026-11-01T10:00:00Z');
  const second = await deleted('Second', '2026-11-02T10:00:00Z');
  const page = await deletedConnectors(database.pool, grace, null, 1);
  expect(page.connectors).toMatchObject([
    { id: second, name: 'Second', deletedAt: '2026-11-02T10:00:00.000Z', deletedBy: 'Grace', imports: 7 },
  ]);
  const next = await deletedConnectors(database.pool, grace, page.next, 1);
  expect(next).toMatchObject({ connectors: [{ id: first }], next: null });
  expect(await deletedConnector(database.pool, reader(), first)).toMatchObject({ name: 'First', deletedBy: null });
});

it("are another organization's secret, and a live one is none of them", async () => {
  const id = await deleted('First', '2026-11-01T10:00:00Z');
  const live = await seedConnector(database.pool, organizationId, 'Live');
  const stranger = seededActor(await seedOrganization(database.pool), ['DataConnectors.Admin']);
  expect(await deletedConnector(database.pool, stranger, id)).toBeNull();
  expect((await deletedConnectors(database.pool, stranger, null, 10)).connectors).toEqual([]);
  expect(await deletedConnector(database.pool, grace, live.id)).toBeNull();
});

it('acts on the organization itself are read by who may see history', async () => {
  const demanded = { demanded: true, askedToEnd: false, firstAskedBy: null };
  await auditOrganizationIn(database.pool, grace, { action: 'organization.mapping-approval', detail: demanded });
  await deleted('First', '2026-11-01T10:00:00Z');
  const { entries } = await organizationHistory(database.pool, grace, null, 10);
  expect(entries).toMatchObject([
    { person: 'Grace', action: 'organization.mapping-approval', detail: { demanded: true, askedToEnd: false } },
  ]);
  await expect(organizationHistory(database.pool, reader(), null, 10)).rejects.toThrow(NotAllowed);
});
