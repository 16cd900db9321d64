/** What a database may be like for a process that starts, and for one that runs. */
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { MIGRATIONS } from '../generated/migrations.ts';
import { admitSchema, schemaStanding } from './admit.ts';
import { MigrationError, NewerSchemaError, SchemaBehindError } from './record.ts';

let pool: pg.Pool;
let client: pg.PoolClient;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase() });
  client = await pool.connect();
});
afterAll(async () => {
  client.release();
  await pool.end();
});
// Nothing that a test makes of the record stays.
beforeEach(async () => {
  await client.query('rollback');
  await client.query('begin');
});

const apply = (name: string): Promise<unknown> =>
  client.query(
    `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values (gen_random_uuid(), 'x', $1, now())`,
    [name],
  );
const forget = (): Promise<unknown> =>
  client.query('delete from _prisma_migrations where migration_name = $1', [MIGRATIONS.at(-1)?.name]);

it('the schema of this version is taken', async () => {
  await expect(admitSchema(client)).resolves.toBeUndefined();
  expect(await schemaStanding(client)).toBe('fits');
});

it('a newer one refuses the start, and a process that runs goes on: it was only added to', async () => {
  await apply('29990101000000_more');
  await expect(admitSchema(client)).rejects.toThrow(NewerSchemaError);
  await expect(admitSchema(client)).rejects.toThrow(/29990101000000_more. Start that version/);
  expect(await schemaStanding(client)).toBe('fits');
});

it('one in which something is missing refuses the start, and makes a process that runs unready', async () => {
  await forget();
  await expect(admitSchema(client)).rejects.toThrow(SchemaBehindError);
  await expect(admitSchema(client)).rejects.toThrow(new RegExp(`${MIGRATIONS.at(-1)?.name} .*npm run migrate`));
  expect(await schemaStanding(client)).toBe('behind');
});

it('one that was never migrated refuses the start', async () => {
  const empty = new pg.Client({ connectionString: await testDatabase({ schema: 'none' }) });
  await empty.connect();
  try {
    await expect(admitSchema(empty)).rejects.toThrow(`lacks ${MIGRATIONS.length} migrations`);
    expect(await schemaStanding(empty)).toBe('behind');
  } finally {
    await empty.end();
  }
});

it('one that was migrated half-way, or by another text, refuses the start', async () => {
  const [first] = MIGRATIONS;
  await client.query('update _prisma_migrations set finished_at = null where migration_name = $1', [first?.name]);
  await expect(admitSchema(client)).rejects.toThrow(MigrationError);
  expect(await schemaStanding(client)).toBe('behind');
  await client.query(
    `update _prisma_migrations set finished_at = now(), checksum = 'other' where migration_name = $1`,
    [first?.name],
  );
  await expect(admitSchema(client)).rejects.toThrow(MigrationError);
});

it('what a newer version took away matters to a version that may still use it, and to no newer one', async () => {
  await apply('29990101000000_contract_0_3_0_old_column');
  const standing = (version: string): Promise<string> => schemaStanding(client, MIGRATIONS, version);
  expect(await standing('0.2.9')).toBe('outgrown');
  expect(await standing('0.3.0')).toBe('fits');
});
