/** Whether an organization demands that another administrator approves a mapping version that changes much. */

import { auditOrganizationIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';

export interface ApprovalSetting {
  readonly demanded: boolean;
  /** who asked to switch it off; another administrator has to agree */
  readonly offRequestedBy: string | null;
  readonly offRequestedByMe: boolean;
}

interface Row {
  readonly demanded: boolean;
  readonly off_by: string | null;
  readonly off_by_id: string | null;
}

const SETTING = `SELECT mapping_approval AS demanded, mapping_approval_off_by AS off_by, mapping_approval_off_by_id AS off_by_id
  FROM organization WHERE id = $1`;

/** Needs `connectors.read`. @throws NotAllowed */
export async function approvalSetting(parts: Pick<MappingParts, 'database'>, actor: Actor): Promise<ApprovalSetting> {
  authorize(actor, 'connectors.read');
  const { rows } = await parts.database.pool.query<Row>(SETTING, [actor.organizationId]);
  const [row] = rows;
  return {
    demanded: row?.demanded ?? false,
    offRequestedBy: row?.off_by ?? null,
    offRequestedByMe: row?.off_by_id === actor.userId,
  };
}

/**
 * Switches the demand on at once; off only when two administrators ask for it, because one alone could otherwise do
 * without approval. Asking for it to stay on takes back what was asked. Needs `mapping.approve`.
 *
 * @returns `asked`: it stays on until another administrator asks for the same
 * @throws NotAllowed
 */
export async function setApprovalDemanded(
  parts: Pick<MappingParts, 'database'>,
  actor: Actor,
  demanded: boolean,
): Promise<'done' | 'unchanged' | 'asked'> {
  authorize(actor, 'mapping.approve');
  return inTransaction(parts.database.pool, async (client) => {
    const { rows } = await client.query<Row>(`${SETTING} FOR NO KEY UPDATE`, [actor.organizationId]);
    const [row] = rows;
    if (row === undefined || (row.demanded === demanded && row.off_by_id === null)) return 'unchanged';
    if (!demanded && row.off_by_id === actor.userId) return 'unchanged';
    const asks = !demanded && row.off_by_id === null;
    await client.query(
      `UPDATE organization SET mapping_approval = $2, mapping_approval_off_by = $3, mapping_approval_off_by_id = $4
        WHERE id = $1`,
      [actor.organizationId, demanded || asks, asks ? actor.name : null, asks ? actor.userId : null],
    );
    const detail = { demanded: demanded || asks, askedToEnd: asks, firstAskedBy: asks ? null : row.off_by };
    await auditOrganizationIn(client, actor, { action: 'organization.mapping-approval', detail });
    return asks ? 'asked' : 'done';
  });
}
