/**
 * Sessions: who is signed in, and what Entra ID says of them now. The cookie carries a session's id and nothing else that
 * counts. Roles come from the ID token (and Admin also from Exchange, where the person has it not), which is asked for again with the refresh token, so that a change takes effect within
 * `CHECK_MS` and the length of one event stream, five minutes in all.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { auditOrganizationIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type ExchangeAdmin, ROLE_NAME } from '../microsoft/exchange-admin.ts';
import type { Actor } from '../security/actor.ts';
import type { KeyRing } from '../security/keyring.ts';
import { type Role, rolesAmong } from '../security/roles.ts';
import { openRefreshToken, sealRefreshToken } from './refresh-token.ts';
import type { Renewal, SessionPerson } from './renew.ts';

export interface SessionDeps {
  readonly pool: pg.Pool;
  readonly keyRing: KeyRing;
  readonly organizations: readonly string[];
  /** asks Entra ID who this is now */
  readonly renew: (organizationId: string, refreshToken: string) => Promise<Renewal>;
  /** whether somebody is an administrator by the Exchange role; null: the operator switched this source off */
  readonly exchangeAdmin: ((organizationId: string, userId: string) => Promise<ExchangeAdmin>) | null;
  readonly clock: () => Date;
  readonly log: Logger;
}

/** Longest session, counted from the sign-in. After it people sign in again: a redirect, while Microsoft still knows them. */
export const SESSION_SECONDS = 8 * 60 * 60;
/** What Entra ID said counts for so long. */
export const CHECK_MS = 150_000;
/** Where Entra ID cannot be reached, what it last said counts for so long, and then nobody is let in any more. */
export const UNREACHABLE_MS = 15 * 60_000;
const USED_MS = 60_000;
const ADMIN: Role = 'DataConnectors.Admin';

interface Row {
  readonly organization_id: string;
  readonly user_id: string;
  readonly name: string;
  readonly address: string;
  readonly roles: readonly string[];
  readonly signed_in_at: Date;
  readonly checked_at: Date;
  readonly last_used_at: Date;
  readonly refresh_token_sealed: string | null;
  readonly ended_at: Date | null;
  readonly exchange_admin_at: Date | null;
}

const COLUMNS = `organization_id, user_id, name, address, roles, signed_in_at, checked_at, last_used_at,
  refresh_token_sealed, ended_at, exchange_admin_at`;

/**
 * Begins a session, with its entry in the audit log.
 *
 * @param refreshToken null where Entra ID gave none: the session then lasts for `CHECK_MS`
 * @returns its id, for the cookie
 */
export async function beginSession(
  deps: SessionDeps,
  person: SessionPerson,
  refreshToken: string | null,
  clientAddress: string | undefined,
): Promise<string> {
  const id = randomUUID();
  const now = deps.clock();
  const sealed = refreshToken === null ? null : sealRefreshToken(deps.keyRing, id, refreshToken);
  const exchangeAdminAt = await exchangeAdminNow(deps, person, null);
  await inTransaction(deps.pool, async (client) => {
    await client.query(
      `INSERT INTO portal_session (id, organization_id, user_id, name, address, roles, signed_in_at, checked_at,
         last_used_at, refresh_token_sealed, exchange_admin_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9)`,
      [
        id,
        person.organizationId,
        person.userId,
        person.name,
        person.address,
        person.roles,
        now,
        sealed,
        exchangeAdminAt,
      ],
    );
    const { address } = person;
    const roles = notedRoles(person.roles, exchangeAdminAt);
    await auditOrganizationIn(
      client,
      { ...person, clientAddress },
      { action: 'session.signed-in', detail: { address, roles } },
    );
  });
  return id;
}

/** Ends a session: its cookie is worth nothing from now on. */
export async function endSession(deps: SessionDeps, id: string, clientAddress: string | undefined): Promise<void> {
  await inTransaction(deps.pool, async (client) => {
    const row = await end(client, id, deps.clock(), 'signed_out');
    if (!row) return;
    await auditOrganizationIn(
      client,
      { organizationId: row.organization_id, userId: row.user_id, name: row.name, clientAddress },
      { action: 'session.signed-out' },
    );
  });
}

/**
 * Who a session stands for now; null where it is over, was ended, or Entra ID does not know them any more. Asks Entra ID
 * where the last answer is older than `CHECK_MS`; two requests at once ask once.
 */
export async function actorOfSession(deps: SessionDeps, id: string): Promise<Actor | null> {
  const { rows } = await deps.pool.query<Row>(`SELECT ${COLUMNS} FROM portal_session WHERE id = $1`, [id]);
  const row = rows[0];
  const now = deps.clock();
  if (!row || !isOpen(deps, row, now)) return null;
  if (now.getTime() - row.last_used_at.getTime() > USED_MS) {
    await deps.pool.query('UPDATE portal_session SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2', [id, now]);
  }
  const current = isFresh(row, now) ? row : await checked(deps, id);
  return current && actorOf(deps, current, now);
}

function isOpen({ organizations }: SessionDeps, row: Row, now: Date): boolean {
  const age = now.getTime() - row.signed_in_at.getTime();
  return row.ended_at === null && age < SESSION_SECONDS * 1000 && organizations.includes(row.organization_id);
}

