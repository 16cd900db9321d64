/** What PostgreSQL itself keeps of a version, whoever writes to it. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { seedConnector } from '../rows.fixture.ts';
import { discardProposal } from './use-cases.ts';
import { file, numberOf, type World, worldForEach } from './world.fixture.ts';

let world: World;
/** superseded, in force, discarded, proposed */
let versions: { superseded: string; inForce: string; discarded: string; proposed: string };

worldForEach(async (fresh) => {
  world = fresh;
  const superseded = await world.putInForce(people(1));
  const inForce = await world.putInForce(people(2));
  const discarded = await propose();
  await discardProposal(world.parts, world.grace, { connectorId: world.connector.id, versionId: discarded });
  versions = { superseded, inForce, discarded, proposed: await propose() };
});

const people = (count: number) =>
  file(...Array.from({ length: count }, (_, index) => `${numberOf(index + 1)},user${index + 1}@company.example`));

async function propose(): Promise<string> {
  const proposed = await world.propose(people(3));
  if (proposed.kind !== 'proposed') throw new Error(proposed.kind);
  return proposed.versionId;
}
const set = (id: string, change: string) =>
  world.database.pool.query(`UPDATE mapping_version SET ${change} WHERE id = $1`, [id]);
const remove = (id: string) => world.database.pool.query('DELETE FROM mapping_version WHERE id = $1', [id]);

it.each([
  `reason = 'x'`,
  `applied_by = 'Eve'`,
  `applied_at = now() + interval '1 second'`,
  `approval_requested_by = 'Eve'`,
  `approval_requested_by_id = 'x'`,
  `approval_requested_at = now()`,
  `approved_by = 'Eve'`,
  `discarded_by = 'Eve'`,
  `discarded_at = now() + interval '1 second'`,
  `declined_reason = 'x'`,
])('how a version came to its end stays said: %s', async (change) => {
  for (const id of [versions.superseded, versions.inForce, versions.discarded])
    await expect(set(id, change)).rejects.toThrow('came to its end');
  await set(versions.proposed, change);
});

it('its status goes forward only', async () => {
  const to = (id: string, status: string) => set(id, `status = '${status}'`);
  for (const status of ['proposed', 'in_force', 'discarded'])
    await expect(to(versions.superseded, status)).rejects.toThrow('does not go from');
  for (const status of ['proposed', 'discarded'])
    await expect(to(versions.inForce, status)).rejects.toThrow('does not go from');
  for (const status of ['proposed', 'in_force', 'superseded'])
    await expect(to(versions.discarded, status)).rejects.toThrow('does not go from');
  await expect(to(versions.proposed, 'superseded')).rejects.toThrow('does not go from');
  expect(await world.inForce()).toBe(versions.inForce);
});

it('no version of a connector that was live is removed, and so none of its rows', async () => {
  const { pool } = world.database;
  for (const id of Object.values(versions)) await expect(remove(id)).rejects.toThrow('with a draft only');
  for (const table of ['mapping_version', 'mapping_row'])
    await expect(pool.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(`table ${table} is append-only`);
  await pool.query(`UPDATE connector SET status = 'deleted', password_sealed = NULL WHERE id = $1`, [
    world.connector.id,
  ]);
  await expect(remove(versions.superseded)).rejects.toThrow('with a draft only');
  await expect(pool.query(`UPDATE connector SET status = 'draft' WHERE id = $1`, [world.connector.id])).rejects.toThrow(
    'a draft again',
  );
  expect(await world.rowsOf(versions.superseded)).toHaveLength(1);
});

it('those of a draft are', async () => {
  const { pool } = world.database;
  const [draft, versionId] = [randomUUID(), randomUUID()];
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, created_by) VALUES ($1, $2, 'android-archiver', 'New', 'grace')`,
    [draft, world.organizationId],
  );
  await pool.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by)
     VALUES ($1, $2, $3, 1, 'in_force', 'file', 'grace')`,
    [versionId, world.organizationId, draft],
  );
  await pool.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox) VALUES ($1, $2, $3, 2, 'a@b.example')`,
    [versionId, world.organizationId, numberOf(1)],
  );
  await set(versionId, 'row_count = 1');
  expect((await remove(versionId)).rowCount).toBe(1);
});

it('it rests on one of its connector that has all of its rows', async () => {
  const { pool } = world.database;
  const other = await seedConnector(pool, world.organizationId, 'Another');
  const insert = (connectorId: string, rest: string) => {
    const id = randomUUID();
    return pool
      .query(
        `INSERT INTO mapping_version (id, organization_id, connector_id, number, origin, created_by, rest_version_id)
         VALUES ($1, $2, $3, 1 + (SELECT coalesce(max(number), 0) FROM mapping_version WHERE connector_id = $3), 'portal',
           'grace', $4)`,
        [id, world.organizationId, connectorId, rest],
      )
      .then(() => id);
  };
  await expect(insert(world.connector.id, randomUUID())).rejects.toThrow('rests on');
  await expect(insert(other.id, versions.inForce)).rejects.toThrow('rests on');
  const resting = await insert(world.connector.id, versions.inForce);
  await expect(insert(world.connector.id, resting)).rejects.toThrow('rests on');
  await expect(set(resting, `rest_version_id = '${randomUUID()}'`)).rejects.toThrow('rests on');
});
