/** Changes to the directory as rows. zod guards the JSON column, since a state folder outlives the code. */
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { personChangeSchema } from './person-schema.ts';

const keptSchema = z.object({
  tenant: z.string(),
  /** true for somebody whom the world does not know: `change` then holds all of them */
  added: z.boolean(),
  removed: z.boolean(),
  change: z.object(personChangeSchema.shape),
});

/** What was changed about one person. */
export type Kept = z.infer<typeof keptSchema>;

export interface DirectoryTable {
  /** by object id, who was added first coming first; as it is now, and another object for somebody after each change */
  all(): ReadonlyMap<string, Kept>;
  write(personId: string, kept: Kept): void;
  clear(): void;
}

export function directoryTable(database: DatabaseSync): DirectoryTable {
  database.exec('CREATE TABLE IF NOT EXISTS directory_person (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT');
  const rows = database.prepare('SELECT id, state FROM directory_person ORDER BY rowid').all();
  // read again after each change, it would take ever longer to add somebody
  const known = new Map(rows.map((row) => [String(row.id), readState(String(row.id), String(row.state))]));
  const write = database.prepare(
    'INSERT INTO directory_person VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
  );
  return {
    all: () => known,
    write: (personId, kept) => {
      const state = JSON.stringify(kept);
      write.run(personId, state);
      known.set(personId, readState(personId, state));
    },
    clear: () => {
      database.exec('DELETE FROM directory_person');
      known.clear();
    },
  };
}

/** @throws {Error} with what cannot be read, where another version of the sandbox wrote it */
function readState(personId: string, state: string): Kept {
  const parsed = keptSchema.safeParse(JSON.parse(state));
  if (parsed.success) return parsed.data;
  throw new Error(
    `The sandbox's database holds a change to ${personId} that this version cannot read. Empty SANDBOX_DATA.\n${z.prettifyError(parsed.error)}`,
  );
}
