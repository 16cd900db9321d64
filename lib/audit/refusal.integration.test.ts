/** A refusal is noted once, whichever process or bundle of code refuses. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, testRedisUrl } from '#testing/services.ts';
import { type Database, openDatabase } from '../db.ts';
import { createLimits } from '../limits/limits.ts';
import { hastyConnection } from '../queue/connection.ts';
import type { Actor } from '../security/actor.ts';
import type { Permission } from '../security/roles.ts';
import { noteRefusal } from './refusal.ts';

let database: Database;
let redisUrl: string;
const connections: Redis[] = [];
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 6);
  redisUrl = await testRedisUrl();
});
afterAll(async () => {
  for (const connection of connections) connection.disconnect();
  await database.prisma.$disconnect();
  await database.pool.end();
});

function depsOfProcess(url = redisUrl) {
  const connection = hastyConnection(url);
  connections.push(connection);
  return { pool: database.pool, limits: createLimits(connection, 'test', pino({ level: 'silent' })) };
}

async function somebody(): Promise<Actor> {
  const organizationId = randomUUID();
  await database.pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Test')`, [organizationId]);
  return { organizationId, userId: randomUUID(), name: 'Tomasz', address: 't@example.com', roles: [] };
}

async function noted(actor: Actor): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `SELECT result, detail->>'permission' AS permission, detail->>'path' AS path FROM audit_entry
     WHERE action = 'access.refused' AND actor = $1 ORDER BY id`,
    [actor.userId],
  );
  return rows;
}

it('once for a person and a permission, though several processes refuse at once', async () => {
  const actor = await somebody();
  const refusals = [depsOfProcess(), depsOfProcess(), depsOfProcess()];
  const refuse = (permission: Permission) =>
    Promise.all(refusals.map((deps) => noteRefusal(deps, actor, permission, '/audit-log?from=2026-11-01')));
  await refuse('audit.read');
  await refuse('audit.read');
  expect(await noted(actor)).toEqual([{ result: 'refused', permission: 'audit.read', path: '/audit-log' }]);
  await refuse('content.read');
  expect(await noted(actor)).toHaveLength(2);
});

it('by each process where Redis is away, and never lost', async () => {
  const actor = await somebody();
  const deps = depsOfProcess('redis://127.0.0.1:1');
  for (let time = 1; time <= 3; time++) await noteRefusal(deps, actor, 'audit.read', null);
  expect(await noted(actor)).toEqual([{ result: 'refused', permission: 'audit.read', path: null }]);
});
