import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readSecretSources, SecretSourceError } from './secret-sources.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-sources-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, content);
  return path;
}

const noVault = async () => {
  throw new Error('no vault was expected');
};

it('reads a file as it is, but for the newline at its end', async () => {
  const source = { A_FILE: file('one\ntwo \n'), B_FILE: file('three\r\n'), C_FILE: file('four'), D: 'given', E: '' };
  expect(await readSecretSources(source, ['A', 'B', 'C', 'D', 'E'], noVault)).toEqual({
    A: 'one\ntwo ',
    B: 'three',
    C: 'four',
  });
});

it('asks a vault for each, by name and version', async () => {
  const ask = vi.fn(async (_host: string, name: string) => `value of ${name}`);
  const version = '0123456789abcdef0123456789abcdef';
  const source = {
    A: 'keyvault://portal.vault.azure.net/database',
    B: `keyvault://portal.vault.azure.net/b/${version}`,
  };
  expect(await readSecretSources(source, ['A', 'B'], ask)).toEqual({ A: 'value of database', B: 'value of b' });
  expect(ask.mock.calls).toEqual([
    ['portal.vault.azure.net', 'database', undefined],
    ['portal.vault.azure.net', 'b', version],
  ]);
});

it('reads nothing that is not on the list', async () => {
  expect(await readSecretSources({ OTHER_FILE: file('x'), OTHER: 'keyvault://v/x' }, ['A'], noVault)).toEqual({});
});

it.each([
  ['both a value and a file', () => ({ A: 'hidden', A_FILE: file('hidden') }), 'A and A_FILE are both set'],
  ['a file that is not there', () => ({ A_FILE: join(folder, 'none') }), 'A_FILE: .* cannot be read \\(ENOENT\\)'],
  ['an empty file', () => ({ A_FILE: file('\n') }), 'is empty'],
  ['a file that is no secret', () => ({ A_FILE: file('hidden'.repeat(20_000)) }), 'too large'],
  ['a folder', () => ({ A_FILE: folder }), 'cannot be read \\(EISDIR\\)'],
  ['a reference without a secret', () => ({ A: 'keyvault://portal.vault.azure.net' }), 'A: a reference to a vault is'],
  [
    'a reference with a query',
    () => ({ A: 'keyvault://portal.vault.azure.net/hidden?x' }),
    'A: a reference to a vault is',
  ],
  ['a reference with a user', () => ({ A: 'keyvault://me@portal.example/a' }), 'A: a reference to a vault is'],
] as const)('refuses %s, and names no value', async (_what, source, says) => {
  const refused = readSecretSources(source(), ['A'], noVault);
  await expect(refused).rejects.toThrow(SecretSourceError);
  await expect(refused).rejects.toThrow(new RegExp(says));
  await expect(refused).rejects.not.toThrow('hidden');
});

it('says that a vault refused by its status, and not by its words', async () => {
  const refused = readSecretSources({ A: 'keyvault://v.example/a' }, ['A'], async () => {
    throw Object.assign(new Error('Bearer hidden'), { statusCode: 403, code: 'Forbidden' });
  });
  await expect(refused).rejects.toThrow('A: the vault v.example did not give a (403 Forbidden).');
  const empty = readSecretSources({ A: 'keyvault://v.example/a' }, ['A'], async () => '');
  await expect(empty).rejects.toThrow('A: a in the vault v.example is empty.');
});
