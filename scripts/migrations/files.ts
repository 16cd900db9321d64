/** The migrations of this checkout, as Prisma lays them out: prisma/migrations/<name>/migration.sql. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../services/place.ts';

const FOLDER = join(PROJECT, 'prisma/migrations');

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In the order in which they are applied. */
export function readMigrations(): Migration[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => ({ name, sql: readFileSync(join(FOLDER, name, 'migration.sql'), 'utf8') }));
}

export function readSchema(): string {
  return readFileSync(join(PROJECT, 'prisma/schema.prisma'), 'utf8');
}
