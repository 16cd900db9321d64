/**
 * Two people at one setting: whoever saves says what they saw, and where something else is in force by now, nothing is
 * written and they are told what it is. What they saw is a value and no number of a version, so that settings which have
 * nothing to do with each other do not collide.
 */

import type { AuditAction } from '../audit/entries.ts';
import type { Queryable } from '../db.ts';

export interface ChangedMeanwhile<Value> {
  readonly kind: 'changed_meanwhile';
  /** null: nobody of whom the audit log knows */
  readonly by: string | null;
  /** what is in force */
  readonly now: Value;
}

/** The answer, with who did it last. Inside the transaction that found it. */
export async function changedMeanwhile<Value>(
  client: Queryable,
  {
    organizationId,
    connectorId,
    action,
  }: {
    readonly organizationId: string;
    readonly connectorId: string;
    readonly action: AuditAction;
  },
  now: Value,
): Promise<ChangedMeanwhile<Value>> {
  const { rows } = await client.query<{ by: string }>(
    `SELECT actor_name AS by FROM audit_entry
      WHERE organization_id = $1 AND target_type = 'connector' AND target_id = $2 AND action = $3 ORDER BY id DESC LIMIT 1`,
    [organizationId, connectorId, action],
  );
  return { kind: 'changed_meanwhile', by: rows[0]?.by ?? null, now };
}
