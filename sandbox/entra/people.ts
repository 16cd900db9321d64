/** What Entra ID says of a person: whether they may sign in, which claims their ID token has, what they may consent to. */
import { createHash } from 'node:crypto';
import { roleTemplateIdsOf } from '../world/directory-roles.ts';
import type { Person, Tenant } from '../world/people.ts';

/** everybody has it */
const DEFAULT_WID = 'b79fbf4d-3ef9-4689-8143-76b194e85509';

/** Consent to application permissions for Graph takes one of these. */
const CONSENTING: readonly string[] = ['Global Administrator', 'Privileged Role Administrator'];

export function mayConsent(person: Person): boolean {
  return person.directoryRoles.some((role) => CONSENTING.includes(role));
}

/** Subject identifier: another one for each app, so that nobody mistakes it for the object id. */
export function pairwiseSubject(personId: string, clientId: string): string {
  return createHash('sha256').update(`${personId} ${clientId}`).digest('base64url');
}

/** Claims about a person, before `scope` decides which of them the ID token carries. */
export function claimsOf(person: Person, tenant: Tenant): Record<string, unknown> & { sub: string } {
  return {
    sub: person.id,
    oid: person.id,
    tid: tenant.id,
    ver: '2.0',
    name: person.displayName,
    preferred_username: person.userPrincipalName,
    ...(person.mail !== null && { email: person.mail }),
    ...(person.appRoles.length > 0 && { roles: person.appRoles }),
  };
}

/** The `wids` claim: template ids of a person's directory roles, and the one that every member has. */
export function roleIds(person: Person): readonly string[] {
  return [...roleTemplateIdsOf(person), DEFAULT_WID];
}

/** One line that tells people apart on the sign-in page. */
export function roleHint(person: Person): string {
  const roles = [...person.directoryRoles, ...person.appRoles, ...person.exchangeRoleGroups];
  if (person.userType === 'Guest') return 'Guest';
  return roles.length > 0 ? roles.join(', ') : 'No role';
}

/** Mailboxes without a person and disabled accounts cannot sign in. */
export function maySignIn(person: Person): boolean {
  return person.accountEnabled && person.mailbox !== 'shared';
}
