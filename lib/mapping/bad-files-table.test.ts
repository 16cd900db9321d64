/** docs/mapping-files.md says what the code does: its bad files, sentences and tests exist, and none is missing there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as text from '#components/text/text.ts';
import { BAD_FILES } from './bad-files.fixture.ts';
import { refusalSentence } from './words.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** The suites of the rows that no file makes. */
const SUITES: Readonly<Record<string, string>> = {
  'large-mapping': 'e2e/large-mapping.spec.ts',
  'bad-upload': 'lib/mapping/bad-upload.integration.test.ts',
  'check-file': 'components/wizard/check-file.test.ts',
};

/** What is said of them, made as the portal makes it. */
const SAID: readonly string[] = [
  '—',
  text.problems.noAnswer,
  text.wizard.mapping.unreadable,
  refusalSentence({ problem: 'broken_off', received: 32 * 1024 * 1024, size: 64 * 1024 * 1024 }),
];

const [, table = ''] = readFileSync(join(PROJECT, 'docs/mapping-files.md'), 'utf8').split('## Bad input');
const rows = table
  .split('\n')
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').replaceAll('&#124;', '|')))
  .filter((cells) => cells.length === 4 && cells[0] !== 'What comes')
  .map(([comes = '', becomes = '', says = '', held = '']) => {
    const colon = held.indexOf(': ');
    return { comes, becomes, says, suite: held.slice(0, colon), title: held.slice(colon + 2) };
  });

const files = rows.filter(({ suite }) => suite === 'bad-files');
const others = rows.filter(({ suite }) => suite !== 'bad-files');

test.each(files)('$comes is a bad file with this sentence', ({ comes, becomes, says, title }) => {
  expect(title).toBe(comes);
  expect({ outcome: becomes, says }).toEqual({ outcome: BAD_FILES[title]?.outcome, says: BAD_FILES[title]?.says });
});

test.each(others)('$comes is held by a test, and has a sentence of the portal', ({ says, suite, title }) => {
  expect(readFileSync(join(PROJECT, SUITES[suite] ?? ''), 'utf8')).toContain(`'${title}'`);
  expect(SAID).toContain(says);
});

test('every bad file is in the table', () => {
  const named = new Set(files.map(({ title }) => title));
  expect(Object.keys(BAD_FILES).filter((title) => !named.has(title))).toEqual([]);
  expect(named.size).toBeGreaterThan(40);
  expect(others).toHaveLength(4);
});
