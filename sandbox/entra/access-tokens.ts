/** Access tokens for Graph, of apps and of apps on behalf of people: made by the token endpoint, read by Graph. */
import { randomUUID } from 'node:crypto';
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { nationalClouds } from '../world/clouds.ts';
import type { Person } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { guidOf } from '../world/staff.ts';
import type { SigningKey } from './keys.ts';
import { pairwiseSubject, roleIds } from './people.ts';

/** Graph's name as a resource in every cloud. */
export const GRAPH_APP = '00000003-0000-0000-c000-000000000000';

const nationalGraphs: ReadonlySet<string> = new Set(
  Object.values(nationalClouds).map(({ graph }) => `https://${graph}`),
);

/** Graph's names as a resource. A national cloud knows none of the public one. @param graphUrl where it is served */
export function graphAudiences(graphUrl: string): readonly string[] {
  if (nationalGraphs.has(graphUrl)) return [graphUrl, GRAPH_APP];
  return ['https://graph.microsoft.com', GRAPH_APP, graphUrl];
}

const claimsSchema = z.object({
  tid: z.string(),
  appid: z.string(),
  /** of the service principal, or of the person */
  oid: z.string(),
  idtyp: z.enum(['app', 'user']),
  roles: z.array(z.string()).default([]),
  scp: z
    .string()
    .default('')
    .transform((scopes) => scopes.split(' ').filter((scope) => scope !== '')),
  exp: z.number(),
});

export type TokenClaims = z.infer<typeof claimsSchema>;

/** How an app proved itself: `1` by a secret, `2` by a certificate. */
export type AppProof = '1' | '2';

interface TokenGrounds {
  readonly audience: string;
  readonly tenant: string;
  readonly app: string;
  readonly proof: AppProof;
  readonly seconds: number;
  readonly now: Date;
}

/** Why a token is not taken; the sentence is Graph's. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** An app-only token with the roles that the tenant has granted. */
export function issueAppToken(
  key: SigningKey,
  what: TokenGrounds & { readonly roles: readonly string[] },
): Promise<string> {
  const servicePrincipal = guidOf(`service principal ${what.app} in ${what.tenant}`);
  return sign(key, what, servicePrincipal, {
    idtyp: 'app',
    oid: servicePrincipal,
    ...(what.roles.length > 0 && { roles: [...what.roles] }),
  });
}

/**
 * An app-only token for the portal as a resource: of version 2.0, because its registration asks for that
 * (`requestedAccessTokenVersion`), and so issued by the tenant for the registration's client id.
 */
export function issuePortalToken(
  key: SigningKey,
  what: Omit<TokenGrounds, 'audience'> & { readonly issuer: string; readonly roles: readonly string[] },
): Promise<string> {
  const issuedAt = Math.floor(what.now.getTime() / 1_000);
  const servicePrincipal = guidOf(`service principal ${what.app} in ${what.tenant}`);
  const roles = what.roles.length > 0 ? { roles: [...what.roles] } : {};
  return new SignJWT({
    ...{ azp: what.app, azpacr: what.proof, oid: servicePrincipal, tid: what.tenant, ver: '2.0' },
    ...roles,
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(what.issuer)
    .setSubject(servicePrincipal)
    .setAudience(portalApp.clientId)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + what.seconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

/** A token on behalf of a person, with the delegated permissions in `scp`. */
export function issueUserToken(
  key: SigningKey,
  what: TokenGrounds & { readonly person: Person; readonly scopes: readonly string[] },
): Promise<string> {
  const { person } = what;
  return sign(key, what, pairwiseSubject(person.id, what.app), {
    idtyp: 'user',
    oid: person.id,
    name: person.displayName,
    given_name: person.givenName,
    family_name: person.surname,
    upn: person.userPrincipalName,
    unique_name: person.userPrincipalName,
    scp: what.scopes.join(' '),
    wids: roleIds(person),
  });
}

function sign(key: SigningKey, what: TokenGrounds, subject: string, claims: Record<string, unknown>): Promise<string> {
  const issuedAt = Math.floor(what.now.getTime() / 1_000);
  return (
    new SignJWT({ appid: what.app, appidacr: what.proof, tid: what.tenant, ver: '1.0', ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
      // Graph takes tokens of version 1.0 whatever endpoint gives them out, and those have this issuer; nobody but Graph
      // checks them
      .setIssuer(`https://sts.windows.net/${what.tenant}/`)
      .setSubject(subject)
      .setAudience(what.audience)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + what.seconds)
      .setJti(randomUUID())
      .sign(key.privateKey)
  );
}

/**
 * The claims of a token that is meant for one of `audiences`.
 * @throws {TokenRefused}
 */
export async function readAccessToken(
  key: SigningKey,
  token: string,
  audiences: readonly string[],
  now: Date,
): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key.publicKey, {
      audience: [...audiences],
      algorithms: ['RS256'],
      currentDate: now,
    });
    return claimsSchema.parse(payload);
  } catch (error) {
    throw new TokenRefused(refusal(error));
  }
}

function refusal(error: unknown): string {
  if (error instanceof joseErrors.JWTExpired) return 'Lifetime validation failed, the token is expired.';
  if (error instanceof joseErrors.JWTClaimValidationFailed && error.claim === 'aud') {
    return 'Access token validation failure. Invalid audience.';
  }
  if (error instanceof joseErrors.JWSSignatureVerificationFailed)
    return 'Access token validation failure. Invalid signature.';
  return 'IDX14100: JWT is not well formed, there are no dots (.).';
}
