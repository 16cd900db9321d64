/** What is installed: the packages of package-lock.json, which `npm ci` installs and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT } from '../services/place.ts';

const lockfileSchema = z.object({
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().default(false),
      inBundle: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
      dev: z.boolean().default(false),
      devOptional: z.boolean().default(false),
      optional: z.boolean().default(false),
    }),
  ),
});

const versions = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  overrides: z.record(z.string(), z.unknown()).default({}),
  /** which install scripts run */
  allowScripts: z.record(z.string(), z.boolean()),
});

export interface LockedPackage {
  /** within node_modules, several where two versions are installed */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** as the package states it; null where it states none */
  readonly licence: string | null;
  /** SHA-512 of what is unpacked; null where the lock file has none */
  readonly integrity: string | null;
  readonly hasInstallScript: boolean;
  /** not part of what runs in production */
  readonly isForDevelopment: boolean;
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(PROJECT, name), 'utf8'));

export function lockedPackages(): LockedPackage[] {
  const { packages } = lockfileSchema.parse(read('package-lock.json'));
  return Object.entries(packages).flatMap(([path, one]) =>
    path === ''
      ? []
      : {
          path,
          name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
          version: one.version ?? '',
          licence: one.license ?? null,
          // One that comes inside another is part of what the other's hash is of.
          integrity: one.integrity ?? (one.inBundle ? 'of its bundle' : null),
          hasInstallScript: one.hasInstallScript,
          isForDevelopment: one.dev || one.devOptional,
        },
  );
}

export type Manifest = z.infer<typeof manifestSchema>;

export function manifest(): Manifest {
  return manifestSchema.parse(read('package.json'));
}
