/** `npm run verify-audit` as an operator starts it: a process of its own, with the settings of a worker. */
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anchorHeads } from '#lib/audit/anchor-heads.ts';
import { connectAnchorStore } from '#lib/audit/anchor-store.ts';
import { type AuditWorld, auditWorld } from '#lib/audit/chain.fixture.ts';
import { parseAuditKeys } from '#lib/audit/keys.ts';
import { linkEntries } from '#lib/audit/link-entries.ts';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { productEnvironment } from './services/environment.ts';
import { newSecrets } from './services/secrets.ts';

let world: AuditWorld;
let env: Record<string, string>;
beforeAll(async () => {
  world = await auditWorld();
  const { rows } = await world.pool.query<{ name: string }>('SELECT current_database() AS name');
  const database = new URL(await testDatabase());
  database.pathname = `/${rows[0]?.name}`;
  const blob = testBlobConnection();
  const nowhere = 'http://localhost:1';
  const sandbox = { http: nowhere, graph: nowhere, entra: nowhere, telemessage: nowhere };
  env = productEnvironment(
    {
      database: database.href,
      redis: 'redis://localhost:1',
      blob: blob.connectionString,
      portal: 'http://localhost:3000',
      workerHealthPort: 0,
      sandbox: { ...sandbox, smtpPort: 1, hooksHost: 'localhost:1', caFile: '/dev/null' },
    },
    newSecrets(),
  );
  env.AUDIT_ANCHOR_CONTAINER = blob.container;
  const keys = parseAuditKeys(env.AUDIT_KEYS ?? '');
  await world.write('one', 'two', 'three');
  await linkEntries(world.pool, keys);
  await anchorHeads({ ...world, keys, anchors: connectAnchorStore(blob) });
}, 60_000);
afterAll(() => world.close());

function verify(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['scripts/verify-audit.ts', ...args],
      { env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', ...env } },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out: `${out}${err}` }),
    );
  });
}

it('ends with 0 where all is as it was written, and says to which anchor; with 1 at the first entry that is not', async () => {
  const whole = await verify();
  expect(whole.out).toContain('3 entries are as they were written');
  expect(whole.out).toMatch(/The anchor of \S+ says the same of the first 3; 1 anchors in all\./);
  expect(whole.out).toContain('The storage does not hold anchors immutable');
  expect(whole.code).toBe(0);

  await world.tamper(
    `UPDATE audit_entry SET actor_name = 'X' WHERE id = (SELECT entry_id FROM audit_link WHERE seq = 2)`,
  );
  const altered = await verify('--json');
  expect(JSON.parse(altered.out)).toMatchObject({ throughSeq: '1', finding: { kind: 'altered', seq: '2' } });
  expect(altered.code).toBe(1);
  expect((await verify('--organization', '00000000-0000-4000-8000-000000000000')).code).toBe(1);
}, 60_000);
