/** *Validate connection*, against the sandbox's TeleMessage and Microsoft cloud. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import { reach } from '../archive/telemessage/reach.ts';
import { telemessageSource } from '../archive/telemessage/source.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { sealPassword } from './password.ts';
import { seedOrganization } from './rows.fixture.ts';
import { actorOf, openTestParts, type TestParts } from './set-up/parts.fixture.ts';
import { type ValidateParts, validateConnection } from './validate.ts';
import type { ConnectionTest } from './validation-answer.ts';

const grace = actorOf(alderByrne, 'Grace');
const good = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
const KIND = 'android-archiver';
const CONNECTOR = '0b0c9bb8-6a5c-4d0e-9d52-2a9b3b3c8f11';

let sandbox: TestSandbox;
let parts: TestParts;
/** passwords with which somebody signed in */
let asked: string[];

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await control('DELETE', 'faults');
  await control('PUT', `consents/${alderByrne.id}`, {});
  asked = [];
  const fresh = openTestParts(await testDatabase(), sandbox);
  parts = fresh;
  await live();
  return () => fresh.close();
});

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(`${sandbox.http}/sandbox/control/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** A live connector of the sandbox's account, registered there, as the wizard leaves it. */
async function live(): Promise<void> {
  const source = telemessageSource({ baseUrl: sandbox.telemessage, kind: KIND, credentials: async () => good });
  const account = await source.account();
  const { id: registration } = await source.register(CONNECTOR);
  const { pool } = parts.database;
  await pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Alder & Byrne')`, [alderByrne.id]);
  const added = await pool.query<{ id: string }>(
    `INSERT INTO source (organization_id, kind, account_id, account_name) VALUES ($1, $2, $3, $4) RETURNING id`,
    [alderByrne.id, KIND, account.id, account.name],
  );
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, terms_version, terms_accepted_at, source_id, username,
       password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, created_by, finished_at)
     VALUES ($1, $2, $3, 'Android', 'live', '1', now(), $4, $5, $6, $7, now(), now(), now(), 'somebody', now())`,
    [
      CONNECTOR,
      alderByrne.id,
      KIND,
      added.rows[0]?.id,
      good.username,
      sealPassword(parts.keyRing, CONNECTOR, good.password),
      registration,
    ],
  );
}

const set = (data: Parameters<typeof parts.database.prisma.connector.update>[0]['data']) =>
  parts.database.prisma.connector.update({ where: { id: CONNECTOR }, data });

function validateParts(): ValidateParts {
  return {
    pool: parts.database.pool,
    keyRing: parts.keyRing,
    reachSource: (signal) => reach(sandbox.telemessage, signal),
    openSource: (kind, credentials, guard) => {
      const noted: typeof guard = (given, signIn) =>
        guard(given, () => {
          asked.push(given.password);
          return signIn();
        });
      return telemessageSource({
        baseUrl: sandbox.telemessage,
        kind,
        credentials: async () => credentials,
        guard: noted,
      });
    },
    tokens: parts.tokens,
    graphOf: parts.graphOf,
    now: () => new Date(),
  };
}

async function tests(change: Partial<ValidateParts> = {}, actor: Actor = grace): Promise<ConnectionTest[]> {
  const running = await validateConnection(
    { ...validateParts(), ...change },
    actor,
    CONNECTOR,
    AbortSignal.timeout(60_000),
  );
  const found: ConnectionTest[] = [];
  for await (const one of running ?? []) found.push(one);
  return found;
}
const lines = (found: readonly ConnectionTest[]): string[] =>
  found.map(({ test: name, result, problem }) => [name, result, problem ?? ''].join(' ').trim());

const MICROSOFT = ['consent passed', 'directory passed', 'mailbox passed'];

test('everything passes, one after the other, with one sign-in', async () => {
  const found = await tests();
  expect(lines(found)).toEqual(['host passed', 'sign_in passed', 'product passed', 'clock passed', ...MICROSOFT]);
  expect(found.find((one) => one.test === 'sign_in')?.found).toBe('Alder & Byrne');
  expect(Date.parse(found.find((one) => one.test === 'clock')?.found ?? '')).toBeLessThanOrEqual(Date.now());
  expect(asked).toEqual([good.password]);
});

test('a wrong password fails its own line, Microsoft’s are tested all the same, and it is sent once', async () => {
  await set({ passwordSealed: sealPassword(parts.keyRing, CONNECTOR, 'wrong') });
  const rest = ['product waiting not_run', 'clock waiting not_run', ...MICROSOFT];
  expect(lines(await tests())).toEqual(['host passed', 'sign_in failed invalid_credentials', ...rest]);
  expect(lines(await tests())).toEqual(['host passed', 'sign_in failed refused_before', ...rest]);
  expect(asked).toEqual(['wrong']);
});

test('a connector that was stopped for its password asks nothing', async () => {
  await set({ stoppedAt: new Date(), stoppedReason: 'invalid_credentials' });
  expect(lines(await tests())[1]).toBe('sign_in failed refused_before');
  expect(asked).toEqual([]);
  expect((await parts.database.prisma.connector.findUniqueOrThrow({ where: { id: CONNECTOR } })).stoppedReason).toBe(
    'invalid_credentials',
  );
});

test('another account’s login is told, and nothing is asked in its session', async () => {
  await parts.database.pool.query(`UPDATE source SET account_id = 'another'`);
  expect(lines(await tests()).slice(0, 3)).toEqual([
    'host passed',
    'sign_in failed other_account',
    'product waiting not_run',
  ]);
});

test.each([
  ['GET /v1/connectors/*', { kind: 'refuse', status: 403, code: 'USER_SUSPENDED' }, 'product failed suspended'],
  [
    'GET /v1/archives/*/status',
    { kind: 'refuse', status: 403, code: 'KIND_NOT_ORDERED' },
    'clock failed kind_not_ordered',
  ],
  ['GET /v1/archives/*/status', { kind: 'refuse', status: 503, code: 'x' }, 'clock waiting throttled'],
])('%s refuses: %o', async (route, fault, expected) => {
  await control('POST', 'faults', { service: 'telemessage', route, fault });
  expect(lines(await tests())).toContain(expected);
});

test('a host that is not there fails first, and what stands behind it is not tried', async () => {
  const nowhere = (url: string) => ({ reachSource: (signal: AbortSignal) => reach(url, signal) });
  const rest = ['sign_in waiting not_run', 'product waiting not_run', 'clock waiting not_run', ...MICROSOFT];
  expect(lines(await tests(nowhere('http://127.0.0.1:1')))).toEqual(['host failed no_connection', ...rest]);
  const noTls = sandbox.http.replace('http://', 'https://');
  expect(lines(await tests(nowhere(noTls)))).toEqual(['host failed bad_certificate', ...rest]);
  expect(asked).toEqual([]);
});

test('consent that was withdrawn, and a mapping of which no mailbox answers', async () => {
  const { pool } = parts.database;
  const { rows } = await pool.query<{ id: string }>(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, origin, created_by)
     VALUES (gen_random_uuid(), $1, $2, 1, 'file', 'somebody') RETURNING id`,
    [alderByrne.id, CONNECTOR],
  );
  await pool.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox)
     VALUES ($1, $2, '+12125550118', 2, 'nobody@alderbyrne.example')`,
    [rows[0]?.id, alderByrne.id],
  );
  await pool.query(
    `UPDATE mapping_version SET status = 'in_force', row_count = 1, applied_at = now(), applied_by = 'somebody'`,
  );
  expect(lines(await tests()).at(-1)).toBe('mailbox failed address_unknown');
  await control('DELETE', `consents/${alderByrne.id}`);
  expect(lines(await tests()).slice(4)).toEqual([
    'consent waiting roles_missing',
    'directory waiting not_run',
    'mailbox waiting not_run',
  ]);
});

test('is nobody else’s: another organization finds nothing, a reader may not', async () => {
  const stranger = { ...grace, organizationId: await seedOrganization(parts.database.pool) };
  const signal = AbortSignal.timeout(10_000);
  expect(await validateConnection(validateParts(), stranger, CONNECTOR, signal)).toBeNull();
  const reader: Actor = { ...grace, roles: ['DataConnectors.Reader'] };
  await expect(validateConnection(validateParts(), reader, CONNECTOR, signal)).rejects.toThrow(NotAllowed);
  expect(asked).toEqual([]);
});
