/** The checklist of docs/asvs.md: every requirement once, every file there, and its own numbers right. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../services/place.ts';

const STATES = ['held', 'operator', 'n/a', 'open'] as const;
const document = readFileSync(join(PROJECT, 'docs/asvs.md'), 'utf8');
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('| V'))
  .map((line) => {
    const [number = '', level = '', topic = '', state = '', why = ''] = line.slice(2, -2).split(' | ');
    return { number, level, topic, state, why };
  });

/** Of 5.0.0, levels 1 and 2, in each chapter from V1 on. */
const REQUIREMENTS = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

it('has each requirement of levels 1 and 2 once, in the order of the standard', () => {
  const numbers = rows.map(({ number }) => number);
  expect(numbers.filter((one, index) => numbers.indexOf(one) !== index)).toEqual([]);
  const order = (number: string) =>
    number
      .slice(1)
      .split('.')
      .map((part) => part.padStart(2, '0'))
      .join('.');
  expect(numbers.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual(numbers);
  const chapters = REQUIREMENTS.map((_, index) => numbers.filter((one) => one.startsWith(`V${index + 1}.`)).length);
  expect(chapters).toEqual(REQUIREMENTS);
  expect(['1', '2'].map((level) => rows.filter((row) => row.level === level).length)).toEqual([70, 183]);
});

it('says of each how it stands, and why', () => {
  expect(rows.filter(({ state }) => !STATES.some((one) => one === state))).toEqual([]);
  expect(rows.filter(({ topic, why }) => topic.trim() === '' || why.trim() === '')).toEqual([]);
  const [held, operator, none, open] = STATES.map((state) => rows.filter((row) => row.state === state).length);
  expect(document).toContain(
    `${held} are held, ${operator} are the operator's, ${none} do not apply, ${open} are open.`,
  );
});

it.each(['docs/asvs.md', 'docs/security.md'])('every file that %s names is there', (path) => {
  const named = readFileSync(join(PROJECT, path), 'utf8').matchAll(/`([\w.()[\]-]+(?:\/[\w.()[\]-]+)*\.(?:tsx?|md))`/g);
  const files = [...new Set([...named].map(([, file = '']) => file))];
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
});
