/**
 * One user is imported first: what is owed to the others is collected and kept, and waits until somebody has looked into
 * that mailbox and lets them follow. Held back where copies are claimed (`lib/imports/store/claims.ts`).
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { type Actor, authorize } from '../security/actor.ts';

export interface FirstUser {
  /** as the directory writes it */
  readonly mailbox: string;
  /** copies that are not sent yet: those of the others, once this user's are there */
  readonly held: number;
}

/** Null where everybody is imported. @throws NotAllowed */
export async function firstUser(pool: pg.Pool, actor: Actor, connectorId: string): Promise<FirstUser | null> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<FirstUser>(
    `SELECT c.first_mailbox AS mailbox, coalesce((
         SELECT sum(k.count) FROM import i JOIN import_counter k ON k.import_id = i.id
          WHERE i.organization_id = $1 AND i.connector_id = c.id AND k.outcome = 'copies.pending'), 0)::float8 AS held
     FROM connector c
     WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live' AND c.first_mailbox IS NOT NULL`,
    [actor.organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** Lets the others follow. They are sent by whoever looks next, within a minute. @throws NotAllowed */
export async function letOthersFollow(
  deps: CommandDeps,
  actor: Actor,
  connectorId: string,
): Promise<'done' | 'unchanged' | 'not_found'> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const result = await inTransaction(deps.pool, async (client) => {
    const { rows } = await client.query<{ mailbox: string | null }>(
      `SELECT first_mailbox AS mailbox FROM connector
        WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
      [organizationId, connectorId],
    );
    const [before] = rows;
    if (before === undefined) return 'not_found';
    if (before.mailbox === null) return 'unchanged';
    await client.query(
      `UPDATE connector SET first_user_id = NULL, first_mailbox = NULL, updated_at = now()
        WHERE organization_id = $1 AND id = $2`,
      [organizationId, connectorId],
    );
    await auditIn(client, actor, {
      action: 'connector.others-follow',
      connectorId,
      detail: { mailbox: before.mailbox },
    });
    return 'done';
  });
  if (result === 'done') deps.notify({ organizationId, connectorId, importId: null });
  return result;
}
