/**
 * The restore of docs/backup.md as PostgreSQL does it: a base backup of a server that runs, its write-ahead log archived, and a
 * new server that goes through that log to a point in time. (`pg_basebackup` does the same by the same functions; the package
 * that brings the server brings no client programs.)
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import pino from 'pino';
import { afterAll, expect, inject, it } from 'vitest';
import { migrate } from '#scripts/migrations/migrate.ts';
import { grantRights } from '#scripts/migrations/rights.ts';
import { place } from '#scripts/services/place.ts';
import { freePorts } from '#scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '#scripts/services/postgres.ts';
import { testBlobConnection } from '#testing/services.ts';
import { insertConnector } from '../imports/connector.fixture.ts';
import { BlobContainer } from '../staging/azure.ts';
import { containerClient } from '../staging/connect.ts';
import { recoveringConnectors } from './standing.ts';
import { LedgerWatch } from './watch.ts';

const PASSWORD = 'of-a-server-of-this-test';
const blob = testBlobConnection();
const folder = join(inject('services').folder, 'base-backup');
const archive = join(folder, 'archive');
const dataOf = (name: string): string => place(join(folder, name)).data('postgres');
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(name: string, settings: Readonly<Record<string, string>>): Promise<string> {
  const { postgres: port } = await freePorts();
  const part = postgresPart({ place: place(join(folder, name)), port, password: PASSWORD, volatile: true, settings });
  stops.push(() => part.stop());
  await part.start();
  await ensureDatabase(port, PASSWORD, 'portal');
  return postgresUrl(port, PASSWORD, 'portal');
}

async function query<T extends object>(connectionString: string, ...statements: readonly string[]): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    let rows: T[] = [];
    for (const statement of statements) ({ rows } = await client.query<T>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

const look = (connectionString: string): Promise<void> =>
  new LedgerWatch(
    {
      connectionString,
      container: new BlobContainer(containerClient(blob)),
      failoverLosesNothing: false,
      log: pino({ level: 'silent' }),
    },
    () => {},
  ).look(0);

/** Copies the data of a server that runs, and what PostgreSQL wants beside it. */
async function baseBackup(connectionString: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('before the mistake', true)`);
    // Node's own copy does not keep the owner, which the server insists on.
    execFileSync('cp', ['-a', from, to]);
    rmSync(join(to, 'postmaster.pid'));
    for (const segment of globSync(join(to, 'pg_wal', '0*'))) rmSync(segment);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(true)');
    writeFileSync(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
}

it('a database that was restored to a point in time knows what was so then, and holds its connectors', async () => {
  mkdirSync(archive, { recursive: true, mode: 0o777 });
  const live = await serve('live', { archive_mode: 'on', archive_command: `cp "%p" "${archive}/%f"` });
  await migrate(live);
  await grantRights(live);
  const pool = new pg.Pool({ connectionString: live, max: 1 });
  await insertConnector(pool);
  await pool.end();
  await look(live);
  mkdirSync(join(folder, 'again'), { recursive: true });
  await baseBackup(live, dataOf('live'), dataOf('again'));

  // After the backup, and in its log; then what is to be taken back.
  await query(live, `UPDATE connector SET name = 'Renamed'`, `SELECT pg_create_restore_point('before_the_mistake')`);
  await look(live);
  await query(live, 'DELETE FROM source_user', `UPDATE connector SET name = 'Mistaken'`, 'SELECT pg_switch_wal()');

  writeFileSync(join(dataOf('again'), 'recovery.signal'), '');
  const again = await serve('again', {
    restore_command: `cp "${archive}/%f" "%p"`,
    recovery_target_name: 'before_the_mistake',
    recovery_target_action: 'promote',
  });
  while ((await query<{ is: boolean }>(again, 'SELECT pg_is_in_recovery() AS is'))[0]?.is !== false) await sleep(50);
  expect(await query(again, 'SELECT name FROM connector')).toEqual([{ name: 'Renamed' }]);

  // As the operator goes on: the schema and the rights are there already, and a worker looks.
  await migrate(again);
  await grantRights(again);
  await look(again);
  const client = new pg.Client({ connectionString: again });
  await client.connect();
  expect(await recoveringConnectors(client)).toMatchObject([{ name: 'Renamed', cause: 'older', confirmedAt: null }]);
  await client.end();
  expect(await query(again, `SELECT split_part(home, '/', 2) AS timeline FROM ledger_epoch`)).toEqual([
    { timeline: '00000002' },
  ]);
});
