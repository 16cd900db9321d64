/** `npm run recover` as an operator starts it: a process of its own, with the settings of a worker. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertConnector } from '#lib/imports/connector.fixture.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { productEnvironment } from './services/environment.ts';
import { newSecrets } from './services/secrets.ts';

let env: Record<string, string>;
let pool: pg.Pool;
let connectorId: string;
beforeAll(async () => {
  const database = await testDatabase();
  pool = new pg.Pool({ connectionString: database });
  connectorId = await insertConnector(pool);
  const blob = testBlobConnection();
  const nowhere = 'http://localhost:1';
  const sandbox = { http: nowhere, graph: nowhere, entra: nowhere, telemessage: nowhere };
  env = productEnvironment(
    {
      database,
      redis: 'redis://localhost:1',
      blob: blob.connectionString,
      portal: 'http://localhost:3000',
      workerHealthPort: 0,
      sandbox: { ...sandbox, smtpPort: 1, hooksHost: 'localhost:1', caFile: '/dev/null' },
    },
    newSecrets(),
  );
  env.STAGING_CONTAINER = blob.container;
  env.AUDIT_ANCHOR_CONTAINER = blob.container;
});
afterAll(() => pool.end());

/** What `npm run recover -- <args>` runs. */
function recover(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const scripts: unknown = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
  expect(scripts).toMatchObject({ recover: expect.stringContaining('scripts/recover.ts') });
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/recover.ts', ...args],
      { env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

it('refuses what it does not understand, and changes nothing', async () => {
  const [both, unsaid, when] = await Promise.all([
    recover('--begin', '--confirm', '--reason', 'x'),
    recover('--confirm'),
    recover('--begin', '--reason', 'x', '--since', 'yesterday'),
  ]);
  expect(both).toEqual({ code: 2, out: '', err: 'One of --begin, --confirm and --without-mailboxes.\n' });
  expect(unsaid).toEqual({ code: 2, out: '', err: 'Say why: --reason "…"\n' });
  expect(when).toEqual({ code: 2, out: '', err: '--since takes a time: 2026-11-27T06:00:00Z\n' });
  expect((await pool.query('SELECT FROM recovery')).rowCount).toBe(0);
}, 60_000);

it('begins recovery, says how it stands, and confirms, with the exit code that a script needs', async () => {
  expect(await recover()).toMatchObject({ code: 0, out: 'No recovery is under way.\n' });
  const since = '2026-11-27T06:00:00.000Z';
  const begun = await recover('--begin', '--reason', 'Restored the snapshot', '--since', since);
  expect(begun.code).toBe(0);
  const held = `Android Archiver (${connectorId}) is paused until its mapping is confirmed; no mapping file is in force. The database knows everything up to ${since} (by_operator).`;
  // The log goes to the same place, a line of JSON each.
  expect(begun.out).toContain(held);

  // A newer mapping was in force: nobody goes on without it unawares.
  await pool.query('UPDATE recovery_connector SET lost_mapping = 7');
  const refused = await recover('--confirm', '--reason', 'Restored the snapshot');
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('mapping version 7 was in force before the restore and is lost. Upload it again first');
  const other = await recover('--confirm', '--older-mapping', '--reason', 'x', '--connector', 'another');
  expect(other.out).toContain('No connector waits for a confirmation.');
  const confirmed = await recover('--confirm', '--older-mapping', '--reason', 'Restored the snapshot');
  expect(confirmed.out).toContain(`Android Archiver (${connectorId}): confirmed.`);
  expect(confirmed.out).toContain('nothing to accept in the audit log.');
  expect(confirmed.code).toBe(0);
  expect(await recover()).toMatchObject({
    code: 0,
    out: expect.stringContaining('is paused until its mailboxes are listed (0 of 0 so far)'),
  });
  // More than an alert names, while nothing tells of a standstill.
  await pool.query(
    `WITH named AS (UPDATE recovery_connector SET named_at = now() RETURNING *)
     INSERT INTO recovery_mailbox (recovery_id, connector_id, organization_id, user_id, address, asked_at)
     SELECT recovery_id, connector_id, organization_id, gen_random_uuid(), 'm' || n || '@a.example', now()
     FROM named, generate_series(10, 34) AS n`,
  );
  const without = await recover('--without-mailboxes', '--connector', connectorId, '--reason', 'They are moved');
  expect(without.code).toBe(1);
  expect(without.out).toMatch(/asked, and no answer so far \(25\): m10@a.example, .*, m34@a.example\n/);
  expect(without.out).toContain(`Android Archiver (${connectorId}) leaves out nobody: 0 of 25 mailboxes are searched`);
  const { rows } = await pool.query(
    `SELECT action, actor_name, detail->>'reason' AS reason FROM audit_entry WHERE action LIKE 'recovery.%' ORDER BY id`,
  );
  expect(rows).toEqual([
    { action: 'recovery.begun', actor_name: 'system', reason: null },
    { action: 'recovery.confirmed', actor_name: 'system', reason: 'Restored the snapshot' },
  ]);
}, 60_000);
