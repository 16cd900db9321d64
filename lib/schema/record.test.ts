import { expect, test } from 'vitest';
import { checksumOf, MigrationError, NewerSchemaError, pendingMigrations } from './record.ts';

const first = { name: '1_first', checksum: checksumOf('create table a ()') };
const second = { name: '2_second', checksum: checksumOf('create table b ()') };
const appliedFirst = { ...first, finished: true };

test('what is not applied yet is pending, in order', () => {
  expect(pendingMigrations([first, second], [])).toEqual([first, second]);
  expect(pendingMigrations([first, second], [appliedFirst])).toEqual([second]);
  expect(pendingMigrations([first], [appliedFirst])).toEqual([]);
});

test('a database of a newer version is refused, naming what is not known', () => {
  const newer = { name: '3_third', checksum: checksumOf(''), finished: true };
  expect(() => pendingMigrations([first, second], [appliedFirst, newer])).toThrow(NewerSchemaError);
  expect(() => pendingMigrations([first, second], [appliedFirst, newer])).toThrow(/newer version .*3_third/);
});

test('a migration that another program left half-way is refused', () => {
  const broken = { ...appliedFirst, finished: false };
  expect(() => pendingMigrations([first], [broken])).toThrow(MigrationError);
});

test('a migration whose text changed after it was applied is refused', () => {
  const edited = { ...first, checksum: checksumOf('create table a ();') };
  expect(() => pendingMigrations([edited], [appliedFirst])).toThrow(/1_first is not the text/);
});
