/** Entries and links as PostgreSQL gives them. */
import type { AuditRecord } from '../record.ts';

/** Columns of `audit_entry e` that make an `EntryRow`. */
export const ENTRY_COLUMNS = `e.id::text, e.organization_id, e.at, e.actor, e.actor_name, e.client_address, e.action,
  e.target_type, e.target_id, e.result, e.detail`;

export interface EntryRow {
  readonly id: string;
  readonly organization_id: string;
  readonly at: Date;
  readonly actor: string;
  readonly actor_name: string;
  readonly client_address: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly result: string;
  readonly detail: unknown;
}

export function recordOf(row: EntryRow): AuditRecord {
  return {
    id: row.id,
    organizationId: row.organization_id,
    at: row.at.toISOString(),
    actor: row.actor,
    actorName: row.actor_name,
    clientAddress: row.client_address,
    action: row.action,
    targetType: row.target_type,
    targetId: row.target_id,
    result: row.result,
    detail: row.detail,
  };
}
