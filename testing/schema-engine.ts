/**
 * Prisma's schema engine as WebAssembly, to ask it what Prisma itself would make of the schema and of our record of
 * migrations. Tests only: see scripts/migrations/migrate.ts for why it does not apply them.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as binding from '@prisma/schema-engine-wasm/schema_engine_bg';
import { type Migration, readSchema } from '#scripts/migrations/files.ts';

const NO_FILTERS = { externalTables: [], externalEnums: [] };

let loaded: Promise<void> | undefined;

async function withEngine<T>(database: string, work: (engine: binding.SchemaEngine) => Promise<T>): Promise<T> {
  loaded ??= load();
  await loaded;
  const engine = await binding.SchemaEngine.new(
    { datamodels: [['schema.prisma', readSchema()]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: database })),
  );
  try {
    return await work(engine);
  } finally {
    engine.free();
  }
}

/** The SQL with which Prisma would create the database of schema.prisma from nothing. `database` may be any. */
export function sqlOfSchema(database: string): Promise<string> {
  return withEngine(database, async (engine) => {
    const outcome = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: readSchema() }] },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    });
    return outcome.stdout ?? '';
  });
}

/** What `prisma migrate status` finds: how the database's record compares with the migrations. */
export function diagnoseHistory(database: string, migrations: readonly Migration[], lockfile: string) {
  return withEngine(database, (engine) =>
    engine.diagnoseMigrationHistory({
      migrationsList: {
        baseDir: '/prisma/migrations',
        lockfile: { path: 'migration_lock.toml', content: lockfile },
        shadowDbInitScript: '',
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
        })),
      },
      optInToShadowDatabase: false,
      filters: NO_FILTERS,
    }),
  );
}

/** What the package's own entry file does, without the import of a .wasm file, which Node calls experimental. */
async function load(): Promise<void> {
  const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(script.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...binding } });
  const { __wbindgen_start: start } = instance.exports;
  binding.__wbg_set_wasm(instance.exports);
  if (typeof start === 'function') start();
}
