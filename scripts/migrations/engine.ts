/**
 * Prisma's schema engine as WebAssembly. The same engine as in `prisma migrate`, whose program would have to be
 * downloaded at install time; this one is an npm package like any other, locked and checked.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as binding from '@prisma/schema-engine-wasm/schema_engine_bg';

export type SchemaEngine = binding.SchemaEngine;

let loaded: Promise<void> | undefined;

/** Connects an engine to a database. Call `free()` when done. */
export async function openEngine(connectionString: string, schema: string): Promise<SchemaEngine> {
  loaded ??= load();
  await loaded;
  return binding.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => {},
    bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString })),
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
