import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT } from '../services/place.ts';
import { PRINTED, secretsIn } from './secret-scan.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const letters = (count: number) => randomBytes(count).toString('hex').toUpperCase().slice(0, count);

/** Put together here, so that this file holds none. */
const SECRETS: readonly (readonly [string, string])[] = [
  ['a key ring', `ENCRYPTION_KEYS=one:${randomBytes(32).toString('base64')}`],
  ['an account key of Azure', `AccountKey=${randomBytes(64).toString('base64')}`],
  ['a private key', pem],
  ['a token of GitHub', `ghp_${randomBytes(40).toString('hex').slice(0, 36)}`],
  [
    'a key of AWS',
    `AWS_SECRET_ACCESS_KEY = "${randomBytes(20).toString('hex')}"\nAWS_ACCESS_KEY_ID="AKIA${letters(16)}"`,
  ],
  ['a password in the address of a database', `postgresql://portal:${letters(16)}@db.somewhere.test:5432/portal`],
  ['a token of npm', `//registry.test/:_authToken=npm_${randomBytes(40).toString('hex').slice(0, 36)}`],
];

it.each(SECRETS)('%s is found, by its line and without the secret', async (_name, text) => {
  const found = await secretsIn('a.ts', `first line\n${text}\n`);
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toMatch(/^a\.ts:\d+: /);
  for (const line of found)
    expect(text.split(/[\s"=:]+/).filter((word) => word.length > 15 && line.includes(word))).toEqual([]);
});

it.each([
  ['a hash', 'sha256: 5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8'],
  ['code', "const key = createSecretKey(randomBytes(32)); // openssl rand -base64 32\nseal(ring, text, 'x');"],
  ['an empty setting', 'ENCRYPTION_KEYS=\nNEXTAUTH_SECRET=\n'],
])('%s is none', async (_name, text) => {
  expect(await secretsIn('a.ts', text)).toEqual([]);
});

it('what is printed on purpose is still there; elsewhere it is found', async () => {
  for (const { file, text } of PRINTED) {
    const content = readFileSync(join(PROJECT, file), 'utf8');
    expect(await secretsIn(file, content)).toEqual([]);
    expect(text.test(content) || content.search(new RegExp(text.source.replace('^', ''))) >= 0).toBe(true);
    expect((await secretsIn('elsewhere.ts', content)).length).toBeGreaterThan(0);
  }
});
