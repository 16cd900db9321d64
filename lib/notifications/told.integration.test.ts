/** From what is so in the database to a mail at a server: told once, over once, whoever sends. */
import { expect, it } from 'vitest';
import { dayOf, seedAlert, seedConnector, seedRun } from '../connectors/rows.fixture.ts';
import { type SetNotices, setHeartbeat, setWebhook } from './settings.ts';
import { forgetChannels } from './store/settings.ts';
import { sweepNotifications } from './sweep.ts';
import { adminOf, depsOf, endAlerts, mailsOf, nameOf, notificationWorld, roundOf } from './world.fixture.ts';

const world = notificationWorld();
const deps = (hosts?: readonly string[]) => depsOf(world, hosts);
const admin = () => adminOf(world);
const round = () => roundOf(world);
const name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const mails = () => mailsOf(world);

it('tells an open condition once to each address, and its end once', async () => {
  await name(['ada@x.example', 'ben@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  for (let minute = 0; minute < 3; minute++) await round();
  expect(await mails()).toEqual(['ada@x.example Import failed: Sales', 'ben@x.example Import failed: Sales']);
  world.outside.forget();
  await endAlerts(world);
  for (let minute = 0; minute < 3; minute++) await round();
  expect(await mails()).toEqual([
    'ada@x.example Recovered: Import failed: Sales',
    'ben@x.example Recovered: Import failed: Sales',
  ]);
  world.outside.forget();
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await round();
  expect(await mails()).toHaveLength(2);
});

it('an alert that stays open does not keep that of a later day from being told', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'does_not_balance');
  await world.database.pool.query(`UPDATE alert SET raised_at = raised_at - interval '1 day' WHERE connector_id = $1`, [
    world.connector.id,
  ]);
  await round();
  world.outside.forget();
  const { rows } = await world.database.pool.query<{ id: string }>(
    `INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at) VALUES ($1, $2, $3, $4) RETURNING id`,
    [world.organizationId, world.connector.id, dayOf(0), dayOf(1)],
  );
  await world.database.pool.query(
    `INSERT INTO alert (organization_id, connector_id, window_id, code) VALUES ($1, $2, $3, 'does_not_balance')`,
    [world.organizationId, world.connector.id, rows[0]?.id],
  );
  await round();
  await round();
  expect(await mails()).toEqual(['ada@x.example Does not balance: Sales']);
});

it('tells of refused credentials by the stop itself, of waiting copies, and of the app’s secret', async () => {
  const other = await seedConnector(world.database.pool, world.organizationId, 'Trading');
  await seedRun(world.database.pool, world.connector, { day: 0, phase: 'completed', counts: { 'copies.waiting': 3 } });
  await name(['ada@x.example'], { waitingAbove: 2 });
  await name(['ada@x.example'], { connectorId: other.id });
  await world.database.pool.query(
    `UPDATE connector SET stopped_at = now(), stopped_reason = 'consent_missing' WHERE id = $1`,
    [other.id],
  );
  world.appEnds = new Date(world.now.getTime() + 86_400_000);
  await round();
  expect(await mails()).toEqual([
    'ada@x.example Credentials refused: Trading',
    'ada@x.example Messages wait for mapping: Sales',
    'ada@x.example The portal’s certificate or secret ends soon: 2 connectors',
  ]);
});

it('tells that nothing came on a weekday that has something, and that something came again', async () => {
  await name(['ada@x.example']);
  // From Wednesday 2026-11-18 on: three busy weeks, then a day without anything.
  for (let day = 0; day <= 21; day++) {
    const imported = day === 21 ? 0 : 5;
    await seedRun(world.database.pool, world.connector, {
      day,
      phase: 'completed',
      counts: { 'items.imported': imported },
    });
  }
  world.now = new Date(dayOf(21).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toEqual([]);
  world.now = new Date(dayOf(22).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toEqual(['ada@x.example Nothing imported: Sales']);
  await seedRun(world.database.pool, world.connector, { day: 22, phase: 'completed', counts: { 'items.imported': 2 } });
  world.now = new Date(dayOf(23).getTime() + 9 * 3_600_000);
  await round();
  expect(await mails()).toContain('ada@x.example Recovered: Nothing imported: Sales');
});

it('tells each mapping version that comes into force, once', async () => {
  await name(['ada@x.example']);
  const apply = (number: number) =>
    world.database.pool.query(
      `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by, applied_by,
         applied_at) VALUES (gen_random_uuid(), $1, $2, $3, 'in_force', 'upload', 'Ada', 'Ada', now())`,
      [world.organizationId, world.connector.id, number],
    );
  await round();
  await apply(1);
  await round();
  await round();
  expect(await mails()).toEqual(['ada@x.example Mapping changed: Sales']);
  world.outside.forget();
  // Two between two rounds: the first may have moved messages, too.
  for (const number of [2, 3]) {
    await world.database.pool.query(`UPDATE mapping_version SET status = 'superseded' WHERE connector_id = $1`, [
      world.connector.id,
    ]);
    await apply(number);
  }
  await round();
  await round();
  const [mail, ...others] = await world.outside.mails();
  expect([...(mail?.text ?? '').matchAll(/version (\d+)/gi)].map(([, version]) => version)).toEqual(['2', '3']);
  expect(others).toEqual([]);
});

it('sends the daily summary once a day, also when all is well', async () => {
  await seedRun(world.database.pool, world.connector, {
    day: 0,
    phase: 'completed',
    counts: { 'items.listed': 4, 'items.imported': 4 },
  });
  await name(['ada@x.example'], { dailySummary: true, summaryHour: 10 });
  await round();
  expect(await mails()).toEqual([]);
  world.now = new Date('2026-11-26T10:01:00Z');
  await Promise.all([round(), round()]);
  await round();
  expect(await mails()).toEqual(['ada@x.example All is well: Sales']);
  expect((await world.outside.mails())[0]?.text).toContain('4 from source, 4 imported to a mailbox');
  world.now = new Date('2026-11-27T10:00:00Z');
  await round();
  expect(await mails()).toHaveLength(2);
});

it('reports every day what has been in no mailbox for seven days, by mail and by webhook, and not a day earlier', async () => {
  await name(['ada@x.example'], { dailySummary: true, summaryHour: 10 });
  const url = `https://${world.outside.host}/hook`;
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url });
  await world.database.pool.query(
    `INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason)
     VALUES ($1, 'waiting', '2026-11-20T15:00:00Z', 1, $2, $3, gen_random_uuid(), 1, 'not_mapped')`,
    [world.connector.id, world.organizationId, world.connector.sourceId],
  );
  const bodies = () => world.outside.calls.map(({ body }) => JSON.parse(body));
  world.now = new Date('2026-11-26T10:00:00Z');
  await round();
  expect((await world.outside.mails()).map(({ text }) => text).join()).not.toContain('7 days');
  expect(bodies()).toMatchObject([{ kind: 'summary', held: null }]);
  for (const day of ['2026-11-27', '2026-11-28']) {
    world.outside.forget();
    world.now = new Date(`${day}T10:00:00Z`);
    await round();
    const link = `https://portal.example/connectors/${world.connector.id}/not-imported`;
    const [mail] = await world.outside.mails();
    expect(mail?.text).toContain('for 7 days or longer: 1 copy or item, the oldest of 2026-11-20 15:00 UTC.');
    expect(mail?.text).toContain(link);
    expect(bodies()).toMatchObject([{ kind: 'summary', held: { count: 1, oldest: '2026-11-20T15:00:00.000Z', link } }]);
  }
});

