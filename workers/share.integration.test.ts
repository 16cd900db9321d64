/** Several workers at once: they share the work, and a password that is wrong reaches the source once from all of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { sealPassword } from '#lib/connectors/password.ts';
import { control } from '#lib/imports/connector.fixture.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { errorsIn, type Installation, installation, startedIn, until } from './installation.fixture.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  // Every request takes a while, so that one worker does not do it all before another has started.
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '150', SANDBOX_GRAPH_LATENCY_MS: '100' });
});
// It looks at every answer that it gave before it ends.
afterAll(() => sandbox.stop(), 120_000);
let place: Installation;
afterEach(() => place.close());

const isDone = async (): Promise<boolean> =>
  (await place.number('SELECT count(*) FROM import')) > 0 &&
  (await place.number(`SELECT count(*) FROM import WHERE phase <> 'completed'`)) === 0 &&
  (await place.number(`SELECT count(*) FROM delivery WHERE state IN ('pending', 'sending', 'created')`)) === 0;

it.each([
  ['a few shards', { WORKER_CONCURRENCY: '4' }],
  // Each could have all, and stays with those that it has.
  ['all shards', {}],
])(
  'two workers with places for %s both deliver',
  async (_, places) => {
    place = await installation(sandbox, { RECONCILE_SECONDS: '1', ...places });
    // Both are there before there is anything to do.
    await place.pool.query('UPDATE connector SET paused_at = now()');
    const workers = [place.start(), place.start()];
    await until(async () => startedIn(place) === 2);
    await place.pool.query('UPDATE connector SET paused_at = NULL');
    await until(isDone);
    // A lease names the worker that had the shard last, also after it was let go.
    const { rows } = await place.pool.query<{ pid: string }>(
      `SELECT DISTINCT split_part(l.owner, '.', -2) AS pid FROM shard_lease l
     WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.shard = l.shard AND d.state = 'imported' AND d.epoch = l.epoch)`,
    );
    expect(rows.map(({ pid }) => Number(pid)).sort()).toEqual(workers.map(({ pid }) => pid).sort());
    expect(await place.number('SELECT count(*) FROM alert')).toBe(0);
    expect(errorsIn(place)).toEqual([]);
  },
  240_000,
);

it('three workers with every kind of job that asks the source try a wrong password once, and stop with one alert', async () => {
  const days = 2 * 86_400_000;
  place = await installation(sandbox, { RECONCILE_SECONDS: '1' }, { firstImportFrom: new Date(Date.now() - days) });
  const first = place.start();
  await until(isDone);
  await first.stop();
  // To plan, to collect, to read manifests of, and attachments that are missing at the source.
  await place.pool.query(`UPDATE connector SET import_requested_at = now(), import_requested_by = 'test'`);
  await place.pool.query('UPDATE import_window SET recheck_due_at = now()');
  await place.pool.query(
    `UPDATE import SET phase = 'queued', next_attempt_at = now(), collect_expires_at = NULL, cursor = NULL
     WHERE number = (SELECT max(number) FROM import)`,
  );
  await place.pool.query(
    `UPDATE attachment SET state = 'missing', data_key = NULL, first_missed_at = now(), ask_again_at = now()`,
  );
  // Owed again, so that their attachments are wanted; not due, because what was kept of them is cleared by now.
  await place.pool.query(
    `UPDATE delivery SET state = 'pending', not_before = now() + interval '1 day', message_id = NULL
     WHERE attachments > 0 AND state = 'imported'`,
  );
  const { connectorId, keyRing } = place;
  const wrong = sealPassword(keyRing, connectorId, 'not the password');
  await place.pool.query('UPDATE connector SET password_sealed = $1', [wrong]);
  await control(sandbox, 'POST', 'faults', {
    service: 'telemessage',
    route: 'POST /v1/sessions',
    fault: { kind: 'delay', ms: 300 },
  });
  for (let i = 0; i < 3; i++) place.start();
  await until(async () => (await place.number('SELECT count(*) FROM connector WHERE stopped_at IS NOT NULL')) > 0);
  await sleep(4_000);
  const { rules } = z
    .object({ rules: z.array(z.object({ seen: z.number() })) })
    .parse(await control(sandbox, 'GET', 'faults'));
  expect(rules.map(({ seen }) => seen)).toEqual([1]);
  const { rows } = await place.pool.query('SELECT code FROM alert WHERE resolved_at IS NULL');
  expect(rows).toEqual([{ code: 'invalid_credentials' }]);
}, 300_000);
