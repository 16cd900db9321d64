/** Every link from one of the project's documents to another file leads there, headings included. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../services/place.ts';

/** The name of a heading in an address, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[`*]/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

function anchorsOf(path: string): ReadonlySet<string> {
  const headings = readFileSync(path, 'utf8').match(/^#{1,6} .*$/gm) ?? [];
  return new Set(headings.map((heading) => anchorOf(heading.replace(/^#+ /, ''))));
}

const documents = globSync('{*.md,docs/**/*.md,sandbox/**/*.md}', { cwd: PROJECT });

it('there are documents', () => {
  expect(documents.length).toBeGreaterThan(15);
});

it.each(documents)('%s', (path) => {
  const text = readFileSync(join(PROJECT, path), 'utf8').replace(/```[\s\S]*?```/g, '');
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^(https?:|mailto:)/.test(target)) continue;
    const [file = '', anchor] = target.split('#');
    const there = file === '' ? join(PROJECT, path) : normalize(join(PROJECT, dirname(path), file));
    expect([target, existsSync(there)]).toEqual([target, true]);
    if (anchor !== undefined && there.endsWith('.md'))
      expect([target, anchorsOf(there).has(anchor)]).toEqual([target, true]);
  }
});
