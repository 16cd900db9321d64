/** Records go when they were kept long enough: as months, with an entry, and never what somebody may still need. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testBlobConnection } from '#testing/services.ts';
import { anchorHeads } from '../audit/anchor-heads.ts';
import { connectAnchorStore } from '../audit/anchor-store.ts';
import { parseAuditKeys } from '../audit/keys.ts';
import { linkEntries } from '../audit/link-entries.ts';
import { verifyAuditLog } from '../audit/verify.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { purgeDue, type RetentionDeps } from './purge.ts';
import { resumeDeletion, suspendDeletion } from './suspend.ts';

const OLD = '2018-03';
let sandbox: TestSandbox;
let engine: Engine;
let deps: RetentionDeps;
let organizationId: string;
beforeEach(async () => {
  sandbox = await startTestSandbox({ SANDBOX_ITEMS_PER_DAY: '30' });
  engine = await startEngine(sandbox);
  await engine.connect();
  await engine.finish();
  const { pool } = engine.database;
  deps = {
    pool,
    keys: parseAuditKeys(`a1:${randomBytes(32).toString('base64')}`),
    anchors: connectAnchorStore(testBlobConnection()),
    log: pino({ level: 'silent' }),
    years: { ledger: 7, audit: 7 },
    now: () => new Date(),
  };
  const { rows } = await pool.query<{ id: string }>('SELECT organization_id AS id FROM connector LIMIT 1');
  organizationId = rows[0]?.id ?? '';
}, 120_000);
afterEach(async () => {
  await engine.close();
  await sandbox.stop();
});

/** What the import wrote, once more in a month of eight years ago. */
async function ageLedger(): Promise<void> {
  const { pool } = engine.database;
  await pool.query('SELECT ensure_ledger_partitions($1)', [`${OLD}-10`]);
  for (const table of ['item', 'delivery', 'attachment']) {
    const { rows } = await pool.query<{ name: string }>(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'`,
      [table],
    );
    const names = rows.map(({ name }) => name);
    const values = names.map((name) => (name === 'archived_at' ? `timestamptz '${OLD}-10'` : `"${name}"`));
    await pool.query(
      `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join()})
       SELECT ${values.join()} FROM ${table} WHERE archived_at > '2020-01-01'`,
    );
  }
}

/** An entry that is eight years old. */
async function ageAudit(): Promise<void> {
  const { pool } = engine.database;
  await pool.query('SELECT ensure_audit_partition($1)', [`${OLD}-10`]);
  await pool.query(
    `INSERT INTO audit_entry (organization_id, at, actor, actor_name, action, target_type, target_id)
     SELECT $1, $2::timestamptz + n * interval '1 hour', 'system', 'system', 'connector.paused', 'connector', 'x'
     FROM generate_series(1, 3) n`,
    [organizationId, `${OLD}-10`],
  );
  await linkEntries(pool, deps.keys);
}

const number = async (sql: string): Promise<number> => {
  const { rows } = await engine.database.pool.query<{ n: number }>(`SELECT (${sql})::int AS n`);
  return rows[0]?.n ?? -1;
};
const oldItems = (): Promise<number> => number(`SELECT count(*) FROM item WHERE archived_at < '2019-01-01'`);
const outcome = async (kind: string) =>
  (await purgeDue(deps)).filter((one) => one.kind === kind).map(({ month, stays }) => ({ month, stays }));

it('a month of evidence that is older than seven years is gone, with its entry, and no other', async () => {
  await ageLedger();
  await engine.database.pool.query(
    `UPDATE delivery SET state = 'skipped', user_id = NULL WHERE archived_at < '2019-01-01'`,
  );
  await engine.database.pool.query(`UPDATE item SET outcome = 'imported' WHERE archived_at < '2019-01-01'`);
  const [all, old] = [await number('SELECT count(*) FROM item'), await oldItems()];
  expect(old).toBeGreaterThan(10);
  deps = { ...deps, years: { ledger: 9, audit: 9 } };
  expect(await outcome('ledger')).toEqual([]);
  deps = { ...deps, years: { ledger: 7, audit: 7 } };
  expect(await outcome('ledger')).toEqual([{ month: OLD, stays: null }]);
  expect(await number('SELECT count(*) FROM item')).toBe(all - old);
  expect(await number(`SELECT count(*) FROM pg_class WHERE relname LIKE '%2018\\_03'`)).toBe(0);
  expect(await number(`SELECT (detail->>'count')::int FROM audit_entry WHERE action = 'evidence.purged'`)).toBe(old);
  expect(await outcome('ledger')).toEqual([]);
}, 120_000);

it('what is in no mailbox and not signed off keeps its month', async () => {
  await ageLedger();
  await engine.database.pool.query(
    `UPDATE delivery SET state = 'failed', reason = 'too_large' WHERE archived_at < '2019-01-01' AND user_id IS NOT NULL`,
  );
  expect(await outcome('ledger')).toEqual([{ month: OLD, stays: 'undone' }]);
  expect(await oldItems()).toBeGreaterThan(10);
}, 120_000);

it('nothing goes while deletion is suspended, and PostgreSQL refuses it to everybody', async () => {
  await ageLedger();
  await ageAudit();
  const { pool } = engine.database;
  expect(await suspendDeletion(pool, organizationId, 'Case 2026-114')).toBe(true);
  expect(await suspendDeletion(pool, organizationId, 'Again')).toBe(false);
  expect(await outcome('ledger')).toEqual([{ month: OLD, stays: 'suspended' }]);
  expect(await outcome('audit')).toEqual([{ month: OLD, stays: 'suspended' }]);
  for (const kind of ['ledger', 'audit']) {
    await expect(pool.query('SELECT drop_month($1, $2)', [kind, `${OLD}-01T00:00:00Z`])).rejects.toThrow('suspended');
  }
  expect(await resumeDeletion(pool, organizationId, 'Closed')).toBe(true);
  expect(await outcome('audit')).toEqual([{ month: OLD, stays: null }]);
}, 120_000);

it('the audit log is verified over a month that is gone, and what is changed of the rest of it is found', async () => {
  const { pool } = engine.database;
  await ageAudit();
  await anchorHeads(deps);
  const before = await verifyAuditLog(deps, organizationId);
  expect(before.finding).toBeNull();
  expect(await outcome('audit')).toEqual([{ month: OLD, stays: null }]);
  await linkEntries(pool, deps.keys);
  expect(await number(`SELECT count(*) FROM audit_entry WHERE at < '2019-01-01'`)).toBe(0);
  const after = await verifyAuditLog(deps, organizationId);
  expect(after.finding).toBeNull();
  expect(BigInt(after.throughSeq)).toBeGreaterThan(BigInt(before.throughSeq));

  const { rows } = await pool.query<{ seq: string }>(
    `SELECT seq FROM audit_link WHERE entry_at < '2019-01-01' LIMIT 1`,
  );
  const client = await pool.connect();
  await client.query(`SET session_replication_role = 'replica'`);
  await client.query(
    `UPDATE audit_link SET entry_id = -entry_id, entry_at = entry_at - interval '1 year' WHERE seq = $1`,
    [rows[0]?.seq],
  );
  client.release(true);
  expect((await verifyAuditLog(deps, organizationId)).finding).not.toBeNull();
}, 120_000);

it('a young month stays, whatever the settings say', async () => {
  const month = `${new Date().toISOString().slice(0, 7)}-01T00:00:00Z`;
  for (const kind of ['ledger', 'audit']) {
    await expect(engine.database.pool.query('SELECT drop_month($1, $2)', [kind, month])).rejects.toThrow('too_young');
  }
}, 120_000);
