/**
 * Whether an organization lets this application write mail at all. Asked where a mailbox refuses: one that is closed is
 * that mailbox's matter, a consent that was taken back is every mailbox's.
 */
import type pg from 'pg';
import type { AppTokens } from '../microsoft/app-token.ts';
import { resolveAddresses } from '../microsoft/directory.ts';
import type { Graph } from '../microsoft/graph.ts';

/** Application permission for all mailboxes. */
const WRITE_MAIL = 'Mail.ReadWrite';

export interface MailPermissionParts {
  readonly pool: pg.Pool;
  readonly tokens: AppTokens;
  readonly graphOf: (organizationId: string) => Graph;
}

/**
 * By a fresh token. With chosen mailboxes (RBAC for Applications) the token says nothing of mail: the mailbox by which the
 * limit was proven does, as long as it is there.
 *
 * @throws (from the returned function) AppTokenError, GraphError
 */
export function mailPermission(parts: MailPermissionParts): (organizationId: string) => Promise<boolean> {
  return async (organizationId) => {
    const { roles } = await parts.tokens.token(organizationId, { fresh: true });
    if (roles.includes(WRITE_MAIL)) return true;
    const { rows } = await parts.pool.query<{ inside_mailbox: string }>(
      `SELECT inside_mailbox FROM connector
       WHERE organization_id = $1 AND status = 'live' AND consent_mode = 'chosen' AND inside_mailbox IS NOT NULL
       ORDER BY finished_at DESC LIMIT 1`,
      [organizationId],
    );
    const inside = rows[0]?.inside_mailbox;
    if (inside === undefined) return false;
    const found = (await resolveAddresses(parts.graphOf(organizationId), [inside])).get(inside.toLowerCase());
    return !(found?.kind === 'no_mailbox' && found.reason === 'access_denied');
  };
}
