/** Whatever somebody uploads: what cannot be applied is not stored, and the mapping in force stays as it was. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, inTransaction, openDatabase } from '#lib/db.ts';
import { testDatabase } from '#testing/services.ts';
import { BAD_FILES } from './bad-files.fixture.ts';
import { applyVersion, versionInForce } from './store/in-force.ts';
import { rowsOf } from './store/rows.ts';
import { type UploadResult, uploadMapping } from './upload.ts';

const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const CONNECTOR = '0d3f3f0e-93e5-4f60-8d1b-6a2f0e9c3b58';

let database: Database;
let before: unknown;

beforeAll(async () => {
  database = openDatabase(await testDatabase(), 5);
  const { pool } = database;
  await pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Alder & Byrne')`, [ORGANIZATION]);
  await pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, created_by) VALUES ($1, $2, 'android-archiver', 'Android Archiver', 'grace')`,
    [CONNECTOR, ORGANIZATION],
  );
  const good = 'ExternalUserId,O365UserMailbox\n+12125550100,ann@company.com\n+12125550199,zoe@company.com\n';
  const stored = await upload(new TextEncoder().encode(good));
  if (stored.kind !== 'stored') throw new Error(stored.kind);
  const application = { organizationId: ORGANIZATION, connectorId: CONNECTOR, versionId: stored.versionId };
  const by = { comparedWith: null, appliedBy: 'grace', at: new Date('2026-11-20T10:00:00Z') };
  await inTransaction(pool, (client) => applyVersion(client, { ...application, ...by }));
  before = await inForce();
});
afterAll(async () => {
  await database?.prisma.$disconnect();
  await database?.pool.end();
});

interface Watched {
  readonly signal: AbortSignal;
  readonly onErrors?: () => void;
  readonly complete?: () => Promise<number>;
}

function upload(bytes: Uint8Array, watched?: Watched): Promise<UploadResult> {
  return uploadMapping(database.pool, {
    id: randomUUID(),
    organizationId: ORGANIZATION,
    connectorId: CONNECTOR,
    origin: 'file',
    fileName: 'mapping.csv',
    createdBy: 'grace',
    reason: null,
    bytes,
    options: { region: 'US', signal: watched?.signal },
    leaveOut: 0,
    ...watched,
  });
}

/** The version in force and its rows, and how many versions and rows there are in all. */
async function inForce() {
  const { pool } = database;
  const version = await versionInForce(pool, ORGANIZATION, CONNECTOR);
  const rows = await rowsOf(pool, ORGANIZATION, version?.id ?? '', null, 10);
  const counts = await pool.query(
    'SELECT (SELECT count(*) FROM mapping_version)::integer AS versions, (SELECT count(*) FROM mapping_row)::integer AS rows',
  );
  return { version, rows, counts: counts.rows };
}

describe('the mapping in force stays as it was after', () => {
  test.each(Object.entries(BAD_FILES))('%s', async (_, { bytes, outcome }) => {
    const result = await upload(bytes());
    expect(result.kind).toBe(outcome === 'refused' ? 'refused' : 'erroneous');
    expect(await inForce()).toEqual(before);
  });

  test('an upload that is cancelled while its rows are written', async () => {
    const cancelling = new AbortController();
    const rows = Array.from({ length: 30_000 }, (_, index) => `+1212${2_000_000 + index},p${index}@company.com\n`);
    // When this row is met, five sets are written or on their way.
    rows[25_000] = 'x,p@company.com\n';
    const file = new TextEncoder().encode(`ExternalUserId,O365UserMailbox\n${rows.join('')}`);
    const onErrors = () => cancelling.abort(new Error('cancelled'));
    await expect(upload(file, { signal: cancelling.signal, onErrors })).rejects.toThrow('cancelled');
    expect(await inForce()).toEqual(before);
  });
  test('an upload that is cancelled when its rows are written', async () => {
    const cancelling = new AbortController();
    const complete = async () => {
      cancelling.abort(new Error('cancelled'));
      return 1;
    };
    const file = new TextEncoder().encode('ExternalUserId,O365UserMailbox\n+12125550101,bob@company.com\n');
    await expect(upload(file, { signal: cancelling.signal, complete })).rejects.toThrow('cancelled');
    expect(await inForce()).toEqual(before);
  });
});
