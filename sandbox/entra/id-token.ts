/** ID tokens: who signed in, for the app. */
import { SignJWT } from 'jose';
import type { Person, Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import type { SigningKey } from './keys.ts';
import { claimsOf, pairwiseSubject, roleIds } from './people.ts';

/** Claims that come only with a scope; all others always come. */
const BY_SCOPE: Readonly<Record<string, string>> = {
  oid: 'profile',
  name: 'profile',
  preferred_username: 'profile',
  email: 'email',
};
const SECONDS = 3_600;

export function issueIdToken(
  key: SigningKey,
  what: {
    readonly issuer: string;
    readonly tenant: Tenant;
    readonly person: Person;
    readonly scopes: readonly string[];
    readonly nonce: string | undefined;
    /** whether the app's manifest asks for the person's directory roles */
    readonly withRoleIds: boolean;
    readonly now: Date;
  },
): Promise<string> {
  const issuedAt = Math.floor(what.now.getTime() / 1_000);
  const claims = Object.entries(claimsOf(what.person, what.tenant)).filter(([name]) => {
    const scope = BY_SCOPE[name];
    return scope === undefined || what.scopes.includes(scope);
  });
  return new SignJWT({
    ...Object.fromEntries(claims),
    ...(what.withRoleIds && { wids: roleIds(what.person) }),
    ...(what.nonce !== undefined && { nonce: what.nonce }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(what.issuer)
    .setSubject(pairwiseSubject(what.person.id, portalApp.clientId))
    .setAudience(portalApp.clientId)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + SECONDS)
    .sign(key.privateKey);
}
