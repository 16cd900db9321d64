/** Keys as an operator meets them: `npm run rotate-keys`, a worker's start, secrets in files. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { openPassword, sealPassword } from '#lib/connectors/password.ts';
import { insertConnector } from '#lib/imports/connector.fixture.ts';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { testBlobConnection, testDatabase, testRedisUrl } from '#testing/services.ts';
import { productEnvironment, sandboxAddresses } from './services/environment.ts';
import { newSecrets } from './services/secrets.ts';

const nowhere = {
  sandboxHttp: 9,
  sandboxEntra: 9,
  sandboxGraph: 9,
  sandboxTelemessage: 9,
  sandboxSmtp: 9,
  sandboxHooks: 9,
};
const oldKey = `old:${randomBytes(32).toString('base64')}`;
const newKey = `new:${randomBytes(32).toString('base64')}`;

// Each test starts several processes, one after the other.
vi.setConfig({ testTimeout: 240_000 });

let environment: Record<string, string>;
let pool: pg.Pool;
let connectorId: string;
beforeAll(async () => {
  const database = await testDatabase();
  const blob = testBlobConnection();
  pool = new pg.Pool({ connectionString: database, max: 2 });
  const addresses = {
    database,
    redis: await testRedisUrl(),
    blob: blob.connectionString,
    stagingContainer: blob.container,
    portal: 'http://localhost:3999',
    workerHealthPort: 0,
    sandbox: sandboxAddresses(nowhere, inject('services').folder),
  };
  environment = productEnvironment(addresses, { ...newSecrets(), encryptionKeys: oldKey });
  connectorId = await insertConnector(pool, { sealed: (id) => sealPassword(parseKeyRing(oldKey), id, 'the password') });
});
afterAll(() => pool.end());

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** @param until ends the process where its output has this */
async function run(args: readonly string[], env: Record<string, string>, until?: string): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    // Nothing of this installation is asked over TLS.
    env: { ...process.env, ...environment, NODE_EXTRA_CA_CERTS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (until !== undefined && output.includes(until)) child.kill('SIGTERM');
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

const rotate = (keys: string, ...args: string[]) => run(['scripts/rotate-keys.ts', ...args], { ENCRYPTION_KEYS: keys });
const worker = (env: Record<string, string>) => run(['workers/index.ts'], env, 'worker started');

it('a worker notes the key that it seals with, and one without that key does not start', async () => {
  expect((await worker({})).output).toContain('worker started');
  const refused = await worker({ ENCRYPTION_KEYS: newKey });
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.output).toContain('The key "old" is in use and is not in ENCRYPTION_KEYS.');
  expect(refused.output).not.toContain('worker started');
});

it('rotation seals anew, and lets the old key go when nobody has sealed with it for five minutes', async () => {
  expect(await rotate(newKey)).toMatchObject({ code: 1, output: expect.stringContaining('The key "old" is in use') });
  expect(await rotate(`${newKey},${oldKey}`, '--check', 'old')).toMatchObject({
    code: 3,
    output: expect.stringContaining('old: in use. connector.password_sealed: 1.'),
  });
  const first = await rotate(`${newKey},${oldKey}`);
  expect(first.code).toBe(3);
  expect(first.output).toContain('connector.password_sealed: 1 sealed anew');
  expect(first.output).toMatch(/old: a process sealed with it \d+ seconds ago/);
  await pool.query(`UPDATE sealing_key SET last_used_at = last_used_at - interval '5 minutes'`);
  expect(await rotate(`${newKey},${oldKey}`)).toEqual({
    code: 0,
    output: 'old: nothing is sealed with it. It may be taken out of ENCRYPTION_KEYS.\n',
  });
  const { rows } = await pool.query<{ password_sealed: string }>('SELECT password_sealed FROM connector');
  expect(openPassword(parseKeyRing(newKey), connectorId, rows[0]?.password_sealed ?? '')).toBe('the password');
  expect((await worker({ ENCRYPTION_KEYS: newKey })).output).toContain('worker started');
  expect(await rotate(newKey)).toEqual({ code: 0, output: 'There is one key.\n' });
});

it('secrets may lie in files, for a worker, the migration and rotation', async () => {
  const folder = join(inject('services').folder, 'secrets');
  mkdirSync(folder, { recursive: true });
  const inFile = (name: string, value: string): Record<string, string> => {
    const path = join(folder, name);
    writeFileSync(path, `${value}\n`);
    return { [name]: '', [`${name}_FILE`]: path };
  };
  const files = {
    ...inFile('ENCRYPTION_KEYS', newKey),
    ...inFile('DATABASE_URL', environment.DATABASE_URL ?? ''),
    ...inFile('NEXTAUTH_SECRET', environment.NEXTAUTH_SECRET ?? ''),
  };
  expect((await worker(files)).output).toContain('worker started');
  expect(await run(['scripts/rotate-keys.ts'], files)).toMatchObject({ code: 0 });
  expect(await run(['scripts/migrate.ts'], files)).toMatchObject({
    code: 0,
    output: expect.stringContaining('The database is up to date.'),
  });
  const missing = { ...files, NEXTAUTH_SECRET_FILE: '/nowhere' };
  expect(await worker(missing)).toMatchObject({
    code: 1,
    output: expect.stringContaining('NEXTAUTH_SECRET_FILE: /nowhere cannot be read (ENOENT).'),
  });
});

it('a worker with a host elsewhere does not start with a sample secret', async () => {
  const refused = await worker({ TELEMESSAGE_URL: 'https://archive.example' });
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('ENTRA_CLIENT_SECRET is printed in this project');
});
