import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, inTransaction, openDatabase } from '#lib/db.ts';
import { testDatabase } from '#testing/services.ts';
import { mappingLookup } from '../lookup.ts';
import { type E164, isE164 } from '../number.ts';
import { type UploadResult, uploadMapping } from '../upload.ts';
import { mappingHeader, mappingLine } from '../write-csv.ts';
import { applyVersion, versionInForce } from './in-force.ts';
import { registeredNumbers } from './registered-numbers.ts';
import { hasValidity, type RowCursor, rowsFor, rowsOf } from './rows.ts';
import { discardVersion, readVersion } from './versions.ts';

const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const OTHER = 'b7a1c2d4-93e5-4f60-8d1b-6a2f0e9c3b58';
const HEADER = 'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n';

let database: Database;
let connectorId: string;

beforeAll(async () => {
  database = openDatabase(await testDatabase(), 5);
  await database.pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Alder & Byrne'), ($2, 'Kestrel')`, [
    ORGANIZATION,
    OTHER,
  ]);
});
afterAll(async () => {
  await database?.prisma.$disconnect();
  await database?.pool.end();
});
beforeEach(async () => {
  connectorId = randomUUID();
  await database.pool.query(
    `DELETE FROM connector WHERE status = 'draft' AND NOT EXISTS (SELECT 1 FROM mapping_version v WHERE v.connector_id = connector.id)`,
  );
  await database.pool.query(`UPDATE connector SET status = 'deleted'`);
  await database.pool.query(
    `INSERT INTO connector (id, organization_id, kind, name, created_by) VALUES ($1, $2, 'android-archiver', 'Android Archiver', 'grace')`,
    [connectorId, ORGANIZATION],
  );
});

const e164 = (text: string): E164 => {
  if (!isE164(text)) throw new Error(text);
  return text;
};

function upload(file: string, more: { leaveOut?: number; organizationId?: string } = {}): Promise<UploadResult> {
  return uploadMapping(database.pool, {
    id: randomUUID(),
    organizationId: ORGANIZATION,
    connectorId,
    origin: 'file',
    fileName: 'mapping.csv',
    createdBy: 'grace',
    reason: null,
    bytes: new TextEncoder().encode(file),
    options: { region: 'US' },
    leaveOut: 0,
    ...more,
  });
}

async function stored(file: string, more?: { leaveOut?: number }): Promise<string> {
  const result = await upload(file, more);
  if (result.kind !== 'stored') throw new Error(`not stored: ${JSON.stringify(result)}`);
  return result.versionId;
}

function apply(versionId: string, comparedWith: string | null): Promise<string> {
  return inTransaction(database.pool, (client) =>
    applyVersion(client, {
      organizationId: ORGANIZATION,
      connectorId,
      versionId,
      comparedWith,
      appliedBy: 'grace',
      at: new Date('2026-11-20T10:00:00Z'),
    }),
  );
}

const versions = async (): Promise<number> => {
  const { rows } = await database.pool.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM mapping_version WHERE connector_id = $1',
    [connectorId],
  );
  return rows[0]?.count ?? -1;
};

test('while a file is read others begin and apply versions, and each still gets a number of its own', async () => {
  const before = await stored(`${HEADER}+12125550101,grace@company.com,,\n`);
  const reading = Promise.withResolvers<void>();
  const wait = Promise.withResolvers<void>();
  const begun = uploadMapping(database.pool, {
    id: randomUUID(),
    organizationId: ORGANIZATION,
    connectorId,
    origin: 'file',
    fileName: 'large.csv',
    createdBy: 'lena',
    reason: null,
    bytes: new TextEncoder().encode(`${HEADER}nonsense,ben@company.com,,\n+12125550102,ben@company.com,,\n`),
    options: { region: 'US' },
    leaveOut: 1,
    onErrors: () => {
      reading.resolve();
      return wait.promise;
    },
  });
  await reading.promise;
  try {
    expect(await apply(before, null)).toBe('applied');
    expect(await upload(`${HEADER}+12125550103,dan@company.com,,\n`)).toMatchObject({ kind: 'stored', number: 2 });
  } finally {
    wait.resolve();
  }
  expect(await begun).toMatchObject({ kind: 'stored', number: 3 });
});

