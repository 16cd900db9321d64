/**
 * `npm run generate`: writes lib/generated (not in git): Prisma's client when the schema or Prisma changed, and the migrations
 * that this version knows, so that a build knows its own whatever lies beside it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { checksumOf } from '#lib/schema/record.ts';
import { readMigrations } from './migrations/files.ts';
import { PartError } from './services/part.ts';
import { PROJECT } from './services/place.ts';

const OUTPUT = join(PROJECT, 'lib/generated/prisma');
const STAMP = join(OUTPUT, 'schema.sha256');
const MIGRATIONS = join(PROJECT, 'lib/generated/migrations.ts');

/**
 * Generates what is not of the present schema. Returns whether Prisma's client was written.
 * @throws PartError with Prisma's own words
 */
export function generate(): boolean {
  listMigrations();
  return generateClient();
}

function listMigrations(): void {
  const { version } = z.object({ version: z.string() }).parse(readJson(join(PROJECT, 'package.json')));
  const known = readMigrations().map(({ name, sql }) => ({ name, checksum: checksumOf(sql) }));
  const text = `// Written by scripts/generate.ts.
import type { KnownMigration } from '../schema/record.ts';

export const VERSION = ${JSON.stringify(version)};
export const MIGRATIONS: readonly KnownMigration[] = ${JSON.stringify(known, null, 2)};
`;
  if (existsSync(MIGRATIONS) && readFileSync(MIGRATIONS, 'utf8') === text) return;
  mkdirSync(dirname(MIGRATIONS), { recursive: true });
  writeFileSync(MIGRATIONS, text);
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

function generateClient(): boolean {
  const packageFile = createRequire(import.meta.url).resolve('prisma/package.json');
  const stamp = createHash('sha256')
    .update(readFileSync(join(PROJECT, 'prisma/schema.prisma')))
    .update(readFileSync(packageFile))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return false;
  const outcome = spawnSync(process.execPath, [join(dirname(packageFile), 'build/index.js'), 'generate'], {
    cwd: PROJECT,
    encoding: 'utf8',
    // Generating needs no schema engine, but Prisma looks for one first and would download it. Any program will do.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
  if (outcome.status !== 0) throw new PartError(`prisma generate failed.\n${outcome.stdout}${outcome.stderr}`);
  writeFileSync(STAMP, stamp);
  return true;
}

if (import.meta.main) {
  try {
    console.log(generate() ? 'Prisma client written to lib/generated.' : 'Prisma client is up to date.');
  } catch (error) {
    console.error(error instanceof PartError ? error.message : error);
    process.exitCode = 1;
  }
}
