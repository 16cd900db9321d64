import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ENV_NAMES } from '#lib/env.ts';
import { PROJECT } from './place.ts';

test('.env.example names every variable that the product reads, and no other', () => {
  const text = readFileSync(join(PROJECT, '.env.example'), 'utf8');
  const documented = [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
  expect([...documented].sort()).toEqual([...ENV_NAMES].sort());
});
