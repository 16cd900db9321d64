/**
 * An administrator confirms, after a restore, by which mapping a connector is to go on. What was changed since the backup is
 * gone with it, and only a person knows: a mapping that was replaced meanwhile would send copies to whom they are not owed.
 * From then on mailboxes are listed (`compare.ts`), what was collected since is collected again, and looked for in its mailbox before it
 * is sent (`sought.ts`).
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { requestImport } from '../imports/store/import-requests.ts';
import { openAgain } from '../imports/store/reopen.ts';
import { type Actor, authorize } from '../security/actor.ts';

/** Windows that ended so long before the backup are read once more: what a later look found in them may be lost here. */
const READ_AGAIN_MS = 24 * 60 * 60 * 1000;

export interface Confirmation {
  readonly connectorId: string;
  /** the mapping version that the person saw in force; null: none was */
  readonly versionId: string | null;
  /** the number of the newer version that the person was told is lost, and goes on without; null: none was named */
  readonly without: number | null;
}

export type ConfirmResult =
  | 'done'
  /** no live connector of this organization */
  | 'not_found'
  /** it is not held, or confirmed already */
  | 'unchanged'
  /** another version is in force than the person saw */
  | 'other_mapping'
  /** a newer version was in force before the restore, and nobody accepted to go on without */
  | 'older_mapping';

/** Who confirms: a person of the portal, or the operator, by a command, for every organization. */
export type Confirmer = Pick<Actor, 'organizationId' | 'userId' | 'name' | 'clientAddress'>;

/** @throws NotAllowed */
export function confirmMapping(deps: CommandDeps, actor: Actor, confirmation: Confirmation): Promise<ConfirmResult> {
  authorize(actor, 'mapping.manage');
  return confirmAs(deps, actor, confirmation);
}

/** As `confirmMapping`, for who needs no role: the operator at the command line. @param reason in the operator's words */
export async function confirmAs(
  deps: CommandDeps,
  who: Confirmer,
  { connectorId, versionId, without }: Confirmation,
  reason?: string,
): Promise<ConfirmResult> {
  const { organizationId } = who;
  const result = await inTransaction(deps.pool, async (client): Promise<ConfirmResult> => {
    const held = await lockHeld(client, organizationId, connectorId);
    if (held === null) return 'not_found';
    if (held.recovery_id === null || held.confirmed_at !== null) return 'unchanged';
    if (held.version_id !== versionId) return 'other_mapping';
    const isOlder = held.lost_mapping !== null && held.lost_mapping > (held.version_number ?? 0);
    if (isOlder && held.lost_mapping !== without) return 'older_mapping';
    await client.query(
      `UPDATE recovery_connector SET confirmed_at = now(), confirmed_by = $3, mapping_version_id = $4, asked_at = now(), compare_at = now()
       WHERE recovery_id = $1 AND connector_id = $2`,
      [held.recovery_id, connectorId, who.name, versionId],
    );
    const connector = { organizationId, id: connectorId, sourceId: held.source_id };
    const range = { from: new Date((held.since ?? held.found_at).getTime() - READ_AGAIN_MS), to: held.found_at };
    const windows = await openAgain(client, connector, { kind: 'range', range }, 'repeat', who.name);
    await requestImport(client, organizationId, connectorId, who.name);
    const detail = {
      mapping: held.version_number,
      ...(isOlder && { lost: held.lost_mapping }),
      windows: windows.length,
      paused: held.was_paused,
      ...(reason !== undefined && { reason }),
    };
    await auditIn(client, who, { action: 'recovery.confirmed', connectorId, detail });
    return 'done';
  });
  if (result === 'done') {
    deps.notify({ organizationId, connectorId, importId: null });
    await deps.enqueue('compareMailboxes', { organizationId, connectorId }, { key: connectorId });
  }
  return result;
}

interface HeldRow {
  readonly recovery_id: number | null;
  readonly source_id: string;
  readonly was_paused: boolean;
  readonly confirmed_at: Date | null;
  readonly lost_mapping: number | null;
  readonly since: Date | null;
  readonly found_at: Date;
  readonly version_id: string | null;
  readonly version_number: number | null;
}

async function lockHeld(client: pg.PoolClient, organizationId: string, connectorId: string): Promise<HeldRow | null> {
  const { rows } = await client.query<HeldRow>(
    `SELECT c.recovery_id, c.source_id, rc.was_paused, rc.confirmed_at, rc.lost_mapping, r.since, r.found_at, v.id AS version_id, v.number AS version_number
     FROM connector c
     LEFT JOIN recovery_connector rc ON rc.recovery_id = c.recovery_id AND rc.connector_id = c.id
     LEFT JOIN recovery r ON r.id = c.recovery_id
     LEFT JOIN mapping_version v ON v.connector_id = c.id AND v.status = 'in_force'
     WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live' FOR NO KEY UPDATE OF c`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}
