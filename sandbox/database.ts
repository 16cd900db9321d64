/** The sandbox's SQLite databases. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Opens `name`.sqlite in `folder`, or a database that ends with the process for `memory`. Written through a
 * write-ahead log: what was answered survives the death of the process, though perhaps not a power cut.
 */
export function openDatabase(folder: string | 'memory', name: 'sandbox' | 'mailboxes'): DatabaseSync {
  if (folder === 'memory') return new DatabaseSync(':memory:');
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, `${name}.sqlite`), { timeout: 5_000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536');
  return database;
}
