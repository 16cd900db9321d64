import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROJECT } from './services/place.ts';

const composeSchema = z.object({
  services: z.record(z.string(), z.object({ image: z.string(), ports: z.array(z.string()).default([]) }).loose()),
});
const file = readFileSync(join(PROJECT, 'docker-compose.yml'), 'utf8');
const { services } = composeSchema.parse(parse(file, { merge: true }));

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
