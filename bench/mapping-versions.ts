/**
 * `npm run bench:versions`: what comparing and changing a mapping of a million rows costs, against the least that comparing
 * two tables of that size takes, on the same server in the same run.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import type { ComparingParts } from '../lib/connectors/mapping/parts.ts';
import { readDifference } from '../lib/connectors/mapping/store/difference-rows.ts';
import {
  differenceRows,
  mapNumber,
  type ReadingParts,
  restoreVersion,
  versionDifference,
} from '../lib/connectors/mapping/use-cases.ts';
import { openDatabase } from '../lib/db.ts';
import type { Actor } from '../lib/security/actor.ts';
import { parseKeyRing } from '../lib/security/keyring.ts';
import { migrate } from '../scripts/migrations/migrate.ts';
import { place } from '../scripts/services/place.ts';
import { freePorts } from '../scripts/services/ports.ts';
import { ensureDatabase, postgresPart, postgresUrl } from '../scripts/services/postgres.ts';
import { report } from './report.ts';

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const ROWS = Number(values.rows);

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const CONNECTOR = '00000000-0000-4000-8000-0000000000c1';
const [OLD, NEW] = ['00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000a2'] as const;
const ADMIN: Actor = {
  organizationId: ORGANIZATION,
  userId: '00000000-0000-4000-8000-00000000001a',
  name: 'Grace',
  address: 'grace@company.example',
  roles: ['DataConnectors.Admin'],
};

/** A live connector, `ROWS` registered users, a version in force that maps them, and one in which one in a thousand goes elsewhere. */
const SEED = `
  INSERT INTO organization (id, name, verified_domains, directory_read_at)
    VALUES ('${ORGANIZATION}', 'Bench', '{company.example}', now() + interval '1 day');
  INSERT INTO source (id, organization_id, kind, account_id, account_name) VALUES (1, '${ORGANIZATION}', 'android-archiver', 'a', 'a');
  INSERT INTO connector (id, organization_id, kind, name, status, terms_accepted_at, source_id, username, password_sealed,
      source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from, created_by, finished_at)
    VALUES ('${CONNECTOR}', '${ORGANIZATION}', 'android-archiver', 'Bench', 'live', now(), 1, 'u', 's', 'r', now(), now(), now(),
      'bench', now());
  INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, created_by, base_version_id)
    VALUES ('${OLD}', '${ORGANIZATION}', '${CONNECTOR}', 1, 'in_force', 'file', 'bench', NULL),
      ('${NEW}', '${ORGANIZATION}', '${CONNECTOR}', 2, 'proposed', 'file', 'bench', '${OLD}');
  INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status)
    SELECT 1, '${ORGANIZATION}', number, number, 'User' || i || '@company.example', 'User ' || i, 'activated'
    FROM generate_series(1, ${ROWS}) AS i, LATERAL (SELECT '+1212' || lpad(i::text, 7, '0') AS number) AS n;
  INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox)
    SELECT v.id, '${ORGANIZATION}', '+1212' || lpad(i::text, 7, '0'), i + 1,
      CASE WHEN v.number = 2 AND i % 1000 = 0 THEN 'other' ELSE 'user' END || i || '@company.example'
    FROM mapping_version v, generate_series(1, ${ROWS} - 1) AS i;
  UPDATE mapping_version SET row_count = ${ROWS} - 1;`;

/** The least: both sides read and compared, and nothing said of it. */
const BARE = `SELECT count(*) FILTER (WHERE o.mailbox IS DISTINCT FROM n.mailbox)
  FROM (SELECT * FROM mapping_row WHERE version_id = '${OLD}') o
  FULL JOIN (SELECT * FROM mapping_row WHERE version_id = '${NEW}') n ON n.number = o.number AND n.valid_from = o.valid_from`;

const COMPARED = {
  organizationId: ORGANIZATION,
  connectorId: CONNECTOR,
  sourceId: '1',
  versionId: NEW,
  against: OLD,
  verifiedDomains: ['company.example'],
};
const NEAR_THE_END = { number: `+1212${String(ROWS - 200).padStart(7, '0')}`, validFrom: null };

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function measure(pool: pg.Pool, parts: ReadingParts & ComparingParts): Promise<void> {
  const input = { connectorId: CONNECTOR, versionId: NEW };
  const page = { ...input, kind: 'changed', after: null, limit: 100 } as const;
  const map = (index: number) =>
    mapNumber(parts, ADMIN, {
      connectorId: CONNECTOR,
      number: `+164655500${index}`,
      mailbox: 'new@company.example',
      reason: 'a new phone',
    });
  const bare = await seconds(() => pool.query(BARE));
  const again = await seconds(() => pool.query(BARE));
  const measured: (readonly [string, number])[] = [
    ['bare full join', Math.min(bare, again)],
    ['difference, effect and guards', await seconds(() => versionDifference(parts, ADMIN, input))],
    ['a page of what changed', await seconds(() => differenceRows(parts, ADMIN, page))],
    [
      'the first page of what did not',
      await seconds(() => differenceRows(parts, ADMIN, { ...page, kind: 'unchanged' })),
    ],
    [
      'its last page',
      await seconds(() => readDifference(pool, COMPARED, 'unchanged', { after: NEAR_THE_END, limit: 100 })),
    ],
  ];
  report(
    `Two versions of ${ROWS.toLocaleString('en')} rows`,
    'rows',
    measured.map(([name, took]) => ({ name, perSecond: ROWS / took, more: { seconds: took.toFixed(2) } })),
  );
  const clicks: (readonly [string, number])[] = [
    ['one number is mapped', await seconds(() => map(10))],
    ['another one', await seconds(() => map(11))],
    [
      'an old version is proposed again',
      await seconds(() => restoreVersion(parts, ADMIN, { connectorId: CONNECTOR, versionId: OLD })),
    ],
  ];
  console.log('\nChanges');
  console.table(Object.fromEntries(clicks.map(([name, took]) => [name, { milliseconds: Math.round(took * 1000) }])));
}

const folder = mkdtempSync(join(tmpdir(), 'bench-versions-'));
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
    await measure(database.pool, {
      database,
      keyRing: parseKeyRing(`bench:${randomBytes(32).toString('base64')}`),
      graph: () => {
        throw new RangeError('the directory is not asked');
      },
      enqueue: async () => {},
      notify: () => {},
    });
  } finally {
    await database.prisma.$disconnect();
    await database.pool.end();
  }
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
