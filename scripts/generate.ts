/** `npm run generate`: writes Prisma's client (lib/generated, not in git) when the schema or Prisma changed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PartError } from './services/part.ts';
import { PROJECT } from './services/place.ts';

const OUTPUT = join(PROJECT, 'lib/generated/prisma');
const STAMP = join(OUTPUT, 'schema.sha256');

/**
 * Generates the client unless it is that of the present schema. Returns whether it did.
 * @throws PartError with Prisma's own words
 */
export function generateClient(): boolean {
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
    console.log(generateClient() ? 'Prisma client written to lib/generated.' : 'Prisma client is up to date.');
  } catch (error) {
    console.error(error instanceof PartError ? error.message : error);
    process.exitCode = 1;
  }
}
