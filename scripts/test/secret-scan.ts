/**
 * Secrets in tracked files, found by secretlint: keys and tokens of well-known services, private keys, passwords in
 * addresses, and keys of this project's own key ring. What is printed on purpose stands in `PRINTED`, with the reason.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator as pattern } from '@secretlint/secretlint-rule-pattern';
import { creator as preset } from '@secretlint/secretlint-rule-preset-recommend';
import { PROJECT } from '../services/place.ts';

const RULES = [
  { id: '@secretlint/secretlint-rule-preset-recommend', rule: preset, options: {} },
  {
    id: '@secretlint/secretlint-rule-pattern',
    rule: pattern,
    options: {
      patterns: [
        { name: 'a key of the key ring', patterns: ['/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])/'] },
        { name: 'an account key of Azure', patterns: ['/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])/'] },
      ],
    },
  },
];

/** Where something is printed on purpose. A finding elsewhere in the same file is still one. */
export const PRINTED: readonly { readonly file: string; readonly text: RegExp; readonly why: string }[] = [
  { file: 'lib/mapping-api/openapi.ts', text: /^pxAD5/, why: 'an example of the hash of a file' },
  {
    file: 'scripts/services/azurite.ts',
    text: /^Eby8vdM/,
    why: "Azurite's, documented by Microsoft; refused elsewhere",
  },
];

/** One line for each finding: `file:line: what`. Never the secret. */
export async function findSecrets(): Promise<string[]> {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: PROJECT, encoding: 'utf8' }).split('\0').filter(Boolean);
  const found: string[] = [];
  for (const file of files) {
    const text = readText(join(PROJECT, file));
    if (text !== null && file !== 'package-lock.json') found.push(...(await secretsIn(file, text)));
  }
  return found;
}

/** @param file its path, relative to the project */
export async function secretsIn(file: string, text: string): Promise<string[]> {
  const { messages } = await lintSource({
    source: { filePath: file, content: text, contentType: 'text', ext: extname(file) },
    options: { config: { rules: RULES }, maskSecrets: true, noPhysicFilePath: true },
  });
  return messages.flatMap(({ range: [from, to], loc, ruleId, messageId }) => {
    const isPrinted = PRINTED.some((one) => one.file === file && one.text.test(text.slice(from, to)));
    return isPrinted ? [] : [`${file}:${loc.start.line}: ${ruleId} ${messageId}`];
  });
}

function readText(path: string): string | null {
  try {
    const content = readFileSync(path);
    return content.includes(0) ? null : content.toString('utf8');
  } catch {
    return null;
  }
}
