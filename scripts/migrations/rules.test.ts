import { expect, it } from 'vitest';
import { VERSION } from '#lib/generated/migrations.ts';
import { readMigrations } from './files.ts';
import { faultsOf } from './rules.ts';

/** Those before were written when no version was out that could have been running. */
const HELD_FROM = '20261217000000';

const faults = async (sql: string, name = '29990101000000_x'): Promise<string[]> =>
  (await faultsOf({ name, sql }, '0.3.0')).map((line) => line.slice(name.length + 1));

it('every migration can be applied while the version before it serves', async () => {
  const found = await Promise.all(
    readMigrations()
      .filter(({ name }) => name >= HELD_FROM)
      .map((migration) => faultsOf(migration, VERSION)),
  );
  expect(found.flat()).toEqual([]);
});

it.each([
  'CREATE TABLE a (b text NOT NULL UNIQUE); CREATE UNIQUE INDEX a_b ON a (b); ALTER TABLE a ADD CHECK (b <> $$$$)',
  `ALTER TABLE delivery ADD COLUMN b text, ADD COLUMN c text NOT NULL DEFAULT 'x', ADD COLUMN d timestamptz NOT NULL DEFAULT now()`,
  'ALTER TABLE delivery ADD CONSTRAINT delivery_b CHECK (b > 0) NOT VALID',
  'ALTER TABLE delivery VALIDATE CONSTRAINT delivery_b',
  `ALTER TABLE delivery DROP CONSTRAINT b, ADD CONSTRAINT b CHECK (c IN ('x', 'y')) NOT VALID`,
  'CREATE INDEX CONCURRENTLY item_identity_b ON item_identity (b)',
  'CREATE INDEX connector_b ON connector (b)',
  'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM a; RETURN NEW; END $$',
  'UPDATE connector SET b = 1, c = now()',
  'INSERT INTO c SELECT gen_random_uuid(), b FROM a',
  'GRANT SELECT ON a TO b',
  'ALTER TABLE item ADD CONSTRAINT b CHECK (c > 0) NOT VALID; ALTER TABLE delivery VALIDATE CONSTRAINT b',
])('%s: may be', async (sql) => {
  expect(await faults(sql)).toEqual([]);
});

it.each([
  ['ALTER TABLE delivery DROP COLUMN b', /^breaks: DropColumn b/],
  ['DROP TABLE a', /^breaks: DROP/],
  ['DROP INDEX a_b', /^breaks: DROP/],
  ['DELETE FROM a', /^breaks: DELETE/],
  ['ALTER TABLE delivery RENAME COLUMN b TO c', /^form: RENAME/],
  ['ALTER TABLE delivery RENAME TO c', /^form: RENAME/],
  ['ALTER TABLE delivery ALTER COLUMN b SET NOT NULL', /^breaks: SetNotNull b/],
  ['ALTER TABLE delivery ALTER COLUMN b DROP DEFAULT', /^breaks: DROP DEFAULT of b/],
  ['ALTER TABLE delivery ALTER COLUMN b TYPE bigint', /^form: another type of b/],
  ['ALTER TABLE delivery ADD COLUMN b text NOT NULL', /^breaks: b NOT NULL without a DEFAULT/],
  ['ALTER TABLE delivery ADD COLUMN b uuid DEFAULT gen_random_uuid()', /^locks: the DEFAULT of b/],
  ['ALTER TABLE delivery ADD COLUMN b text UNIQUE', /^locks: UNIQUE/],
  ['ALTER TABLE delivery ADD COLUMN b bigint GENERATED ALWAYS AS IDENTITY', /^locks: IDENTITY/],
  ['ALTER TABLE delivery ADD CONSTRAINT b CHECK (c > 0)', /^locks: b without NOT VALID/],
  ['ALTER TABLE delivery ADD CONSTRAINT b FOREIGN KEY (c) REFERENCES d (e)', /^locks: b without NOT VALID/],
  ['ALTER TABLE delivery ADD CONSTRAINT b UNIQUE (c)', /^breaks: b may refuse/],
  ['ALTER TABLE delivery DROP CONSTRAINT b', /^breaks: DROP CONSTRAINT b/],
  ['ALTER TABLE delivery ADD CONSTRAINT b CHECK (c > 0) NOT VALID, VALIDATE CONSTRAINT b', /^locks: b is checked/],
  [
    'ALTER TABLE delivery ADD CONSTRAINT b CHECK (c > 0) NOT VALID; ALTER TABLE delivery VALIDATE CONSTRAINT b',
    /^locks: b is checked/,
  ],
  ['REVOKE SELECT ON delivery FROM b', /^breaks: REVOKE/],
  ['SELECT drop_month($$ledger$$, now())', /^form: a call of drop_month/],
  ['INSERT INTO c SELECT drop_month(b) FROM a', /^form: a call of drop_month/],
  ['UPDATE connector SET b = pg_sleep(60)', /^form: a call of pg_sleep/],
  ['WITH gone AS (DELETE FROM a RETURNING b) SELECT b FROM gone', /^breaks: DELETE/],
  ['INSERT INTO c WITH set AS (UPDATE delivery SET b = 1 RETURNING b) SELECT b FROM set', /^locks: UPDATE of delivery/],
  ['CREATE INDEX recovery_copy_b ON recovery_copy (b)', /^locks: an index on recovery_copy/],
  ['CREATE INDEX item_b ON item (b)', /^locks: an index on item without CONCURRENTLY/],
  ['CREATE UNIQUE INDEX connector_b ON connector (b)', /^breaks: a UNIQUE index/],
  ['CREATE INDEX CONCURRENTLY a_b ON a (b); ALTER TABLE a ADD COLUMN c text', /^form: .* stands alone/],
  ['UPDATE delivery SET b = 1', /^locks: UPDATE of delivery/],
  ["SET lock_timeout = '1h'", /^form: SET/],
  ['LOCK TABLE delivery', /^form: LockStmt/],
  ['DO $$ BEGIN DELETE FROM a; END $$', /^form: DoStmt/],
])('%s: may not be', async (sql, sentence) => {
  expect(await faults(sql)).toEqual([expect.stringMatching(sentence)]);
});

it('what no version uses any more may be taken away, by a name and a sentence that say so', async () => {
  const sql = '-- contract: connector.b, unused since 0.2.0\nALTER TABLE connector DROP COLUMN b';
  expect(await faults(sql, '29990101000000_contract_0_2_0_b')).toEqual([]);
  expect(await faults(sql)).toHaveLength(1);
  expect(await faults('ALTER TABLE connector DROP COLUMN b', '29990101000000_contract_0_2_0_b')).toHaveLength(1);
  // The version before 0.3.0 may run while 0.3.0 is rolled out.
  expect(await faults(sql, '29990101000000_contract_0_3_0_b')).toEqual([
    expect.stringMatching(/^breaks: version 0.3.0/),
  ]);
  expect(await faults(`${sql};CREATE INDEX i ON item (b)`, '29990101000000_contract_0_2_0_b')).toHaveLength(1);
});

it('a lock that does no harm is excused by its reason, and nothing else is', async () => {
  expect(await faults('-- locks: empty before 0.3.0\nCREATE INDEX item_b ON item (b)')).toEqual([]);
  expect(await faults('-- locks:\nCREATE INDEX item_b ON item (b)')).toHaveLength(1);
  expect(await faults('-- locks: small\nDROP TABLE a')).toHaveLength(1);
});
