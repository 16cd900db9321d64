/** What a worker tells Prometheus after an import, on its internal listener. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '#scripts/services/ports.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type Installation, installation, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
let place: Installation;
let base: string;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  place = await installation(sandbox, { WORKER_HEALTH_PORT: String(port), RECONCILE_SECONDS: '1' });
});
afterAll(async () => {
  await place.close();
  await sandbox.stop();
});

async function metrics(): Promise<{ readonly text: string; value(series: string): number | undefined }> {
  const answer = await fetch(`${base}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/plain; version=0.0.4'),
  ]);
  const text = await answer.text();
  const values = new Map(text.split('\n').map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
  return { text, value: (series) => values.get(series) };
}

it('tells what was imported, and no number, address or text', async () => {
  place.start();
  await until(async () => (await place.number("SELECT count(*) FROM import WHERE phase = 'completed'")) > 0);
  await until(async () => (await place.number("SELECT count(*) FROM import WHERE phase <> 'completed'")) === 0);
  const { text, value } = await metrics();
  expect(value('portal_items_total{outcome="new"}')).toBe(await place.number('SELECT count(*) FROM item'));
  expect(value('portal_deliveries_total{state="imported"}')).toBe(
    await place.number("SELECT count(*) FROM delivery WHERE state = 'imported' AND attempts > 0"),
  );
  expect(value('portal_graph_requests_total{method="POST",status="201"}')).toBeGreaterThan(0);
  expect(value('portal_graph_requests_total{method="BATCH",status="200"}')).toBeGreaterThan(0);
  expect(value('portal_queue_jobs{queue="deliver",state="failed"}')).toBe(0);
  expect(value(`portal_connector_lag_seconds{connector="${place.connectorId}"}`)).toBeGreaterThan(0);
  expect(value('portal_standing_up')).toBe(1);
  expect(text).toContain('process_cpu_seconds_total');
  const { rows } = await place.pool.query<{ said: string }>(
    'SELECT DISTINCT participant AS said FROM delivery UNION SELECT mailbox_address FROM delivery WHERE mailbox_address IS NOT NULL',
  );
  expect(rows.length).toBeGreaterThan(5);
  for (const { said } of rows) expect(text.includes(said)).toBe(false);
});

it('shows an alert while it is open', async () => {
  const count = async () => (await metrics()).value('portal_alerts{code="does_not_balance"}');
  expect(await count()).toBeUndefined();
  await place.pool.query(
    `INSERT INTO alert (organization_id, connector_id, code, detail)
     SELECT organization_id, id, 'does_not_balance', '{}' FROM connector`,
  );
  await until(async () => (await count()) === 1);
  await place.pool.query('UPDATE alert SET resolved_at = now()');
  await until(async () => (await count()) === undefined);
});
