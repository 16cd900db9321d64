import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { MigrationError, NewerSchemaError } from '#lib/schema/record.ts';
import { diagnoseHistory } from '#testing/schema-engine.ts';
import { testDatabase } from '#testing/services.ts';
import { PROJECT } from '../services/place.ts';
import { readMigrations } from './files.ts';
import { migrate } from './migrate.ts';

const first = { name: '1_first', sql: 'create table a (n integer); insert into a values (1)' };
const second = { name: '2_second', sql: 'insert into a values (2); -- a comment; with a semicolon' };

async function rows(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('applies each migration once, in order', async () => {
  const database = await testDatabase({ schema: 'none' });
  expect(await migrate(database, [first])).toEqual(['1_first']);
  expect(await migrate(database, [first, second])).toEqual(['2_second']);
  expect(await migrate(database, [first, second])).toEqual([]);
  expect(await rows(database, 'select n from a order by n')).toEqual([{ n: 1 }, { n: 2 }]);
});

test('of several that start at once, one applies and the others wait for it', async () => {
  const database = await testDatabase({ schema: 'none' });
  const slow = { name: '0_slow', sql: 'select pg_sleep(0.3)' };
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => migrate(database, [slow, first, second])));
  expect(outcomes.map((applied) => applied.length).sort()).toEqual([0, 0, 0, 3]);
  expect(await rows(database, 'select n from a')).toHaveLength(2);
});

test('a migration that fails is undone, names its line, and applies once it is mended', async () => {
  const database = await testDatabase({ schema: 'none' });
  const wrong = { name: '2_second', sql: 'insert into a values (2);\n\nselect nonsense' };
  const failure = await migrate(database, [first, wrong]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MigrationError);
  expect(String(failure)).toMatch(/2_second failed and was undone: .*nonsense.* \(line 3\)/);
  expect(await rows(database, 'select n from a')).toEqual([{ n: 1 }]);
  expect(await migrate(database, [first, second])).toEqual(['2_second']);
});

test('a database of a newer version is not touched', async () => {
  const database = await testDatabase({ schema: 'none' });
  await migrate(database, [first, second]);
  const other = { name: '1_other', sql: 'create table c ()' };
  await expect(migrate(database, [first, other])).rejects.toThrow(NewerSchemaError);
  expect(await rows(database, `select to_regclass('c') as c`)).toEqual([{ c: null }]);
});

test("Prisma's own engine finds the record in order", async () => {
  const database = await testDatabase();
  const lockfile = readFileSync(join(PROJECT, 'prisma/migrations/migration_lock.toml'), 'utf8');
  const known = readMigrations();
  expect(await diagnoseHistory(database, known, lockfile)).toMatchObject({
    hasMigrationsTable: true,
    failedMigrationNames: [],
    editedMigrationNames: [],
    history: null,
  });
  const next = { name: '99999999999999_next', sql: 'select 1' };
  expect(await diagnoseHistory(database, [...known, next], lockfile)).toMatchObject({
    history: { diagnostic: 'databaseIsBehind', unappliedMigrationNames: [next.name] },
  });
});