const isFresh = (row: Row, now: Date): boolean => now.getTime() - row.checked_at.getTime() < CHECK_MS;

function actorOf({ exchangeAdmin }: SessionDeps, row: Row, now: Date): Actor {
  const roles = rolesAmong(row.roles);
  const { exchange_admin_at: at } = row;
  // Where Microsoft cannot be asked, what it last said counts as long as what Entra ID said does.
  const isExchangeAdmin = exchangeAdmin !== null && at !== null && now.getTime() - at.getTime() < UNREACHABLE_MS;
  return {
    organizationId: row.organization_id,
    userId: row.user_id,
    name: row.name,
    address: row.address,
    roles: isExchangeAdmin && !roles.includes(ADMIN) ? [ADMIN, ...roles] : roles,
  };
}

/** The row as Entra ID has it now. Whoever comes second waits for the first one's answer. */
async function checked(deps: SessionDeps, id: string): Promise<Row | null> {
  return inTransaction(deps.pool, async (client) => {
    const { rows } = await client.query<Row>(`SELECT ${COLUMNS} FROM portal_session WHERE id = $1 FOR UPDATE`, [id]);
    const row = rows[0];
    const now = deps.clock();
    if (!row || !isOpen(deps, row, now)) return null;
    if (isFresh(row, now)) return row;
    const renewal = await renewed(deps, id, row);
    if (renewal.kind === 'unreachable') {
      return now.getTime() - row.checked_at.getTime() < UNREACHABLE_MS ? row : null;
    }
    if (renewal.kind === 'refused') {
      await end(client, id, now, 'refused');
      await auditOrganizationIn(
        client,
        { organizationId: row.organization_id, userId: row.user_id, name: row.name },
        { action: 'session.ended', result: 'refused', detail: { answer: renewal.answer } },
      );
      return null;
    }
    const { person, refreshToken } = renewal;
    const exchangeAdminAt = await exchangeAdminNow(deps, person, row.exchange_admin_at);
    await noteRoles(client, row, notedRoles(person.roles, exchangeAdminAt));
    const sealed = refreshToken === null ? row.refresh_token_sealed : sealRefreshToken(deps.keyRing, id, refreshToken);
    const { rows: renewedRows } = await client.query<Row>(
      `UPDATE portal_session SET name = $2, address = $3, roles = $4, checked_at = $5, refresh_token_sealed = $6,
         exchange_admin_at = $7
       WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, person.name, person.address, person.roles, now, sealed, exchangeAdminAt],
    );
    return renewedRows[0] ?? null;
  });
}

async function renewed(deps: SessionDeps, id: string, row: Row): Promise<Renewal> {
  if (row.refresh_token_sealed === null) return { kind: 'refused', answer: 'no_refresh_token' };
  const refreshToken = openRefreshToken(deps.keyRing, id, row.refresh_token_sealed);
  const renewal = await deps.renew(row.organization_id, refreshToken);
  if (renewal.kind === 'renewed' && !isSame(row, renewal.person)) return { kind: 'refused', answer: 'other_person' };
  if (renewal.kind === 'unreachable') deps.log.warn({ session: id }, 'Entra ID could not be asked about a session');
  return renewal;
}

const isSame = (row: Row, { organizationId, userId }: SessionPerson): boolean =>
  row.organization_id === organizationId && row.user_id === userId;

/** When Microsoft last said that the Exchange role is there; null where it is not, or is not needed. */
async function exchangeAdminNow(deps: SessionDeps, person: SessionPerson, before: Date | null): Promise<Date | null> {
  if (deps.exchangeAdmin === null || rolesAmong(person.roles).includes(ADMIN)) return null;
  const answer = await deps.exchangeAdmin(person.organizationId, person.userId);
  if (answer === 'unknown') {
    deps.log.warn({ organizationId: person.organizationId }, 'Exchange roles could not be read');
    return before;
  }
  return answer === 'held' ? deps.clock() : null;
}

/** Roles with where they come from, for the audit log. */
function notedRoles(roles: readonly string[], exchangeAdminAt: Date | null): string[] {
  return exchangeAdminAt === null ? [...roles] : [...roles, `${ROLE_NAME} (Exchange)`];
}

/** A role that came or went is an act of somebody else, which is noted when it is seen here. */
async function noteRoles(client: pg.PoolClient, row: Row, roles: readonly string[]): Promise<void> {
  const [before, after] = [notedRoles(row.roles, row.exchange_admin_at).toSorted(), roles.toSorted()];
  if (before.join() === after.join()) return;
  await auditOrganizationIn(
    client,
    { organizationId: row.organization_id, userId: row.user_id, name: row.name },
    { action: 'session.roles-changed', detail: { before, after } },
  );
}

async function end(client: pg.PoolClient, id: string, now: Date, by: 'signed_out' | 'refused'): Promise<Row | null> {
  const { rows } = await client.query<Row>(
    `UPDATE portal_session SET ended_at = $2, ended_by = $3, refresh_token_sealed = NULL
     WHERE id = $1 AND ended_at IS NULL RETURNING ${COLUMNS}`,
    [id, now, by],
  );
  return rows[0] ?? null;
}
