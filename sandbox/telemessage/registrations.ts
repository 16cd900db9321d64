/** Connectors that clients registered. Kept in the sandbox's database. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../composition.ts';

export interface Registration {
  readonly id: string;
  readonly accountId: string;
  readonly kind: string;
  readonly clientReference: string;
  /** ISO 8601, UTC */
  readonly createdAt: string;
}

export interface Registrations {
  /** Registers, or finds the registration that has this reference already. */
  register(accountId: string, kind: string, clientReference: string): { registration: Registration; isNew: boolean };
  find(accountId: string, id: string): Registration | undefined;
  /** false when there is none */
  remove(accountId: string, id: string): boolean;
  /** all registrations, oldest first */
  all(): readonly Registration[];
}

export function registrationBook(database: DatabaseSync, clock: Clock): Registrations {
  database.exec(`CREATE TABLE IF NOT EXISTS telemessage_connector (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, created TEXT NOT NULL,
    UNIQUE (account, kind, reference)) STRICT`);
  const insert = database.prepare('INSERT INTO telemessage_connector VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const byReference = database.prepare(
    'SELECT * FROM telemessage_connector WHERE account = ? AND kind = ? AND reference = ?',
  );
  const byId = database.prepare('SELECT * FROM telemessage_connector WHERE account = ? AND id = ?');
  const every = database.prepare('SELECT * FROM telemessage_connector ORDER BY created, id');
  const drop = database.prepare('DELETE FROM telemessage_connector WHERE account = ? AND id = ?');

  return {
    register: (accountId, kind, clientReference) => {
      const id = `cn-${randomUUID()}`;
      const createdAt = clock().toISOString();
      const { changes } = insert.run(id, accountId, kind, clientReference, createdAt);
      const row = byReference.get(accountId, kind, clientReference);
      const registration =
        row === undefined ? { id, accountId, kind, clientReference, createdAt } : asRegistration(row);
      return { registration, isNew: Number(changes) === 1 };
    },
    find: (accountId, id) => {
      const row = byId.get(accountId, id);
      return row === undefined ? undefined : asRegistration(row);
    },
    remove: (accountId, id) => Number(drop.run(accountId, id).changes) === 1,
    all: () => every.all().map(asRegistration),
  };
}

function asRegistration(row: Record<string, unknown>): Registration {
  return {
    id: String(row.id),
    accountId: String(row.account),
    kind: String(row.kind),
    clientReference: String(row.reference),
    createdAt: String(row.created),
  };
}
