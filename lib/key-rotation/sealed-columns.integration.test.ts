import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { seal, sealSecret } from '../security/sealing.ts';
import { ENDING_COLUMNS, keyIdSql, RESEALED_COLUMNS } from './sealed-columns.ts';

let pool: pg.Pool;
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await testDatabase(), max: 2 });
});
afterAll(() => pool.end());

/** Bytes that are no secret and are sealed with nothing. */
const HASHES = [
  'attachment.sha256',
  'audit_checkpoint.digest',
  'audit_link.mac',
  'consent_request.nonce_sha256',
  'delivery.content_hash',
  'item_change.sha256',
  'item_identity.sha256',
  'mapping_version.file_sha256',
  'sealing_key.check_value',
];

it('every column that may hold something sealed is on the list of what a new key takes over', async () => {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.table_name || '.' || c.column_name AS name FROM information_schema.columns c
     JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
     WHERE c.table_schema = 'public' AND t.relkind IN ('r', 'p')
       AND (c.data_type = 'bytea' OR c.column_name ~ 'seal|secret|password|encrypt|cipher|wrapped')
     ORDER BY 1`,
  );
  const listed = [
    ...[...RESEALED_COLUMNS, ...ENDING_COLUMNS].map(({ table, column }) => `${table}.${column}`),
    ...RESEALED_COLUMNS.flatMap(({ table, namedBy }) => (namedBy === undefined ? [] : [`${table}.${namedBy}`])),
  ];
  expect(rows.map(({ name }) => name)).toEqual([...listed, ...HASHES].sort());
});

describe('the key of a sealed value is read in SQL', () => {
  const idOf = async (form: 'text' | 'bytea', value: string | Buffer): Promise<string> => {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT ${keyIdSql({ column: 'v', form })} AS id FROM (SELECT $1::${form} AS v) AS one`,
      [value],
    );
    return rows[0]?.id ?? 'no row';
  };

  it.each(Array.from({ length: 32 }, (_, index) => index + 1))('with an id of %d characters', async (length) => {
    const id = 'a.b-c_D9'.repeat(4).slice(0, length);
    const ring = parseKeyRing(`${id}:${randomBytes(32).toString('base64')}`);
    expect(await idOf('bytea', seal(ring, Buffer.alloc(0), 'x'))).toBe(id);
    for (const secret of ['', 'a', 'ab', 'a longer secret']) {
      expect(await idOf('text', sealSecret(ring, secret, 'x'))).toBe(id);
    }
  });

  it.each(['', 'sealed', 'sealed.', 'sealed.!!!!', `sealed.${'='.repeat(50)}`, 'hunter2'])(
    'and "%s" has none',
    async (text) => {
      expect(await idOf('text', text)).toBe('');
    },
  );

  it.each([Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(64)])(
    'nor have bytes that are not sealed',
    async (bytes) => {
      expect(await idOf('bytea', bytes)).toBe('');
    },
  );
});
