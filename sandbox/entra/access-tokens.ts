/** Access tokens of apps for Graph: made by the token endpoint, read by Graph. */
import { randomUUID } from 'node:crypto';
import { errors as joseErrors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { guidOf } from '../world/staff.ts';
import type { SigningKey } from './keys.ts';

/** Graph's own name as a resource, which every cloud takes beside its host. */
export const GRAPH_AUDIENCES = ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'] as const;

const claimsSchema = z.object({
  tid: z.string(),
  appid: z.string(),
  roles: z.array(z.string()).default([]),
  exp: z.number(),
});

export type AppClaims = z.infer<typeof claimsSchema>;

/** Why a token is not taken; the sentence is Graph's. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

/** An app-only token with the roles that the tenant has granted. */
export function issueAppToken(
  key: SigningKey,
  what: {
    issuer: string;
    audience: string;
    tenant: string;
    app: string;
    roles: readonly string[];
    seconds: number;
    now: Date;
  },
): Promise<string> {
  const issuedAt = Math.floor(what.now.getTime() / 1_000);
  const servicePrincipal = guidOf(`service principal ${what.app} in ${what.tenant}`);
  return new SignJWT({
    appid: what.app,
    appidacr: '1',
    idtyp: 'app',
    oid: servicePrincipal,
    tid: what.tenant,
    ver: '1.0',
    ...(what.roles.length > 0 && { roles: [...what.roles] }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(what.issuer)
    .setSubject(servicePrincipal)
    .setAudience(what.audience)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + what.seconds)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

/**
 * The claims of a token that is meant for one of `audiences`.
 * @throws {TokenRefused}
 */
export async function readAppToken(
  key: SigningKey,
  token: string,
  audiences: readonly string[],
  now: Date,
): Promise<AppClaims> {
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
