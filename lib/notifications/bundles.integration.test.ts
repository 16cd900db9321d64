/** One mail to each recipient and cause, however many connectors it is about. */
import { expect, it } from 'vitest';
import {
  type SeededConnector,
  seedAlert,
  seedConnector,
  seedManyConnectors,
  seedRun,
} from '../connectors/rows.fixture.ts';
import { type SetNotices, setWebhook } from './settings.ts';
import {
  adminOf,
  age,
  depsOf,
  dueNow,
  endAlerts,
  mailsOf,
  nameOf,
  notificationWorld,
  roundOf,
  settingsOf,
} from './world.fixture.ts';

const world = notificationWorld();
const deps = (hosts?: readonly string[]) => depsOf(world, hosts);
const admin = () => adminOf(world);
const round = () => roundOf(world);
const name = (addresses: string[], change: Partial<SetNotices> = {}) => nameOf(world, addresses, change);
const mails = () => mailsOf(world);

/** `One`, `Two` and so on beside `Sales`, with mail to these addresses. */
async function more(names: readonly string[], addresses: string[], change: Partial<SetNotices> = {}) {
  const found: SeededConnector[] = [];
  for (const one of names) {
    const connector = await seedConnector(world.database.pool, world.organizationId, one);
    await name(addresses, { ...change, connectorId: connector.id });
    found.push(connector);
  }
  return found;
}
const stop = (reason: string | null, connectors: readonly SeededConnector[]) =>
  world.database.pool.query(
    `UPDATE connector SET stopped_reason = $2, stopped_at = CASE WHEN $2::text IS NOT NULL THEN now() END
     WHERE id = ANY ($1)`,
    [connectors.map(({ id }) => id), reason],
  );
const textOf = async (subject: string) =>
  (await world.outside.mails()).find((mail) => mail.subject === subject)?.text ?? '';

it('a thousand connectors that fail at once are one mail to each recipient, and their recovery another', async () => {
  const ids = await seedManyConnectors(world.database.pool, world.organizationId, 1_000);
  await world.database.pool.query(
    `INSERT INTO notification_setting (connector_id, organization_id, addresses, daily_summary, waiting_above, summary_due_at)
     SELECT id, $1, '{ada@x.example,ben@x.example}', false, 10, now() FROM unnest($2::uuid[]) AS id`,
    [world.organizationId, ids],
  );
  await world.database.pool.query('UPDATE connector SET stopped_at = NULL, stopped_reason = NULL WHERE id = ANY ($1)', [
    ids,
  ]);
  await world.database.pool.query(
    `INSERT INTO alert (organization_id, connector_id, code) SELECT $1, id, 'keeps_failing' FROM unnest($2::uuid[]) AS id`,
    [world.organizationId, ids],
  );
  await round();
  expect(await mails()).toEqual([
    'ada@x.example Import failed: 1,000 connectors',
    'ben@x.example Import failed: 1,000 connectors',
  ]);
  const text = await textOf('Import failed: 1,000 connectors');
  for (const branch of ['Branch 1:', 'Branch 500:', 'Branch 1000:']) expect(text).toContain(`- ${branch}`);
  await world.database.pool.query('UPDATE alert SET resolved_at = now() WHERE organization_id = $1', [
    world.organizationId,
  ]);
  await round();
  expect(await mails()).toHaveLength(4);
  expect(await mails()).toContain('ada@x.example Recovered: Import failed: 1,000 connectors');
}, 60_000);

