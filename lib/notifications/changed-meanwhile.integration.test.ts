/** Two administrators at the notifications of one connector: nobody's choice goes without a word. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import type { Actor } from '../security/actor.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { type NotificationParts, notificationSettings, setHeartbeat, setNotices, setWebhook } from './settings.ts';
import { createWeb } from './web.ts';

let database: Database;
let connector: SeededConnector;
let [grace, henry]: readonly Actor[] = [];
const keyRing = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);
const hosts = ['hooks.example', 'beat.example'];

beforeAll(async () => {
  database = openDatabase(await testDatabase());
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(async () => {
  const organizationId = await seedOrganization(database.pool);
  const admin = seededActor(organizationId, ['DataConnectors.Admin']);
  [grace, henry] = ['Grace', 'Henry'].map((name) => ({ ...admin, userId: name, name }));
  connector = await seedConnector(database.pool, organizationId, 'Android Archiver');
});

const parts = (): NotificationParts => ({
  pool: database.pool,
  keyRing,
  mailer: null,
  web: createWeb({ hosts, privateHosts: [] }),
  now: () => new Date(),
  allowedHosts: hosts,
  portalUrl: 'https://portal.example',
});
const who = (actor: Actor | undefined): Actor => {
  if (actor === undefined) throw new Error('nobody');
  return actor;
};
const shown = () => notificationSettings(parts(), who(grace), connector.id);

it('addresses and limits: the second is told what the first has set', async () => {
  const { addresses, waitingAbove, dailySummary, summaryHour } = await shown();
  const seen = { addresses, waitingAbove, dailySummary, summaryHour };
  const theirs = { addresses: ['henry@x.example'], waitingAbove: 5, dailySummary: false, summaryHour: 7 };
  const mine = { addresses: ['grace@x.example'], waitingAbove: 0, dailySummary: true, summaryHour: 6 };
  const choice = { connectorId: connector.id, seen };
  expect(await setNotices(parts(), who(henry), { ...choice, ...theirs })).toEqual({ kind: 'done' });
  const answer = { kind: 'changed_meanwhile', by: 'Henry', now: theirs };
  expect(await setNotices(parts(), who(grace), { ...choice, ...mine })).toEqual(answer);
  expect(await shown()).toMatchObject(theirs);
  expect(await setNotices(parts(), who(grace), { ...choice, ...mine, seen: theirs })).toEqual({ kind: 'done' });
  expect(await shown()).toMatchObject(mine);
});

it.each([
  ['webhook', setWebhook, 'webhookMark', 'webhookHost'],
  ['heartbeat', setHeartbeat, 'heartbeatMark', 'heartbeatHost'],
] as const)(
  'the %s: also where both name the same host, and without showing an address',
  async (_name, set, mark, host) => {
    const choice = (path: string, seen: string | null) => ({
      connectorId: connector.id,
      url: `https://hooks.example/${path}`,
      seen,
    });
    expect((await shown())[mark]).toBeNull();
    expect(await set(parts(), who(henry), choice('theirs', null))).toMatchObject({ kind: 'done' });
    const now = await shown();
    expect(now).toMatchObject({ [host]: 'hooks.example', [mark]: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(await set(parts(), who(grace), choice('mine', null))).toEqual({
      kind: 'changed_meanwhile',
      by: 'Henry',
      now: { host: 'hooks.example', mark: now[mark] },
    });
    expect(await set(parts(), who(grace), { connectorId: connector.id, url: null, seen: null })).toMatchObject({
      kind: 'changed_meanwhile',
    });
    expect((await shown())[mark]).toBe(now[mark]);
    expect(await set(parts(), who(grace), choice('mine', now[mark]))).toMatchObject({ kind: 'done' });
    expect((await shown())[mark]).not.toBe(now[mark]);
  },
);
