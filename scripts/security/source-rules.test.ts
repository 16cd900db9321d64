/** What the code of portal and workers does not do at all, so that no test of its input is needed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../services/place.ts';

const files = execFileSync(
  'git',
  ['ls-files', 'app', 'components', 'lib', 'workers', 'proxy.ts', 'instrumentation.ts', 'next.config.js'],
  { cwd: PROJECT, encoding: 'utf8' },
)
  .trim()
  .split('\n')
  .filter((file) => /\.(tsx?|js)$/.test(file) && !/\.(test|fixture)\.tsx?$/.test(file));
const texts = new Map(files.map((file) => [file, readFileSync(join(PROJECT, file), 'utf8')]));
const having = (pattern: RegExp): string[] => files.filter((file) => pattern.test(texts.get(file) ?? '')).toSorted();

it('looks at all of it', () => {
  expect(files.length).toBeGreaterThan(500);
});

it.each([
  ['starts a process', /child_process|worker_threads/],
  ['runs text as code', /\beval\(|new Function\(|node:vm/],
  ['puts text into a page as HTML', /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write/],
  ['listens to other windows', /window\.addEventListener\(\s*'message'|window\.onmessage/],
  ['allows another origin', /access-control-allow/i],
])('nothing %s', (_what, pattern) => {
  expect(having(pattern)).toEqual([]);
});

it('regular expressions are made of constants, and of the tables of numbering plans', () => {
  expect(having(/new RegExp\(/)).toEqual([
    'lib/connectors/row-buckets.ts',
    'lib/csv.ts',
    'lib/mapping/invisible.ts',
    'lib/mapping/numbering-plans.ts',
    'lib/staging/names.ts',
  ]);
});

it('whatever writes CSV writes it with the one writer, which lets no spreadsheet calculate', () => {
  const writers = having(/\\uFEFF|text\/csv/i).filter(
    (file) => file.startsWith('lib/') && !file.startsWith('lib/mapping-api/'),
  );
  const others = writers.filter((file) => !/csv(?:Line|Cell)\(|\.\/csv\.ts'|write-csv/.test(texts.get(file) ?? ''));
  expect(writers.length).toBeGreaterThan(5);
  expect(others).toEqual([]);
});
