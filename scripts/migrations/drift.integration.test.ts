import pg from 'pg';
import { expect, test } from 'vitest';
import { readCatalog } from '#testing/catalog.ts';
import { sqlOfSchema } from '#testing/schema-engine.ts';
import { testDatabase } from '#testing/services.ts';

/** The ledger: partitioned and written by sets, so it stands in the migrations only and Prisma does not know it. */
const LEDGER = ['attachment', 'delivery', 'item', 'item_identity', 'message_twin', 'undone'];

/** What a migration may hold and schema.prisma cannot say. */
const BEYOND_PRISMA: readonly RegExp[] = [
  new RegExp(`^(column|constraint|index|trigger) (${LEDGER.join('|')})\\.`),
  /^constraint \S+ CHECK /,
  /^constraint \S+ EXCLUDE /,
  /^constraint \S+ TRIGGER /,
  /^index .* WHERE /,
  /^trigger /,
  // A window follows the end of the one before it: a key on a column that only this rule reads.
  /^constraint import_window\.import_window_no_gap FOREIGN KEY /,
];

test('schema.prisma says what the migrations make, as far as Prisma can say it', async () => {
  const [migrated, described] = await Promise.all([testDatabase(), testDatabase({ schema: 'none' })]);
  const client = new pg.Client({ connectionString: described });
  await client.connect();
  await client.query(await sqlOfSchema(described));
  await client.end();

  const [inMigrations, inSchema] = await Promise.all([readCatalog(migrated), readCatalog(described)]);
  expect(inSchema.length).toBeGreaterThan(100);
  expect.soft(inSchema.filter((line) => !inMigrations.includes(line))).toEqual([]);
  const beyond = inMigrations.filter((line) => !inSchema.includes(line));
  expect.soft(beyond.filter((line) => !BEYOND_PRISMA.some((kind) => kind.test(line)))).toEqual([]);
});