it('ends without a word what a deleted connector was told of', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await round();
  world.outside.forget();
  await world.database.pool.query(
    `UPDATE connector SET status = 'deleted', deleted_at = now(), password_sealed = NULL WHERE id = $1`,
    [world.connector.id],
  );
  await endAlerts(world);
  await round();
  expect(await mails()).toEqual([]);
});

it('a connector that is deleted tells nobody more, and keeps nothing that is sealed', async () => {
  await name(['ada@x.example']);
  const url = `https://${world.outside.host}/hook`;
  await setWebhook(deps(), admin(), { connectorId: world.connector.id, url });
  await setHeartbeat(deps(), admin(), { connectorId: world.connector.id, url });
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await sweepNotifications(deps(), world.organizationId);
  await forgetChannels(world.database.pool, world.organizationId, world.connector.id);
  await round();
  expect([await mails(), world.outside.calls]).toEqual([[], []]);
  const { rows } = await world.database.pool.query(
    'SELECT webhook_url_sealed, webhook_secret_sealed, heartbeat_url_sealed FROM notification_setting WHERE connector_id = $1',
    [world.connector.id],
  );
  expect(Object.values(rows[0])).toEqual([null, null, null]);
});

it('that nothing comes any more is over when the source lists no registered phones', async () => {
  await name(['ada@x.example']);
  for (let day = 0; day <= 21; day++) {
    const imported = day === 21 ? 0 : 5;
    await seedRun(world.database.pool, world.connector, {
      day,
      phase: 'completed',
      counts: { 'items.imported': imported },
    });
  }
  world.now = new Date(dayOf(22).getTime() + 9 * 3_600_000);
  const phone = (mobile: string, status: string) =>
    world.database.pool.query(
      'INSERT INTO source_user (source_id, organization_id, mobile, status) VALUES ($1, $2, $3, $4)',
      [world.connector.sourceId, world.organizationId, mobile, status],
    );
  await phone('+12125550101', 'deleted');
  await phone('+12125550102', 'activated');
  await round();
  expect(await mails()).toEqual(['ada@x.example Nothing imported: Sales']);
  await world.database.pool.query(`UPDATE source_user SET status = 'deleted' WHERE source_id = $1`, [
    world.connector.sourceId,
  ]);
  await round();
  expect(await mails()).toContain('ada@x.example Recovered: Nothing imported: Sales');
  await round();
  expect(await mails()).toHaveLength(2);
});

it('forgets conditions that ended long ago, and no others', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  await seedAlert(world.database.pool, world.connector, 'overdue');
  await round();
  await world.database.pool.query(`UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND code = 'overdue'`, [
    world.connector.id,
  ]);
  await round();
  const ofConnector = async () => {
    const { rows } = await world.database.pool.query<{ subject: string }>(
      'SELECT subject FROM notification_condition WHERE connector_id = $1 ORDER BY id',
      [world.connector.id],
    );
    return rows.map(({ subject }) => subject.split(' ')[0]);
  };
  expect(await ofConnector()).toEqual(['keeps_failing', 'overdue']);
  await world.database.pool.query(
    `UPDATE notification_condition SET began_at = began_at - interval '91 days', ended_at = ended_at - interval '91 days'
     WHERE connector_id = $1`,
    [world.connector.id],
  );
  await round();
  expect(await ofConnector()).toEqual(['keeps_failing']);
});
