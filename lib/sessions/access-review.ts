/**
 * The access review: who has been in this portal, with which roles at the last look, where these come from, and when they
 * last used them. Who was granted a role and never signed in is seen in Entra ID alone, which the file says.
 */
import type pg from 'pg';
import { auditOrganizationIn } from '../audit/entries.ts';
import { csvLine } from '../csv.ts';
import { inTransaction } from '../db.ts';
import { ROLE_NAME } from '../microsoft/exchange-admin.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type Role, rolesAmong } from '../security/roles.ts';

const COLUMNS = [
  'Person',
  'Address',
  'ObjectId',
  'Roles',
  'Source',
  'RolesSeen',
  'LastSignIn',
  'LastUse',
  'OpenSessions',
];
const APP_ROLE = 'App role in Entra ID';
const EXCHANGE = `Exchange role ${ROLE_NAME}`;

interface Row {
  readonly name: string;
  readonly address: string;
  readonly user_id: string;
  readonly roles: readonly string[];
  readonly exchange_admin_at: Date | null;
  readonly checked_at: Date;
  readonly signed_in_at: Date;
  readonly last_used_at: Date;
  readonly open: number;
}

/**
 * As CSV, a line for each person, by name. That it was made is in the audit log.
 *
 * @param lifetimeSeconds of a session
 * @throws NotAllowed
 */
export async function accessReview(pool: pg.Pool, actor: Actor, now: Date, lifetimeSeconds: number): Promise<string> {
  authorize(actor, 'audit.read');
  const began = new Date(now.getTime() - lifetimeSeconds * 1000);
  return inTransaction(pool, async (client) => {
    await auditOrganizationIn(client, actor, { action: 'access.reviewed' });
    const { rows } = await client.query<Row>(
      `SELECT * FROM (
         SELECT DISTINCT ON (user_id) name, address, user_id, roles, exchange_admin_at, checked_at, signed_in_at,
           max(last_used_at) OVER of_person AS last_used_at,
           (count(*) FILTER (WHERE ended_at IS NULL AND signed_in_at > $2) OVER of_person)::int AS open
         FROM portal_session WHERE organization_id = $1
         WINDOW of_person AS (PARTITION BY user_id) ORDER BY user_id, checked_at DESC, signed_in_at DESC) AS people
       ORDER BY lower(name), user_id`,
      [actor.organizationId, began],
    );
    return `\uFEFF${csvLine(COLUMNS)}${rows.map(lineOf).join('')}`;
  });
}

function lineOf(row: Row): string {
  const { roles, source } = sourced(rolesAmong(row.roles), row.exchange_admin_at !== null);
  return csvLine([
    row.name,
    row.address,
    row.user_id,
    roles.length === 0 ? 'none' : roles.join(' '),
    source,
    row.checked_at.toISOString(),
    row.signed_in_at.toISOString(),
    row.last_used_at.toISOString(),
    row.open,
  ]);
}

/** Roles with their source; where there are two, each says which roles come from it. */
function sourced(appRoles: readonly Role[], isExchangeAdmin: boolean): { roles: readonly string[]; source: string } {
  if (!isExchangeAdmin) return { roles: appRoles, source: APP_ROLE };
  const roles = ['DataConnectors.Admin', ...appRoles];
  if (appRoles.length === 0) return { roles, source: EXCHANGE };
  return { roles, source: `DataConnectors.Admin: ${EXCHANGE}; ${appRoles.join(' ')}: ${APP_ROLE}` };
}
