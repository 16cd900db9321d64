/** docs/bad-input.md says what the code does: its reasons, sentences and tests exist, and no test is missing there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isReasonCode, reasonOf } from './reasons.ts';

const SUITES = ['bad-items', 'bad-attachments', 'bad-feed', 'changed-items'] as const;

interface Row {
  readonly kind: string;
  readonly code: string;
  readonly sentence: string;
  readonly suite: string;
  readonly title: string;
}

function rowsOf(markdown: string): Row[] {
  return markdown.split('\n').flatMap((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [kind = '', , code = '', sentence = '', held = ''] = cells;
    if (cells.length !== 5 || kind === 'What comes' || kind.startsWith('---')) return [];
    const colon = held.indexOf(': ');
    return [{ kind, code, sentence, suite: held.slice(0, colon), title: held.slice(colon + 2) }];
  });
}

/** Titles of the tests of a suite as its source has them. */
function titlesOf(suite: string): string[] {
  const text = readFileSync(join(import.meta.dirname, `${suite}.integration.test.ts`), 'utf8');
  return [...text.matchAll(/^(?:test\(|\]\)\(|test\.each\(.*\)\(|\)\()\s*'([^']+)'/gm)].map(([, title]) => title ?? '');
}

const rows = rowsOf(readFileSync(join(import.meta.dirname, '../../docs/bad-input.md'), 'utf8'));
const titles = new Map<string, string[]>(SUITES.map((suite) => [suite, titlesOf(suite)]));

describe.each(rows)('$kind', ({ code, sentence, suite, title }) => {
  test('names a test that exists', () => expect(titles.get(suite)).toContain(title));

  test('has the words of its reason', () => {
    if (code === '—') {
      expect(sentence).toMatch(/^(?:—|in the message: .+)$/);
      return;
    }
    const name = code.replaceAll('`', '');
    expect(isReasonCode(name)).toBe(true);
    expect(sentence).toBe(reasonOf(name).sentence);
  });
});

test('every test of bad input is in the table', () => {
  const named = new Set(rows.map(({ suite, title }) => `${suite}: ${title}`));
  const all = [...titles].flatMap(([suite, of]) => of.map((title) => `${suite}: ${title}`));
  expect(all.length).toBeGreaterThan(25);
  expect(all.filter((title) => !named.has(title))).toEqual([]);
});