test('of many files at once each gets a number, and none is left out', async () => {
  const all = await Promise.all(
    Array.from({ length: 6 }, (_, index) => upload(`${HEADER}+1212555010${index},grace@company.com,,\n`)),
  );
  const numbers = all.map((result) => (result.kind === 'stored' ? result.number : result.kind));
  expect(numbers.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
});

describe('an uploaded file', () => {
  test('becomes a proposed version that changes nothing until it is applied', async () => {
    const file = `${HEADER}+12125550101,Grace@company.com,,\n+12125550102,ben@company.com,,\n`;
    const versionId = await stored(file);
    expect(await readVersion(database.pool, ORGANIZATION, versionId)).toMatchObject({
      number: 1,
      status: 'proposed',
      rowCount: 2,
      leftOutCount: 0,
      fileName: 'mapping.csv',
      createdBy: 'grace',
    });
    expect(await versionInForce(database.pool, ORGANIZATION, connectorId)).toBeNull();
    const { rows } = await database.pool.query('SELECT file_sha256 FROM mapping_version WHERE id = $1', [versionId]);
    expect(rows).toEqual([{ file_sha256: createHash('sha256').update(file).digest() }]);
  });

  test('with errors is not stored; without its erroneous rows only when somebody says so', async () => {
    const file = `${HEADER}+12125550101,grace@company.com,,\n4.45204E+11,ben@company.com,,\n`;
    expect(await upload(file)).toMatchObject({
      kind: 'erroneous',
      rowCount: 1,
      erroneousRowCount: 1,
      firstErrors: [{ row: 3, problem: 'number_scientific_notation' }],
    });
    expect(await versions()).toBe(0);
    for (const leaveOut of [2, 900]) {
      expect(await upload(file, { leaveOut })).toMatchObject({ kind: 'erroneous', erroneousRowCount: 1 });
    }
    expect(await versions()).toBe(0);
    const versionId = await stored(file, { leaveOut: 1 });
    expect(await readVersion(database.pool, ORGANIZATION, versionId)).toMatchObject({ rowCount: 1, leftOutCount: 1 });
  });

  test('of errors alone is not stored even so', async () => {
    expect(await upload(`${HEADER}x,y,,\n`, { leaveOut: 1 })).toMatchObject({ kind: 'erroneous' });
    expect(await versions()).toBe(0);
  });

  test('whose rows contradict each other keeps neither, also when errors are left out', async () => {
    const contrary = Array.from(
      { length: 6000 },
      (_, index) => `+1212556${String(index).padStart(4, '0')},a${index}@company.com,,\n`,
    ).join('');
    const versionId = await stored(
      `${HEADER}+12125550101,right@company.com,,\n${contrary}+12125550101,wrong@company.com,,\n`,
      { leaveOut: 2 },
    );
    expect(await rowsFor(database.pool, ORGANIZATION, versionId, [e164('+12125550101')])).toEqual([]);
    expect(await readVersion(database.pool, ORGANIZATION, versionId)).toMatchObject({
      rowCount: 6000,
      leftOutCount: 2,
    });
  });

  test('that is refused leaves nothing behind', async () => {
    const unclosed = `${HEADER}${'+12125550101,grace@company.com,,\n'}+12125550102,"ben@company.com\n+12125550103,cleo@company.com\n`;
    expect(await upload(unclosed)).toEqual({ kind: 'refused', refusal: { problem: 'unclosed_quote', row: 3 } });
    expect(await versions()).toBe(0);
  });

  test('of another organization’s administrator finds no connector', async () => {
    expect(await upload(`${HEADER}+12125550101,grace@company.com,,\n`, { organizationId: OTHER })).toEqual({
      kind: 'no_connector',
    });
  });

  test('beside another one gets a number of its own', async () => {
    const file = `${HEADER}+12125550101,grace@company.com,,\n`;
    const results = await Promise.all([upload(file), upload(file), upload(file)]);
    expect(results.map((result) => result.kind === 'stored' && result.number).toSorted()).toEqual([1, 2, 3]);
  });
});

describe('applying a version', () => {
  test('supersedes the one before, and only against what was compared', async () => {
    const first = await stored(`${HEADER}+12125550101,grace@company.com,,\n`);
    const second = await stored(`${HEADER}+12125550101,other@company.com,,\n`);
    expect(await apply(first, null)).toBe('applied');
    expect(await apply(second, null)).toBe('collision');
    expect(await versionInForce(database.pool, ORGANIZATION, connectorId)).toMatchObject({
      id: first,
      appliedBy: 'grace',
      appliedAt: new Date('2026-11-20T10:00:00Z'),
    });
    expect(await apply(second, first)).toBe('applied');
    expect(await readVersion(database.pool, ORGANIZATION, first)).toMatchObject({ status: 'superseded' });
    expect(await apply(first, second)).toBe('gone');
  });

  test('of two administrators at once, one is told', async () => {
    const [one, two] = [
      await stored(`${HEADER}+12125550101,a@company.com,,\n`),
      await stored(`${HEADER}+12125550101,b@company.com,,\n`),
    ];
    expect((await Promise.all([apply(one, null), apply(two, null)])).toSorted()).toEqual(['applied', 'collision']);
  });

  test('is not possible once it was discarded', async () => {
    const version = await stored(`${HEADER}+12125550101,a@company.com,,\n`);
    expect(await discardVersion(database.pool, OTHER, version)).toBe(false);
    expect(await discardVersion(database.pool, ORGANIZATION, version)).toBe(true);
    expect(await apply(version, null)).toBe('gone');
  });
});

describe('reading a version', () => {
  test('by number and time, for one organization only', async () => {
    const version = await stored(
      `${HEADER}+12125550101,old@company.com,,2026-03-31\n+12125550101,new@company.com,2026-04-01,\n+12125550102,ben@company.com,,\n`,
    );
    const number = e164('+12125550101');
    const rows = await rowsFor(database.pool, ORGANIZATION, version, [number]);
    expect(rows).toHaveLength(2);
    const lookup = mappingLookup(version, rows);
    expect(lookup(number, new Date('2026-03-31T23:59:59Z'))).toEqual({
      mailbox: 'old@company.com',
      versionId: version,
      row: 2,
    });
    expect(lookup(number, new Date('2026-04-01T00:00:00Z'))).toEqual({
      mailbox: 'new@company.com',
      versionId: version,
      row: 3,
    });
    expect(await rowsFor(database.pool, OTHER, version, [number])).toEqual([]);
    expect(await hasValidity(database.pool, ORGANIZATION, version)).toBe(true);
  });

  test('a download in pages can be uploaded again and says the same', async () => {
    const version = await stored(
      `${HEADER}${Array.from({ length: 25 }, (_, index) => `+1212555${String(1000 + index)},a${index}@company.com,,\n`).join('')}+12125550101,old@company.com,,2026-03-31\n+12125550101,new@company.com,2026-04-01,\n`,
    );
    const download = async (versionId: string): Promise<string> => {
      let text = mappingHeader(true);
      let after: RowCursor | null = null;
      for (;;) {
        const page = await rowsOf(database.pool, ORGANIZATION, versionId, after, 7);
        for (const row of page) text += mappingLine(row, true);
        const last = page.at(-1);
        if (last === undefined) return text;
        after = { number: last.number, from: last.validity.from };
      }
    };
    const text = await download(version);
    expect(text.split('\r\n')).toHaveLength(29);
    expect(await download(await stored(text))).toBe(text);
  });
});

test('registered numbers are those of users whom the source has not deleted', async () => {
  const { rows } = await database.pool.query<{ id: string }>(
    `INSERT INTO source (organization_id, kind, account_id, account_name) VALUES ($1, 'android-archiver', 'TM-1', 'One') RETURNING id::text`,
    [ORGANIZATION],
  );
  const sourceId = rows[0]?.id ?? '';
  await database.pool.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, status)
     VALUES ($1, $2, '+12125550101', '+12125550101', 'activated'), ($1, $2, '+12125550102', '+12125550102', 'suspended'), ($1, $2, '+12125550103', '+12125550103', 'deleted')`,
    [sourceId, ORGANIZATION],
  );
  const numbers = ['+12125550101', '+12125550102', '+12125550103', '+12125550104'].map(e164);
  expect(await registeredNumbers(database.pool, ORGANIZATION, sourceId, numbers)).toEqual(
    new Set(['+12125550101', '+12125550102']),
  );
  expect(await registeredNumbers(database.pool, OTHER, sourceId, numbers)).toEqual(new Set());
});
