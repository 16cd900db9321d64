/** Refusals in the audit log: that somebody asked for what their roles do not allow. */
import type pg from 'pg';
import type { Limits } from '../limits/limits.ts';
import type { Actor } from '../security/actor.ts';
import type { Permission } from '../security/roles.ts';
import { auditOrganizationIn } from './entries.ts';

export interface RefusalDeps {
  readonly pool: pg.Pool;
  readonly limits: Pick<Limits, 'take'>;
}

/**
 * Notes it once in ten minutes for a person and a permission, whichever process or bundle refused: a page is asked for by
 * its links, too, before anybody clicks.
 *
 * @param address what was asked for; null where it is not known. Its query is left out
 */
export async function noteRefusal(
  { pool, limits }: RefusalDeps,
  actor: Actor,
  permission: Permission,
  address: string | null,
): Promise<void> {
  const { allowed } = await limits.take('refusal-noted', actor.organizationId, actor.userId, permission);
  if (!allowed) return;
  await auditOrganizationIn(pool, actor, {
    action: 'access.refused',
    result: 'refused',
    detail: { permission, roles: [...actor.roles], path: address?.split('?')[0] ?? null },
  });
}
