/** `npm run doctor` as an operator starts it: a process of its own, against real services and a sandbox cloud. */
import { execFile } from 'node:child_process';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { account, control, grantConsent, insertConnector } from '#lib/imports/connector.fixture.ts';
import { people } from '#lib/imports/scripted-source.fixture.ts';
import type { Graph } from '#lib/microsoft/graph.ts';
import { admitKeyRing } from '#lib/security/key-use.ts';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection, testDatabase, testRedisUrl } from '#testing/services.ts';
import { productEnvironment } from '../services/environment.ts';
import { newSecrets } from '../services/secrets.ts';
import type { Finding } from './finding.ts';

const [anna] = people;
if (anna === undefined || account === undefined) throw new Error('nobody');
const address = anna.mail ?? anna.userPrincipalName;
const secrets = newSecrets();

let sandbox: TestSandbox;
let graph: Graph;
let env: Record<string, string>;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  await control(sandbox, 'POST', 'reset');
  await grantConsent(sandbox);
  graph = sandboxClients(sandbox).graph;
  const { connectionString, container } = testBlobConnection();
  env = {
    ...productEnvironment(
      {
        database: await testDatabase(),
        redis: await testRedisUrl(),
        blob: connectionString,
        stagingContainer: container,
        anchorContainer: `${container}-a`.slice(0, 63),
        portal: 'http://localhost:3000',
        workerHealthPort: 0,
        sandbox,
      },
      secrets,
    ),
    ORGANIZATIONS: alderByrne.id,
  };
}, 120_000);
afterAll(() => sandbox.stop());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function doctor(args: readonly string[], changed: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/doctor.ts', ...args],
      { env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env, ...changed } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const findingsOf = ({ out }: Ended): Finding[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const wrongOf = (ended: Ended): Finding[] =>
  findingsOf(ended).filter(({ about, result }) => result === 'wrong' && !about.endsWith('what is committed is kept'));

async function foldersOf(): Promise<string[]> {
  const { body } = await graph.request({ method: 'GET', url: `/users/${anna?.id}/mailFolders?$top=100` });
  return (body as { value: { displayName: string }[] }).value.map(({ displayName }) => displayName);
}

describe('npm run doctor', () => {
  it('finds nothing wrong, settles what only a mailbox answers, and leaves nothing behind', async () => {
    const before = await foldersOf();
    const { code, out, err } = await doctor(['--mailbox', address, '--telemessage-user', account?.username ?? ''], {
      DOCTOR_TELEMESSAGE_PASSWORD: account?.password ?? '',
    });
    expect(err).toBe('');
    // The database of the tests forgets after a power cut, on purpose, and is not fit for anything else.
    expect(out.match(/^WRONG.*$/gm)).toEqual([expect.stringMatching(/what is committed is kept: fsync off, /)]);
    expect(code).toBe(1);
    for (const line of [
      /^well +PostgreSQL, version: \d+/m,
      /^well +PostgreSQL, migrations: All are applied\.$/m,
      /^beware +PostgreSQL, rights of this login: \w+ is a superuser\./m,
      /^well +Redis, what happens when its memory is full: It refuses what is new \(noeviction\)\.$/m,
      /^well +Blob storage, container \S+: write, read, delete: Done\.$/m,
      /^beware +Blob storage, container \S+: anchors of the audit log: It has no immutability policy/m,
      /^well +Keys, ENCRYPTION_KEYS: Sealed with \S+, 1 in the ring\.$/m,
      /^well +Clock, against PostgreSQL: /m,
      /^well +Clock, against Entra ID: /m,
      /^not checked +Sign-in, addresses of the app registration: .*\n.*\/api\/auth\/callback\/5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271 and .*\/api\/consent\/callback\.$/m,
      /^well +Organization \S+: app token and its roles: User\.Read\.All and Mail\.ReadWrite\.$/m,
      /^well +Organization \S+: a mailbox is opened: Done\.$/m,
      /^not checked +Organization \S+: Exchange role Mailbox Import Export: RoleManagement\.Read\.Exchange is not granted\.$/m,
      /^well +TeleMessage, sign-in: Let in\.$/m,
      /^well +TeleMessage, settled: Everything up to /m,
      /^well +Mailbox \S+: found again by its property: Once\.$/m,
      /^well +Mailbox \S+: no draft, read: Draft: false, read: true\.$/m,
      /^well +Mailbox \S+: sent and received: /m,
      /^well +Mailbox \S+: message class: IPM\.ExternalData\.AndroidArchiver\.$/m,
      /^well +Mailbox \S+: headers: All \d\.$/m,
      /^well +Mailbox \S+: content read back: /m,
      /^well +Mailbox \S+: listed: It is among what was written since an hour ago\.$/m,
      /^well +Mailbox \S+: removed: Message and folder are gone\.$/m,
      /^ {2}- the content hash can be made again from the mailbox$/m,
      /, 1 wrong, /,
    ]) {
      expect(out).toMatch(line);
    }
    expect(await foldersOf()).toEqual(before);
    const found = encodeURIComponent("startswith(subject,'MMS with npm run doctor')");
    const { body } = await graph.request({ method: 'GET', url: `/users/${anna.id}/messages?$filter=${found}` });
    expect(body).toMatchObject({ value: [] });
  });

  it('says no secret', async () => {
    const { out } = await doctor(['--json', '--telemessage-user', account?.username ?? ''], {
      DOCTOR_TELEMESSAGE_PASSWORD: account?.password ?? '',
    });
    const kept = [
      account?.password ?? '',
      env.ENTRA_CLIENT_SECRET ?? '',
      secrets.nextAuthSecret,
      secrets.encryptionKeys.split(':')[1] ?? '',
      secrets.auditKeys.split(':')[1] ?? '',
      new URL(env.DATABASE_URL ?? '').password,
    ].filter((secret) => secret !== '');
    expect(kept.length).toBeGreaterThan(4);
    for (const secret of kept) expect(out.includes(secret)).toBe(false);
  });

  it('says what is not there, each with what to do, and goes on with the rest', async () => {
    const ended = await doctor(['--json'], {
      DATABASE_URL: 'postgresql://nobody:secret@127.0.0.1:1/none',
      REDIS_URL: 'redis://127.0.0.1:1',
      TELEMESSAGE_URL: 'https://localhost:1',
    });
    expect(ended.code).toBe(1);
    expect(wrongOf(ended).map(({ about }) => about)).toEqual(['PostgreSQL', 'Redis', 'TeleMessage, localhost:1']);
    for (const { found, toDo } of wrongOf(ended))
      expect([found, toDo]).toEqual([expect.stringMatching(/^No /), expect.any(String)]);
    expect(ended.out).toContain('a mailbox is opened');
    expect(ended.out).not.toContain('secret@');
  });

  it('knows a database without the schema, and a key ring that lacks a key', async () => {
    const empty = await doctor(['--json'], { DATABASE_URL: await testDatabase({ schema: 'none' }) });
    expect(empty.code).toBe(1);
    expect(wrongOf(empty)).toMatchObject([
      {
        about: 'PostgreSQL, migrations',
        found: expect.stringMatching(/^\d+ are not applied yet\.$/),
        toDo: expect.stringContaining('npm run migrate'),
      },
    ]);
    const database = await testDatabase();
    const pool = new pg.Pool({ connectionString: database });
    await admitKeyRing(pool, parseKeyRing(secrets.encryptionKeys)).finally(() => pool.end());
    const other = await doctor(['--json'], {
      DATABASE_URL: database,
      ENCRYPTION_KEYS: newSecrets().encryptionKeys.replace(/^[^:]+/, 'another'),
    });
    const lacking = `"${secrets.encryptionKeys.split(':')[0]}" is in use and is not in ENCRYPTION_KEYS`;
    expect(wrongOf(other)).toMatchObject([{ about: 'Keys, ENCRYPTION_KEYS', found: expect.stringContaining(lacking) }]);
  });

  it('says that people sign in with a secret, and that a certificate cannot be used', async () => {
    const ended = await doctor(['--json'], { ENTRA_CLIENT_SECRET: '', ENTRA_CLIENT_CERTIFICATE: 'package.json' });
    expect([ended.code, ended.err]).toEqual([1, '']);
    expect(wrongOf(ended).map(({ about }) => about)).toEqual([
      'Sign-in, secret of the app registration',
      'Credential of the app registration',
    ]);
    expect(ended.out).toContain('TeleMessage, localhost');
  });

  it('says who has to consent, and that a mailbox refuses', async () => {
    await control(sandbox, 'PUT', `consents/${alderByrne.id}`, { permissions: ['User.Read.All'] });
    try {
      const ended = await doctor(['--json', '--mailbox', address]);
      expect(ended.code).toBe(1);
      const [consent] = wrongOf(ended);
      expect(consent?.found).toBe('The token lacks roles. Missing: Mail.ReadWrite.');
      expect(consent?.toDo).toContain('grant admin consent');
      expect(wrongOf(ended).at(-1)?.about).toBe(`Mailbox ${address}`);
    } finally {
      await grantConsent(sandbox);
    }
  });

  it('goes by the limit that a connector was set up with: it holds, and it is void', async () => {
    const [inside, outside] = ['ingrid.solberg@alderbyrne.example', 'olivia.chen@alderbyrne.example'];
    const database = await testDatabase();
    const pool = new pg.Pool({ connectionString: database });
    try {
      await insertConnector(pool);
      await pool.query(`UPDATE connector SET consent_mode = 'chosen', inside_mailbox = $1, outside_mailbox = $2`, [
        inside,
        outside,
      ]);
      const grant = (...permissions: readonly string[]) =>
        control(sandbox, 'PUT', `consents/${alderByrne.id}`, { permissions, mailboxes: [inside] });
      await grant('User.Read.All');
      const limited = await doctor(['--json'], { DATABASE_URL: database });
      expect(wrongOf(limited)).toEqual([]);
      const said = findingsOf(limited).map(({ about, result, found }) => `${result} ${about}: ${found}`);
      for (const line of [
        /^well Organization \S+: which mailboxes: Only chosen ones, by "Android Archiver": ingrid\S+ is inside, olivia\S+ outside\.$/,
        /^well Organization \S+: a mailbox is opened: Done\.$/,
        /^well Organization \S+: a mailbox outside the scope is refused: Done\.$/,
      ]) {
        expect(said).toContainEqual(expect.stringMatching(line));
      }
      await grant('User.Read.All', 'Mail.ReadWrite');
      const [consent] = wrongOf(await doctor(['--json'], { DATABASE_URL: database }));
      expect(consent?.found).toBe('Mail is granted for all mailboxes, which makes a scope in Exchange void.');
    } finally {
      await pool.end();
      await grantConsent(sandbox);
    }
  });

  it('is told what is asked wrongly', async () => {
    const several = await doctor(['--mailbox', address], { ORGANIZATIONS: `${alderByrne.id},${anna.id}` });
    expect([several.code, several.out]).toEqual([2, '']);
    expect(several.err).toMatch(
      /^ORGANIZATIONS names several: say by --organization whose mailbox it is\.\n\nnpm run doctor/,
    );
    const incomplete = await doctor([], { NEXTAUTH_SECRET: '' });
    expect([incomplete.code, incomplete.err]).toEqual([2, expect.stringContaining('NEXTAUTH_SECRET')]);
  });
});
