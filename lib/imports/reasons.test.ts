/** One list of reasons: whatever can be written into the ledger is in it, and whatever is in it can be written. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isReasonCode, REASONS, reasonOf } from './reasons.ts';

const LIB = join(import.meta.dirname, '..');

/** The product's sources of some folders of lib, by path, without tests, fixtures and generated code. */
function sources(pattern: string): ReadonlyMap<string, string> {
  const paths = globSync(pattern, { cwd: LIB }).filter(
    (path) => !/\.(?:test|fixture)\.ts$/.test(path) && !path.startsWith('generated') && path !== 'imports/reasons.ts',
  );
  return new Map(paths.map((path) => [path, readFileSync(join(LIB, path), 'utf8')]));
}

/** What writes item, delivery, attachment, item_change, import and alert, and the mapping that says why somebody waits. */
const WRITERS = new Map([...sources('imports/**/*.ts'), ...sources('mapping/{choose-mailbox,owed}.ts')]);

const MEMBER = /\b(?:reason|problem|code|waitFor|unreadable)\s*:\s*'([a-z_]+)'/g;
const CALL = /\b(?:fail|missing|stopConnector)\((?:[^()']*,\s*)?'([a-z_]+)'/g;
/** In SQL a column is set to, or compared with, one word or what a CASE chooses. */
const COLUMN = /\b(?:reason|problem|stopped_reason|code)\s*=\s*(?:'([a-z_]+)'|CASE\b(.*?)\bEND\b)/gs;

const MEMBERS = /\breadonly (?:reason|problem|code): string\b.*$/gm;
const PARAMETERS = /(?:[,(] ?|^ +)(?:reason|problem): string(?: \| null)?[,)].*$/gm;

/** Words of other lists that look the same. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  // why the directory says that somebody has no mailbox
  'imports/store/directory.ts not_enabled',
]);

function written(): { readonly path: string; readonly code: string }[] {
  return [...WRITERS].flatMap(([path, text]) => {
    const words = [MEMBER, CALL, COLUMN].flatMap((pattern) =>
      [...text.matchAll(pattern)].flatMap(([, word, choice]) =>
        word === undefined
          ? [...(choice ?? '').matchAll(/(?:THEN|ELSE)\s+'([a-z_]+)'/g)].map(([, chosen]) => chosen ?? '')
          : [word],
      ),
    );
    return words.map((code) => ({ path, code })).filter(({ code }) => !OF_OTHERS.has(`${path} ${code}`));
  });
}

test('whatever the ledger is given as a reason is in the list', () => {
  const found = written();
  expect(new Set(found.map(({ code }) => code)).size).toBeGreaterThan(15);
  expect(found.filter(({ code }) => !isReasonCode(code))).toEqual([]);
});

test('nothing takes a reason as any text: the types that carry one name the list', () => {
  for (const [path, text] of WRITERS) {
    const loose = [MEMBERS, PARAMETERS].flatMap((pattern) => [...text.matchAll(pattern)].map(([line]) => line));
    // What is read from the database is text until it is shown.
    const allowed: Readonly<Record<string, readonly string[]>> = {
      'imports/changes.ts': ['readonly reason: string;'],
      'imports/list.ts': ['readonly problem: string | null;'],
      'imports/log.ts': ['readonly problem: string | null;'],
      'imports/log-records.ts': ['readonly reason: string | null;'],
      // Why somebody opens an original, in their own words.
      'imports/original.ts': ['readonly reason: string;'],
      'imports/retryable.ts': [', reason: string): kind is RetryKind {'],
      'imports/store/doubt.ts': ['readonly reason: string | null;'],
      'imports/store/undone.ts': ['readonly reason: string | null;'],
      'imports/progress.ts': ['readonly problem: string | null;'],
      'imports/store/attachments.ts': ['readonly reason: string | null;'],
      'imports/undone.ts': ['readonly reason: string;'],
      'imports/alerts.ts': ['readonly code: string;'],
    };
    expect({ path, loose: loose.filter((line) => !(allowed[path] ?? []).includes(line)) }).toEqual({ path, loose: [] });
  }
});

describe.each(Object.entries(REASONS))('%s', (code, { sentence, remedy }) => {
  test('is a sentence, and what to do is one or nothing', () => {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    if (remedy !== null) expect(remedy).toMatch(/^[A-Z].*\.$/);
    expect(reasonOf(code)).toEqual({ sentence, remedy });
  });

  test('can be written', () => {
    const everything = [...sources('**/*.ts').values()];
    expect(everything.some((text) => text.includes(`'${code}'`))).toBe(true);
  });
});

test('a code of another version is told in a sentence', () => {
  expect(isReasonCode('from_the_future')).toBe(false);
  expect(isReasonCode('constructor')).toBe(false);
  expect(reasonOf('from_the_future').sentence).toMatch(/^This version .*“from_the_future”\.$/);
});
