/** Text that must not be in the project: addresses of package registries and paths of the machine it was written on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../services/place.ts';

export interface Rule {
  readonly what: string;
  matches(line: string): boolean;
}

/** @param project absolute path of the checkout */
export function forbidden(project: string): readonly Rule[] {
  const matching = (pattern: RegExp) => (line: string) => pattern.test(line);
  return [
    {
      what: 'the lock file names a registry: install with the .npmrc of this project',
      matches: matching(/"resolved"\s*:\s*"http/),
    },
    { what: 'the address of a registry', matches: matching(/registry\.(?:npmjs|yarnpkg)\.(?:org|com)/) },
    {
      what: 'the path of this checkout',
      matches: (line) => line.split(/[\s"'`(]+/).some((word) => word === project || word.startsWith(`${project}/`)),
    },
    { what: 'a path of one machine', matches: matching(/(?<![\w.])\/(?:root|Users\/\w+)\//) },
  ];
}

/** One line for each finding: `file:line: what`. */
export function findForbiddenText(): string[] {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: PROJECT, encoding: 'utf8' }).split('\0').filter(Boolean);
  const rules = forbidden(PROJECT);
  return files.flatMap((file) => {
    const text = readText(join(PROJECT, file));
    return text === undefined ? [] : findIn(text, rules).map(({ line, what }) => `${file}:${line}: ${what}`);
  });
}

/** Where the rules find something in a text; lines count from 1. */
export function findIn(text: string, rules: readonly Rule[]): { readonly line: number; readonly what: string }[] {
  return text
    .split('\n')
    .flatMap((content, index) =>
      rules.filter((rule) => rule.matches(content)).map(({ what }) => ({ line: index + 1, what })),
    );
}

/** The text of a file; undefined for a binary one and for one that was deleted and is not committed yet. */
function readText(path: string): string | undefined {
  try {
    const content = readFileSync(path);
    return content.includes(0) ? undefined : content.toString('utf8');
  } catch {
    return undefined;
  }
}
