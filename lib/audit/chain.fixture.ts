/** An audit log of a database of the test's own, with keys and anchors that are not in it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { testBlobConnection, testDatabase } from '#testing/services.ts';
import { openDatabase } from '../db.ts';
import { connectAnchorStore } from './anchor-store.ts';
import { auditOrganizationIn } from './entries.ts';
import { parseAuditKeys } from './keys.ts';
import type { AuditDeps } from './run.ts';

export interface AuditWorld extends AuditDeps {
  readonly organizationId: string;
  /** advances the clock, milliseconds */
  wait(ms: number): void;
  /** Writes entries, each in a transaction of its own. */
  write(...comments: readonly string[]): Promise<void>;
  /** As the owner of the database, whom no trigger stops. */
  tamper(sql: string, values?: readonly unknown[]): Promise<void>;
  close(): Promise<void>;
}

export const AUDIT_KEYS = `a1:${randomBytes(32).toString('base64')}`;

export async function auditWorld(): Promise<AuditWorld> {
  const database = openDatabase(await testDatabase(), 4);
  const { pool } = database;
  const organizationId = randomUUID();
  await pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Test')`, [organizationId]);
  const blob = testBlobConnection();
  let ahead = 0;
  const grace = { organizationId, userId: randomUUID(), name: 'Grace Adeyemi', clientAddress: '203.0.113.7' };
  return {
    pool,
    organizationId,
    keys: parseAuditKeys(AUDIT_KEYS),
    anchors: connectAnchorStore(blob),
    log: pino({ level: 'silent' }),
    now: () => new Date(Date.now() + ahead),
    wait: (ms) => {
      ahead += ms;
    },
    async write(...comments) {
      for (const comment of comments) {
        const detail = { comment, count: 1, nested: { b: [1, 2.5, 'ö'], a: null } };
        await auditOrganizationIn(pool, grace, { action: 'organization.mapping-approval', detail });
      }
    },
    async tamper(sql, values = []) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query(`SET LOCAL session_replication_role = 'replica'`);
        await client.query(sql, [...values]);
        await client.query('COMMIT');
      } finally {
        client.release();
      }
    },
    async close() {
      await database.prisma.$disconnect();
      await pool.end();
    },
  };
}
