import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROJECT } from './services/place.ts';

const composeSchema = z.object({
  services: z.record(z.string(), z.object({ image: z.string(), ports: z.array(z.string()).default([]) }).loose()),
});
const file = readFileSync(join(PROJECT, 'docker-compose.yml'), 'utf8');
const { services } = composeSchema.parse(parse(file, { merge: true }));

test('is what Compose takes, by its schema', () => {
  // dclint carries the Compose specification's schema.
  const carrier = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
  // Its `$schema` has an address that nobody serves.
  const { $schema: _, ...schema } = JSON.parse(readFileSync(join(carrier, 'schemas/compose.schema.json'), 'utf8'));
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  const whole = parse(file, { merge: true });
  validate(whole);
  expect(validate.errors).toBeNull();
  // It has an opinion.
  expect(validate({ ...whole, services: { portal: { image: 'a', port: ['1:1'] } } })).toBe(false);
});

test('no server is reachable from another machine', () => {
  const ports = Object.values(services).flatMap((service) => service.ports);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test('no password has a default', () => {
  const variables = [...file.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1]);
  expect(variables.length).toBeGreaterThan(0);
  for (const variable of variables) expect(variable).toMatch(/^[A-Z_]+:\?/);
});

test('every image is of a stated version', () => {
  for (const { image } of Object.values(services)) expect(image).toMatch(/:\d+\.\d+$/);
});