it('names to each recipient the connectors that he is told of, and no others', async () => {
  await name(['ada@x.example', 'ben@x.example']);
  const [one] = await more(['One'], ['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing');
  if (one) await seedAlert(world.database.pool, one, 'keeps_failing');
  await round();
  expect(await mails()).toEqual(['ada@x.example Import failed: 2 connectors', 'ben@x.example Import failed: Sales']);
  const { notices } = await settingsOf(world);
  expect(notices.map(({ target, connectors }) => `${target} ${connectors}`).sort()).toEqual([
    'ada@x.example 2',
    'ben@x.example 1',
  ]);
});

it('a consent that is gone is told once, then once a day who followed, and its end when the last is well', async () => {
  await name(['ada@x.example']);
  const others = await more(['One', 'Two', 'Three'], ['ada@x.example']);
  await stop('consent_missing', [world.connector]);
  await round();
  for (const other of others) {
    await stop('consent_missing', [other]);
    await round();
  }
  expect(await mails()).toEqual(['ada@x.example Credentials refused: Sales']);
  expect(await textOf('Credentials refused: Sales')).toContain('This concerns every connector of your organization.');
  await age(world, 24);
  await round();
  expect(await mails()).toContain('ada@x.example Credentials refused: 3 connectors');
  await stop(null, [world.connector, ...others.slice(0, 2)]);
  await round();
  expect(await mails()).toHaveLength(2);
  await stop(null, others);
  await round();
  expect(await mails()).toHaveLength(3);
  expect(await mails()).toContain('ada@x.example Recovered: Credentials refused: 4 connectors');
  // Gone again, and again: that is news, whatever was told today.
  for (const times of [2, 3]) {
    await stop('consent_missing', [world.connector]);
    await round();
    expect((await mails()).filter((mail) => mail === 'ada@x.example Credentials refused: Sales')).toHaveLength(times);
    await stop(null, [world.connector]);
    await round();
  }
});

it('a source that is silent is told once, however long and of however many connectors, and so is its end', async () => {
  await name(['ada@x.example']);
  const others = await more(
    Array.from({ length: 9 }, (_, i) => `Other ${i}`),
    ['ada@x.example'],
  );
  const all = [world.connector, ...others];
  // Each at the hour of its own daily import.
  for (const connector of all) {
    await seedAlert(world.database.pool, connector, 'keeps_failing', { problem: 'source_unreachable' });
    await age(world, 1);
    await round();
  }
  expect(await mails()).toEqual(['ada@x.example Import failed: Sales']);
  expect(await textOf('Import failed: Sales')).toContain('TeleMessage cannot be reached');
  await age(world, 24);
  await round();
  const followed = 'Import failed: 9 connectors';
  expect(await mails()).toEqual(['ada@x.example Import failed: 9 connectors', 'ada@x.example Import failed: Sales']);
  for (let i = 0; i < others.length; i++) expect(await textOf(followed)).toContain(`Other ${i}`);
  // On the third day nothing can be planned either, and the alert of what was at work ends: no news.
  for (const connector of all) await seedAlert(world.database.pool, connector, 'not_planned');
  await round();
  await world.database.pool.query(`UPDATE alert SET resolved_at = now() WHERE code = 'keeps_failing'`);
  await age(world, 24);
  await round();
  expect(await mails()).toHaveLength(2);
  for (const { id } of all) {
    await endAlerts(world, id);
    await round();
  }
  const recovered = (await mails()).filter((mail) => mail.includes('Recovered'));
  expect(recovered).toEqual(['ada@x.example Recovered: Import failed: 10 connectors']);
  expect(await textOf('Recovered: Import failed: 10 connectors')).toContain('Sales');
});

it('trouble of one connector with what it was sent is not taken for a source that is silent', async () => {
  await name(['ada@x.example']);
  await seedAlert(world.database.pool, world.connector, 'keeps_failing', { problem: 'source_bad_answer' });
  await round();
  expect(await textOf('Import failed: Sales')).toContain('A window could not be imported several times.');
});

it('trouble that comes to one connector after another is told at once, and after five mails once an hour', async () => {
  await name(['ada@x.example']);
  const others = await more(
    Array.from({ length: 9 }, (_, i) => `Other ${i}`),
    ['ada@x.example'],
  );
  for (const connector of others) {
    await seedAlert(world.database.pool, connector, 'overdue');
    await round();
  }
  expect(await mails()).toHaveLength(5);
  await age(world, 1);
  await round();
  expect(await mails()).toHaveLength(6);
  expect(await mails()).toContain('ada@x.example Import failed: 4 connectors');
  // Another cause has a pace of its own.
  await seedAlert(world.database.pool, world.connector, 'does_not_balance');
  await round();
  expect(await mails()).toContain('ada@x.example Does not balance: Sales');
});

it('a summary is one mail to each recipient over all connectors, at their earliest hour, first what needs you', async () => {
  const summary = { dailySummary: true, waitingAbove: 100 };
  await seedRun(world.database.pool, world.connector, { day: 0, phase: 'completed', counts: { 'items.imported': 4 } });
  await name(['ada@x.example', 'ben@x.example'], { ...summary, summaryHour: 12 });
  const [ill] = await more(['Trading'], ['ada@x.example'], { ...summary, summaryHour: 10 });
  if (!ill) throw new Error('no connector');
  await seedAlert(world.database.pool, ill, 'does_not_balance');
  world.now = new Date('2026-11-26T09:59:00Z');
  await round();
  world.outside.forget();
  world.now = new Date('2026-11-26T10:00:00Z');
  await round();
  expect(await mails()).toEqual(['ada@x.example Daily summary: 1 of 2 connectors needs you']);
  const text = await textOf('Daily summary: 1 of 2 connectors needs you');
  expect(text.indexOf('Trading')).toBeLessThan(text.indexOf('Sales'));
  expect(text).toContain('Does not balance since');
  world.now = new Date('2026-11-26T12:00:00Z');
  await round();
  expect(await mails()).toHaveLength(2);
  expect(await mails()).toContain('ben@x.example All is well: Sales');
});

it('a summary that did not get through is not sent behind the next day’s', async () => {
  await name(['ada@x.example'], { dailySummary: true, summaryHour: 10 });
  world.outside.mailFails = true;
  world.now = new Date('2026-11-26T10:00:00Z');
  await round();
  world.now = new Date('2026-11-27T10:00:00Z');
  world.outside.mailFails = false;
  await round();
  await dueNow(world);
  await round();
  expect(await mails()).toHaveLength(1);
  expect((await settingsOf(world)).notices.map(({ state }) => state)).toEqual(['sent', 'superseded']);
});

it('a webhook gets one request for each event of its connector', async () => {
  const others = await more(['One', 'Two'], []);
  for (const { id } of [world.connector, ...others]) {
    await setWebhook(deps(), admin(), { connectorId: id, url: `https://${world.outside.host}/hook` });
  }
  for (const connector of [world.connector, ...others])
    await seedAlert(world.database.pool, connector, 'keeps_failing');
  await round();
  const bodies = world.outside.calls.map(({ body }) => JSON.parse(body));
  expect(bodies.map(({ kind, connector }) => `${kind} ${connector.name}`).sort()).toEqual([
    'began One',
    'began Sales',
    'began Two',
  ]);
});
