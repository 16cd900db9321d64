/** Connectors that clients registered. Kept in the sandbox's database. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../composition.ts';

export const connectorStatuses = ['active', 'suspended'] as const;
export type ConnectorStatus = (typeof connectorStatuses)[number];

export interface Registration {
  readonly id: string;
  readonly accountId: string;
  readonly kind: string;
  readonly clientReference: string;
  readonly status: ConnectorStatus;
  /** ISO 8601, UTC */
  readonly createdAt: string;
}

export interface Registrations {
  /** Registers, or finds the registration that has this reference already. */
  register(accountId: string, kind: string, clientReference: string): { registration: Registration; isNew: boolean };
  find(accountId: string, id: string): Registration | undefined;
  /** false when there is none */
  remove(accountId: string, id: string): boolean;
  /** What a client is told of the connector from now on; undefined when there is none of this id. */
  setStatus(id: string, status: ConnectorStatus): Registration | undefined;
  /** none is suspended any more */
  activateAll(): void;
  /** all registrations, oldest first */
  all(): readonly Registration[];
}

export function registrationBook(database: DatabaseSync, clock: Clock): Registrations {
  database.exec(`CREATE TABLE IF NOT EXISTS telemessage_connector (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, reference TEXT NOT NULL, created TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'active', UNIQUE (account, kind, reference)) STRICT`);
  addStatus(database);
  const insert = database.prepare(
    'INSERT INTO telemessage_connector (id, account, kind, reference, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const byReference = database.prepare(
    'SELECT * FROM telemessage_connector WHERE account = ? AND kind = ? AND reference = ?',
  );
  const byId = database.prepare('SELECT * FROM telemessage_connector WHERE account = ? AND id = ?');
  const setStatus = database.prepare('UPDATE telemessage_connector SET status = ? WHERE id = ? RETURNING *');
  const every = database.prepare('SELECT * FROM telemessage_connector ORDER BY created, id');
  const drop = database.prepare('DELETE FROM telemessage_connector WHERE account = ? AND id = ?');

  return {
    register: (accountId, kind, clientReference) => {
      const id = `cn-${randomUUID()}`;
      const createdAt = clock().toISOString();
      const { changes } = insert.run(id, accountId, kind, clientReference, createdAt);
      const row = byReference.get(accountId, kind, clientReference);
      const registration: Registration =
        row === undefined ? { id, accountId, kind, clientReference, status: 'active', createdAt } : asRegistration(row);
      return { registration, isNew: Number(changes) === 1 };
    },
    find: (accountId, id) => {
      const row = byId.get(accountId, id);
      return row === undefined ? undefined : asRegistration(row);
    },
    remove: (accountId, id) => Number(drop.run(accountId, id).changes) === 1,
    setStatus: (id, status) => {
      const row = setStatus.get(status, id);
      return row === undefined ? undefined : asRegistration(row);
    },
    activateAll: () => database.exec("UPDATE telemessage_connector SET status = 'active'"),
    all: () => every.all().map(asRegistration),
  };
}

/** A database of an earlier version has no status. */
function addStatus(database: DatabaseSync): void {
  const columns = database.prepare('PRAGMA table_info(telemessage_connector)').all();
  if (columns.some((one) => one.name === 'status')) return;
  database.exec("ALTER TABLE telemessage_connector ADD COLUMN status TEXT NOT NULL DEFAULT 'active'");
}

function asRegistration(row: Record<string, unknown>): Registration {
  return {
    id: String(row.id),
    accountId: String(row.account),
    kind: String(row.kind),
    clientReference: String(row.reference),
    status: row.status === 'suspended' ? 'suspended' : 'active',
    createdAt: String(row.created),
  };
}
