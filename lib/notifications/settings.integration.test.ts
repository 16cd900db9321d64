/** Who may set and test notifications, and how often. */
import { expect, it } from 'vitest';
import { seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { NotAllowed } from '../security/actor.ts';
import { testNotices } from './send-test.ts';
import { type SetNotices, setHeartbeat, setNotices, setWebhook } from './settings.ts';
import { adminOf, aMinuteAfterTheTest, depsOf, mailsOf, nameOf, notificationWorld, roundOf } from './world.fixture.ts';

const world = notificationWorld();
const deps = (hosts?: readonly string[]) => depsOf(world, hosts);
const admin = () => adminOf(world);
const _round = () => roundOf(world);
const name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const mails = () => mailsOf(world);

it('the test says what each server answered', async () => {
  await name(['ada@x.example']);
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/hook` });
  await setHeartbeat(deps(), admin(), { connectorId: world.connector.id, url: `https://${world.outside.host}/beat` });
  world.outside.answer = { status: 503, body: 'not today' };
  expect(await testNotices(deps(), admin(), world.connector.id)).toEqual([
    { channel: 'email', target: 'ada@x.example', ok: true, answer: expect.stringMatching(/^250 /) },
    { channel: 'webhook', target: world.outside.host, ok: false, answer: 'HTTP 503 not today' },
    { channel: 'heartbeat', target: world.outside.host, ok: false, answer: 'HTTP 503 not today' },
  ]);
  expect(world.outside.calls.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'GET /beat',
    'POST /hook',
  ]);
});

it('is set by administrators, of their own organization, with an entry in the audit log', async () => {
  const reader = seededActor(world.organizationId);
  await expect(setWebhook(deps(), reader, { connectorId: world.connector.id, url: null })).rejects.toThrow(NotAllowed);
  await expect(testNotices(deps(), reader, world.connector.id)).rejects.toThrow(NotAllowed);
  const foreign = seededActor(await seedOrganization(world.database.pool), ['DataConnectors.Admin']);
  expect(
    await setNotices(deps(), foreign, {
      connectorId: world.connector.id,
      addresses: ['eve@y.example'],
      waitingAbove: 0,
      dailySummary: true,
      summaryHour: 6,
    }),
  ).toEqual({ kind: 'not_found' });
  expect(await testNotices(deps(), foreign, world.connector.id)).toBe('not_found');
  expect(await name(['not an address'])).toEqual({ kind: 'not_an_address', address: 'not an address' });
  expect(await name(Array.from({ length: 21 }, (_, i) => `p${i}@x.example`))).toEqual({ kind: 'too_many' });
  await name(['Ada@X.example', 'ada@x.example']);
  const { rows } = await world.database.pool.query<{ detail: object }>(
    `SELECT detail FROM audit_entry WHERE organization_id = $1 AND action = 'connector.notifications-changed'`,
    [world.organizationId],
  );
  expect(rows).toHaveLength(1);
  const rest = ['more than 0 waiting', 'no daily summary'];
  expect(rows[0]?.detail).toEqual({
    before: ['more than 0 waiting', 'daily summary at 06:00 UTC'],
    after: ['ada@x.example', ...rest],
  });
});

it('sends one test of a connector in a minute, and ten of an organization', async () => {
  await name(['ada@x.example']);
  const test = (connectorId = world.connector.id) => testNotices(deps(), admin(), connectorId);
  const both = await Promise.all([test(), test()]);
  expect(both.filter((answer) => answer === 'too_soon')).toHaveLength(1);
  expect(await mails()).toEqual(['ada@x.example Test notice: Sales']);
  for (let other = 0; other < 10; other++) {
    const { id } = await seedConnector(world.database.pool, world.organizationId, `Other ${other}`);
    await name(['ada@x.example'], { connectorId: id });
    expect(await test(id)).toEqual(other < 9 ? [expect.objectContaining({ ok: true })] : 'too_soon');
  }
  await aMinuteAfterTheTest(world);
  expect(await test()).toEqual([expect.objectContaining({ ok: true })]);
});
