import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { SourceError } from '../archive/source.ts';
import { type Database, openDatabase } from '../db.ts';
import { stopConnector } from '../imports/store/connectors.ts';
import type { Change } from '../queue/events.ts';
import type { JobName } from '../queue/jobs.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { liftStop, type MendParts, sourceUsername, updateCredentials } from './mend.ts';
import { connectorRows } from './overview.ts';
import { openPassword, sealPassword } from './password.ts';
import { type SeededConnector, seedAlert, seedConnector, seedOrganization } from './rows.fixture.ts';

const keyRing = parseKeyRing(`a:${randomBytes(32).toString('base64')}`);
const THE_PASSWORD = 'the one in force';
let database: Database;
let admin: Actor;
let connector: SeededConnector;
let accountId: string;
let jobs: JobName[];
let changes: Change[];

beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  const organizationId = await seedOrganization(database.pool);
  admin = {
    organizationId,
    userId: randomUUID(),
    name: 'Ada',
    address: 'ada@x.example',
    roles: ['DataConnectors.Admin'],
  };
  connector = await seedConnector(database.pool, organizationId, 'Stopped');
  const source = await database.prisma.source.findUniqueOrThrow({ where: { id: BigInt(connector.sourceId) } });
  accountId = source.accountId;
  await database.prisma.connector.update({
    where: { id: connector.id },
    data: { stoppedAt: new Date(), stoppedReason: 'invalid_credentials' },
  });
  jobs = [];
  changes = [];
});

/** A source with one account and one password, as the port describes it. */
function parts(): MendParts {
  return {
    database,
    keyRing,
    sourceHost: 'archive.example',
    openSource: (_kind, { username, password }) => ({
      async account() {
        if (password !== THE_PASSWORD) throw new SourceError('invalid_credentials', 'refused');
        return username === 'other' ? { id: 'another', name: 'Another' } : { id: accountId, name: 'Acme' };
      },
      clock: async () => ({ now: new Date(), settledThrough: new Date(), earliestRetained: new Date() }),
      async *users() {},
      register: async () => ({ id: 'x' }),
      unregister: async () => {},
    }),
    enqueue: async (name) => {
      jobs.push(name);
    },
    notify: (change) => changes.push(change),
  };
}

const stored = () => database.prisma.connector.findUniqueOrThrow({ where: { id: connector.id } });
const audited = async () =>
  (await database.prisma.auditEntry.findMany({ where: { targetId: connector.id, actor: { not: 'system' } } })).map(
    ({ action, detail }) => ({
      action,
      detail,
    }),
  );

test('stores what the source accepted, lifts the stop, and sets the imports going', async () => {
  const result = await updateCredentials(parts(), admin, {
    connectorId: connector.id,
    username: 'new',
    password: THE_PASSWORD,
  });
  expect(result).toEqual({ kind: 'done' });
  const row = await stored();
  expect(row).toMatchObject({ username: 'new', stoppedAt: null, stoppedReason: null });
  expect(row.passwordSealed).not.toContain(THE_PASSWORD);
  expect(openPassword(keyRing, connector.id, row.passwordSealed ?? '')).toBe(THE_PASSWORD);
  expect(await audited()).toEqual([
    { action: 'connector.credentials-updated', detail: { before: 'admin', after: 'new' } },
  ]);
  expect(jobs).toEqual(['plan', 'collect']);
  expect(changes).toEqual([{ organizationId: admin.organizationId, connectorId: connector.id, importId: null }]);
});

test.each([
  ['a refused password', { username: 'admin', password: 'wrong' }, { kind: 'refused', failure: 'invalid_credentials' }],
  [
    "another account's",
    { username: 'other', password: THE_PASSWORD },
    { kind: 'other_account', accountName: 'Another' },
  ],
])('%s changes nothing', async (_what, credentials, expected) => {
  const before = await stored();
  expect(await updateCredentials(parts(), admin, { connectorId: connector.id, ...credentials })).toMatchObject(
    expected,
  );
  expect(await stored()).toEqual(before);
  expect([await audited(), jobs, changes]).toEqual([[], [], []]);
});

test('a password that was refused is tried once more by who types it again: it may be right at the source by now', async () => {
  const sealed = sealPassword(keyRing, connector.id, THE_PASSWORD);
  await database.prisma.connector.update({
    where: { id: connector.id },
    data: { passwordSealed: sealed, refusedPasswordSealed: sealed },
  });
  const credentials = { connectorId: connector.id, username: 'admin', password: THE_PASSWORD };
  expect(await updateCredentials(parts(), admin, credentials)).toEqual({ kind: 'done' });
  const { passwordSealed, refusedPasswordSealed } = await stored();
  expect(passwordSealed).not.toBe(refusedPasswordSealed);
});

test('lifts a stop once', async () => {
  expect(await liftStop(parts(), admin, connector.id)).toBe('done');
  expect((await stored()).stoppedReason).toBeNull();
  expect(await liftStop(parts(), admin, connector.id)).toBe('unchanged');
  expect((await audited()).map(({ action }) => action)).toEqual(['connector.stop-lifted']);
});

test.each([
  [
    'the correct password',
    () => updateCredentials(parts(), admin, { connectorId: connector.id, username: 'new', password: THE_PASSWORD }),
  ],
  ['lifting the stop', () => liftStop(parts(), admin, connector.id)],
])('%s ends the alert of the stop too, and no other', async (_what, mend) => {
  const { organizationId } = admin;
  await database.prisma.connector.update({
    where: { id: connector.id },
    data: { stoppedAt: null, stoppedReason: null },
  });
  const state = async () => {
    const [row] = await connectorRows(database.pool, admin, [connector.id], new Date());
    return { health: row?.health, alerts: row?.alerts };
  };
  await stopConnector(database.pool, organizationId, connector.id, 'invalid_credentials');
  expect(await state()).toEqual({ health: 'stopped', alerts: ['invalid_credentials'] });
  await mend();
  expect(await state()).toEqual({ health: 'never_run', alerts: [] });
  await seedAlert(database.pool, connector, 'does_not_balance');
  await stopConnector(database.pool, organizationId, connector.id, 'invalid_credentials');
  await mend();
  expect(await state()).toEqual({ health: 'needs_you', alerts: ['does_not_balance'] });
});

test('is nobody else’s: another organization finds nothing, a reader may not', async () => {
  const stranger = { ...admin, organizationId: await seedOrganization(database.pool) };
  const credentials = { connectorId: connector.id, username: 'admin', password: THE_PASSWORD };
  expect(await updateCredentials(parts(), stranger, credentials)).toEqual({ kind: 'not_found' });
  expect(await liftStop(parts(), stranger, connector.id)).toBe('not_found');
  expect(await sourceUsername(database, stranger, connector.id)).toBe('');
  const reader: Actor = { ...admin, roles: ['DataConnectors.Reader'] };
  await expect(updateCredentials(parts(), reader, credentials)).rejects.toThrow(NotAllowed);
  await expect(liftStop(parts(), reader, connector.id)).rejects.toThrow(NotAllowed);
  expect((await stored()).stoppedReason).toBe('invalid_credentials');
});
