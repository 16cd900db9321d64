/**
 * How long *Evidence* takes to find what it is asked for in a ledger of two years, and by which indexes: `npm run
 * bench:evidence` fills 10,000,000 rows (item and delivery), `-- --rows=1000000` fewer. Prints milliseconds of each question,
 * and fails where a statement reads a month of the ledger from end to end. No test waits for it.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { openDatabase } from '#lib/db.ts';
import type { Subject } from '#lib/evidence/address.ts';
import { itemPage, readingsOf, totalsOf } from '#lib/evidence/find.ts';
import { itemLines, proofOf } from '#lib/evidence/proof.ts';
import type { Actor } from '#lib/security/actor.ts';
import { migrate } from '../scripts/migrations/migrate.ts';
import { place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../scripts/services/postgres.ts';
import { fillLedger, ORGANIZATION } from './portal/ledger.ts';

const { values: given } = parseArgs({
  options: { rows: { type: 'string', default: '10000000' }, connectors: { type: 'string', default: '1000' } },
});
const ROUNDS = 15;
const ITEMS_A_PAGE = 25;
const auditor: Actor = {
  organizationId: ORGANIZATION,
  userId: randomUUID(),
  name: 'Ingrid',
  address: 'ingrid@alderbyrne.example',
  roles: ['DataConnectors.Auditor'],
};

/** Names of indexes, and of tables that are read from end to end, in the plan of a statement. */
function placesOf(plan: unknown, into: Set<string>): void {
  if (typeof plan !== 'object' || plan === null) return;
  const node = new Map(Object.entries(plan));
  const name = node.get('Index Name');
  if (typeof name === 'string') into.add(name.replace(/_\d{4}_\d\d/, '_MONTH'));
  // A month without rows is read in no time.
  if (node.get('Node Type') === 'Seq Scan' && Number(node.get('Plan Rows')) > 1_000) {
    into.add(`ALL OF ${node.get('Relation Name')}`);
  }
  for (const value of node.values()) for (const one of Array.isArray(value) ? value : [value]) placesOf(one, into);
}

/** A pool that notes the plan of whatever it is asked. */
function explaining(pool: pg.Pool, into: Set<string>): pg.Pool {
  return new Proxy(pool, {
    get: (target, name) =>
      name !== 'query'
        ? Reflect.get(target, name)
        : async (sql: string, values: unknown[]) => {
            const { rows } = await target.query(`EXPLAIN (FORMAT JSON) ${sql}`, values);
            placesOf(rows, into);
            return target.query(sql, values);
          },
  });
}

/** What the page does of a subject. */
async function show(pool: pg.Pool, subject: Subject): Promise<void> {
  const page = await itemPage(pool, auditor, subject, null, ITEMS_A_PAGE);
  await Promise.all([itemLines(pool, auditor, page.keys), totalsOf(pool, auditor, subject)]);
  if (page.next !== null) await itemPage(pool, auditor, subject, page.next, ITEMS_A_PAGE);
  const [key] = page.keys;
  if (key) await proofOf(pool, auditor, key);
}

async function measure(pool: pg.Pool, name: string, ask: (pool: pg.Pool) => Promise<unknown>): Promise<void> {
  const places = new Set<string>();
  await ask(explaining(pool, places));
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await ask(pool);
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const [p50, p95] = [times[ROUNDS >> 1], times[Math.floor(ROUNDS * 0.95)]];
  console.log(`${name}: p50 ${p50?.toFixed(0)} ms, p95 ${p95?.toFixed(0)} ms`);
  console.log(`  ${[...places].sort().join(', ')}`);
  const bad = [...places].filter((one) => /^ALL OF (item|delivery|attachment)_\d/.test(one));
  if (bad.length > 0) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-evidence-'));
const { postgres: port } = await freePorts();
const password = randomUUID();
const postgres = postgresPart({ place: place(folder), port, password, volatile: true });
try {
  await postgres.start();
  await ensureDatabase(port, password, 'evidence');
  const url = postgresUrl(port, password, 'evidence');
  await migrate(url);
  const filled = await fillLedger(url, {
    connectors: Number(given.connectors),
    rows: Number(given.rows),
    days: 730,
    users: 1_000,
  });
  const { pool, prisma } = openDatabase(url);
  await pool.query(
    `INSERT INTO item_identity (source_id, source_item_id, item_id, archived_at, sha256, organization_id)
     SELECT source_id, source_item_id, id, archived_at, sha256(source_item_id::bytea), organization_id FROM item`,
  );
  await pool.query('ANALYZE item_identity');
  console.log(`${filled.rows.toLocaleString('en')} ledger rows, filled in ${filled.seconds.toFixed(0)} s`);
  const { rows } = await pool.query<{
    number: string;
    copies: number;
    user_id: string;
    item: string;
    import_id: string;
    day: string;
  }>(
    `SELECT number, count(*)::int AS copies, max(user_id::text) AS user_id, max('item-' || item_id) AS item,
       max(import_id::text) AS import_id, max(to_char(archived_at, 'YYYY-MM-DD')) AS day
     FROM delivery WHERE user_id IS NOT NULL AND archived_at < now() - interval '400 days' GROUP BY number ORDER BY 2`,
  );
  const [rarest, busiest] = [rows[0], rows.at(-1)];
  if (!rarest || !busiest) throw new Error('nothing was filled');
  console.log(`rarest number: ${rarest.copies} copies before 400 days ago; busiest: ${busiest.copies}`);
  await measure(pool, 'a number as it is typed', (on) => readingsOf(on, auditor, busiest.number));
  await measure(pool, 'a name as it is typed', (on) => readingsOf(on, auditor, 'Person 77'));
  for (const [name, subject] of [
    ['an item', { kind: 'item', sourceItemId: busiest.item }],
    ['the busiest number', { kind: 'number', number: busiest.number }],
    ['the rarest number', { kind: 'number', number: rarest.number }],
    ['a person', { kind: 'person', userId: busiest.user_id }],
    ['a person of whom there is nothing', { kind: 'person', userId: randomUUID() }],
    ['a day', { kind: 'day', day: busiest.day }],
    ['an import', { kind: 'import', importId: busiest.import_id }],
  ] as const) {
    await measure(pool, name, (on) => show(on, subject));
  }
  await prisma.$disconnect();
  await pool.end();
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
