/** Hosts of Microsoft's clouds stand in `clouds.ts`, so that another cloud is another row of its table. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ROOMS = ['app', 'components', 'lib', 'workers', 'scripts', 'image', 'kubernetes', 'observability'];
const FILES = ['proxy.ts', 'instrumentation.ts', 'next.config.js', 'docker-compose.yml'];

/** Of sign-in, Graph, Exchange, storage, vaults, portals. Its documentation is the same in every cloud. */
const HOST =
  /(?:[a-z0-9-]+\.)*(?:microsoft\.(?:com|us)|microsoftonline(?:-p)?\.(?:com|us|cn)|windows\.(?:net|us)|azure\.(?:com|net|us|cn)|(?:usgov|china)cloudapi\.(?:net|cn)|office(?:365)?\.(?:com|us)|sharepoint\.(?:com|us|cn))\b/gi;

const files = execFileSync('git', ['ls-files', ...ROOMS, ...FILES], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => !/\.(?:test|fixture)\.tsx?$/.test(file));

function hostsIn(file: string): string[] {
  const code = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*\*|#).*$/gm, '');
  return [...code.matchAll(HOST)].map(([host]) => `${file}: ${host}`);
}

it('in no other file of the product', () => {
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((file) => file !== 'lib/microsoft/clouds.ts').flatMap(hostsIn)).toEqual([]);
  expect(hostsIn('lib/microsoft/clouds.ts').length).toBeGreaterThanOrEqual(8);
});
