/**
 * `npm run bench:notifications`: what a minute's round over 1,000 connectors costs, each with five weeks of imports, against
 * reading the rows of the Connectors tab, which is the least that a round must do.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { rowsOfOrganization } from '../lib/connectors/overview.ts';
import { openDatabase } from '../lib/db.ts';
import { recentDays, weeksBefore } from '../lib/notifications/silence.ts';
import { importedOn } from '../lib/notifications/store/facts.ts';
import { sweepNotifications } from '../lib/notifications/sweep.ts';
import { migrate } from '../scripts/migrations/migrate.ts';
import { place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../scripts/services/postgres.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: { connectors: { type: 'string', default: '1000' } },
});
const CONNECTORS = Number(values.connectors);
const DAYS = 35;
const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const NOW = new Date('2026-11-26T09:00:00Z');
const FIRST_DAY = new Date(Date.UTC(2026, 10, 26 - DAYS));

/** Live connectors, each with an import of each day, in the counters of which something was imported, and three who are told. */
const SEED = `
  INSERT INTO organization (id, name) VALUES ('${ORGANIZATION}', 'Bench');
  INSERT INTO source (organization_id, kind, account_id, account_name)
    SELECT '${ORGANIZATION}', 'android-archiver', 'a' || n, 'a' FROM generate_series(1, ${CONNECTORS}) n;
  INSERT INTO connector (id, organization_id, kind, name, status, terms_accepted_at, source_id, username, password_sealed,
      source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, created_by, finished_at)
    SELECT gen_random_uuid(), '${ORGANIZATION}', 'android-archiver', 'Branch ' || id, 'live', now(), id, 'u', 's', 'r', now(),
      now(), now(), 'bench', now() FROM source;
  INSERT INTO import_window (organization_id, connector_id, starts_at, ends_at, follows, state)
    SELECT '${ORGANIZATION}', c.id, d, d + interval '1 day', CASE WHEN n > 1 THEN d END, 'closed' FROM connector c,
      generate_series('${FIRST_DAY.toISOString()}'::timestamptz, '2026-11-25T00:00:00Z', '1 day') WITH ORDINALITY AS day (d, n);
  INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase, started_at, collected_at,
      completed_at)
    SELECT gen_random_uuid(), w.organization_id, w.connector_id, c.source_id, w.id,
      row_number() OVER (PARTITION BY w.connector_id ORDER BY w.starts_at), 'scheduled', 'completed', w.ends_at, w.ends_at,
      w.ends_at FROM import_window w JOIN connector c ON c.id = w.connector_id;
  INSERT INTO import_counter (import_id, shard, outcome, count)
    SELECT i.id, 0, outcome, 40 FROM import i, unnest(ARRAY['items.listed', 'items.imported', 'copies.available',
      'copies.imported', 'items.repeat', 'copies.skipped']) AS outcome;
  INSERT INTO notification_setting (connector_id, organization_id, addresses, summary_due_at)
    SELECT id, '${ORGANIZATION}', '{ada@x.example,ben@x.example,cleo@x.example}', '2026-11-27' FROM connector;`;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** The best of some: what other processes of the machine cost is not the round's. */
async function bestOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push(await seconds(work));
  return Math.min(...all);
}

async function measure(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM connector');
  const ids = rows.map(({ id }) => id);
  const round = (now: Date) =>
    sweepNotifications({ pool, now: () => now, appCredentialEnds: () => null }, ORGANIZATION);
  const days = recentDays(NOW);
  const measured: [string, number][] = [
    ['rows of the Connectors tab', await bestOf(5, () => rowsOfOrganization(pool, ORGANIZATION, ids, NOW))],
    ['two days of imports', await bestOf(5, () => importedOn(pool, ORGANIZATION, ids, days))],
    [
      'two days and the weeks before',
      await bestOf(5, () => importedOn(pool, ORGANIZATION, ids, [...days, ...weeksBefore(days)])),
    ],
    ['a round, all is well', await bestOf(5, () => round(NOW))],
  ];
  await pool.query(
    `INSERT INTO alert (organization_id, connector_id, code) SELECT organization_id, id, 'overdue' FROM connector`,
  );
  measured.push(['a round in which all fail', await seconds(() => round(NOW))]);
  measured.push(['a round while all fail', await bestOf(5, () => round(NOW))]);
  measured.push(['a round with the summaries', await seconds(() => round(new Date('2026-11-27T00:00:00Z')))]);
  await pool.query('UPDATE alert SET resolved_at = now()');
  measured.push(['a round in which all recover', await seconds(() => round(NOW))]);
  await pool.query(`UPDATE import_counter k SET count = 0 FROM import i JOIN import_window w ON w.id = i.window_id
    WHERE k.import_id = i.id AND w.starts_at >= '2026-11-24T00:00:00Z'`);
  measured.push(['a round in which nothing was imported by any', await seconds(() => round(NOW))]);
  report(
    `${CONNECTORS.toLocaleString('en')} connectors, ${DAYS} days, three people`,
    'connectors',
    measured.map(([name, took]) => ({ name, perSecond: CONNECTORS / took, more: { ms: (took * 1000).toFixed(0) } })),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'bench-notifications-'));
const { postgres: port } = await freePorts();
const password = randomBytes(16).toString('hex');
const postgres = postgresPart({ place: place(folder), port, password });
try {
  console.log(
    `${cpus().length} cores of ${cpus()[0]?.model ?? '?'}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}`,
  );
  await postgres.start();
  await ensureDatabase(port, password, 'bench');
  await migrate(postgresUrl(port, password, 'bench'));
  const database = openDatabase(postgresUrl(port, password, 'bench'), 3, 3_600_000);
  try {
    await database.pool.query(SEED);
    await database.pool.query('VACUUM ANALYZE');
    await measure(database.pool);
  } finally {
    await database.prisma.$disconnect();
    await database.pool.end();
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
