/** What a login of portal and workers may not do, whatever it asks for. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { ensureLogin } from '../services/postgres.ts';
import { APP_ROLE } from './rights.ts';

const LOGIN = `app_${randomBytes(6).toString('hex')}`;
const DENIED = /permission denied|must be owner/;

let app: pg.Client;
let owner: pg.Client;
beforeAll(async () => {
  const database = await testDatabase();
  const password = randomBytes(12).toString('hex');
  await ensureLogin(database, { name: LOGIN, password, memberOf: APP_ROLE });
  const url = new URL(database);
  url.username = LOGIN;
  url.password = password;
  app = new pg.Client({ connectionString: url.href });
  owner = new pg.Client({ connectionString: database });
  await app.connect();
  await owner.connect();
  await app.query(
    `INSERT INTO audit_entry (organization_id, actor, actor_name, action, target_type, target_id)
     VALUES (gen_random_uuid(), 'system', 'system', 'connector.paused', 'connector', '1')`,
  );
  await app.query(
    `INSERT INTO audit_link (organization_id, seq, entry_id, entry_at, key_id, mac)
     SELECT organization_id, 1, entry_id, entry_at, 'a1', '' FROM audit_unlinked`,
  );
});
afterAll(async () => {
  await app.end();
  await owner.query(`DROP OWNED BY ${LOGIN}`);
  await owner.query(`DROP ROLE ${LOGIN}`);
  await owner.end();
});

it.each([
  `UPDATE audit_entry SET result = 'refused'`,
  'DELETE FROM audit_entry',
  'TRUNCATE audit_entry',
  'DROP TABLE audit_entry',
  'DROP TRIGGER audit_entry_append_only ON audit_entry',
  'ALTER TABLE audit_entry DISABLE TRIGGER ALL',
  'ALTER TABLE audit_entry DETACH PARTITION audit_entry_default',
  `UPDATE audit_entry_default SET result = 'refused'`,
  `SET session_replication_role = 'replica'`,
  `UPDATE audit_link SET mac = '\\x00'`,
  'DELETE FROM audit_link',
  'TRUNCATE audit_link',
  'DELETE FROM audit_anchor',
  'DELETE FROM audit_checkpoint',
  `UPDATE audit_checkpoint SET entries = 0`,
  'DELETE FROM sign_off',
  `UPDATE sign_off SET reason = 'other'`,
  'DELETE FROM _prisma_migrations',
  'CREATE TABLE public.mine (a integer)',
])('is denied: %s', async (statement) => {
  await expect(app.query(statement)).rejects.toThrow(DENIED);
});

it('may make the partitions that it writes into', async () => {
  const future = '2031-05-15T00:00:00Z';
  await app.query('SELECT ensure_audit_partition($1), ensure_ledger_partitions($1)', [future]);
  const { rows } = await owner.query<{ owner: string }>(
    `SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname LIKE '%\\_2031\\_05'`,
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.owner).not.toBe(LOGIN);
});

it.each([
  `UPDATE audit_entry SET result = 'refused'`,
  'DELETE FROM audit_entry',
  'TRUNCATE audit_entry',
  `UPDATE audit_link SET mac = '\\x00'`,
  'DELETE FROM audit_link',
])('is refused to the owner, too, by a trigger: %s', async (statement) => {
  await expect(owner.query(statement)).rejects.toThrow('is append-only');
});
