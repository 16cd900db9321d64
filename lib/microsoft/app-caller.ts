/**
 * Programs that call this portal: their access tokens, given out by Entra ID for this portal's own registration (client
 * credentials). A token is taken from a tenant that the operator lists, signed with that tenant's keys, of version 2.0,
 * and of an application alone: a token on behalf of a person is refused, whatever roles it carries.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens
 */
import { createRemoteJWKSet, customFetch, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppTokenError } from './app-token.ts';
import type { TenantEndpoints } from './discovery.ts';
import { NoAnswer, NotSent, type Transport } from './transport.ts';

export interface AppCaller {
  readonly organizationId: string;
  /** client id of the program's registration */
  readonly appId: string;
  /** object id of its service principal in the tenant */
  readonly objectId: string;
  /** app roles of this portal that the tenant has granted to it */
  readonly roles: readonly string[];
}

export type CallerRefusal =
  | 'no_token'
  /** broken, over, not signed by the tenant, for somebody else, of another tenant */
  | 'invalid_token'
  /** on behalf of a person */
  | 'not_an_application'
  /** Entra ID's keys could not be read */
  | 'unreachable';

export interface CallerSettings {
  /** tenant ids that may call, in lower case */
  readonly organizations: readonly string[];
  /** this portal's own: whom tokens must be for */
  readonly clientId: string;
  /** a tenant's description of itself; to be remembered, since every call asks. @throws AppTokenError */
  readonly endpointsOf: (tenantId: string) => Promise<Pick<TenantEndpoints, 'issuer' | 'jwksUri'>>;
  readonly transport: Transport;
  readonly now: () => Date;
}

/** What Microsoft recommends clocks to be apart at most. */
const SKEW_SECONDS = 300;
const KEYS_TIMEOUT_MS = 5_000;
/** Microsoft may change its keys at any time: one that is unknown is looked for, but not more often than this. */
const LOOK_AGAIN_MS = 30_000;
const KEYS_AGE_MS = 60 * 60_000;
/** Longer ones are no tokens of Entra ID, and are not parsed. */
const LONGEST_TOKEN = 16_384;

const claimsSchema = z.object({
  tid: z.guid(),
  oid: z.guid(),
  azp: z.guid(),
  sub: z.string(),
  ver: z.literal('2.0'),
  roles: z.array(z.string()).default([]),
  /** delegated permissions: only tokens on behalf of a person have them */
  scp: z.string().optional(),
  /** comes only where the registration asks for it */
  idtyp: z.string().optional(),
});

/** The verifier of one process; it remembers the tenants' keys. */
export function appCallers(
  settings: CallerSettings,
): (authorization: string | null) => Promise<AppCaller | CallerRefusal> {
  const keys = new Map<string, JWTVerifyGetKey>();
  const keysOf = (jwksUri: string): JWTVerifyGetKey => {
    const known = keys.get(jwksUri);
    if (known !== undefined) return known;
    const remote = createRemoteJWKSet(new URL(jwksUri), {
      timeoutDuration: KEYS_TIMEOUT_MS,
      cooldownDuration: LOOK_AGAIN_MS,
      cacheMaxAge: KEYS_AGE_MS,
      [customFetch]: (url, { signal }) => fetched(settings.transport, url, signal),
    });
    keys.set(jwksUri, remote);
    return remote;
  };

  return async (authorization) => {
    const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return 'no_token';
    if (token.length > LONGEST_TOKEN) return 'invalid_token';
    // Not proven yet: it only says whose keys are to be asked. Nobody outside the list makes us ask anybody.
    const tenantId = tenantNamedIn(token);
    if (tenantId === null || !settings.organizations.includes(tenantId)) return 'invalid_token';
    try {
      const { issuer, jwksUri } = await settings.endpointsOf(tenantId);
      const { payload } = await jwtVerify(token, keysOf(jwksUri), {
        issuer,
        audience: settings.clientId,
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'nbf', 'iat'],
        clockTolerance: SKEW_SECONDS,
        currentDate: settings.now(),
      });
      return callerOf(payload, tenantId);
    } catch (error) {
      return refusalOf(error);
    }
  };
}

function callerOf(payload: unknown, tenantId: string): AppCaller | CallerRefusal {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success || claims.data.tid.toLowerCase() !== tenantId) return 'invalid_token';
  const { oid, azp, sub, roles, scp, idtyp } = claims.data;
  // Of an application alone, subject and object are one: its service principal.
  if (scp !== undefined || (idtyp ?? 'app') !== 'app' || sub !== oid) return 'not_an_application';
  return { organizationId: tenantId, appId: azp.toLowerCase(), objectId: oid.toLowerCase(), roles };
}

function tenantNamedIn(token: string): string | null {
  try {
    const { tid } = decodeJwt(token);
    return typeof tid === 'string' ? tid.toLowerCase() : null;
  } catch {
    return null;
  }
}

/** @throws what is no refusal: a fault of ours */
function refusalOf(error: unknown): CallerRefusal {
  const isEntraAway = [AppTokenError, KeysUnreachable, errors.JWKSTimeout, errors.JWKSInvalid];
  if (isEntraAway.some((kind) => error instanceof kind)) return 'unreachable';
  if (error instanceof errors.JOSEError) return 'invalid_token';
  throw error;
}

class KeysUnreachable extends Error {
  override name = 'KeysUnreachable';
}

async function fetched(transport: Transport, url: string, signal: AbortSignal): Promise<Response> {
  try {
    const answer = await transport(url, { method: 'GET', headers: { accept: 'application/json' }, signal });
    if (answer.status !== 200) throw new KeysUnreachable(`Entra ID gave no keys (HTTP ${answer.status})`);
    return Response.json(JSON.parse(answer.text));
  } catch (error) {
    if (error instanceof NotSent || error instanceof NoAnswer) throw new KeysUnreachable(error.message);
    if (error instanceof SyntaxError) throw new KeysUnreachable('Entra ID gave keys that cannot be understood');
    throw error;
  }
}
