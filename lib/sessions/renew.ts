/** Asking Entra ID who somebody is now, by the refresh token of their sign-in (OpenID Connect Core 1.0, section 12). */
import { custom, errors, Issuer } from 'openid-client';
import { z } from 'zod';

/** Somebody whom Entra ID knows. `roles` as the token says them. */
export interface SessionPerson {
  /** Entra tenant id, lower case */
  readonly organizationId: string;
  /** Entra object id, lower case */
  readonly userId: string;
  readonly name: string;
  /** sign-in name or e-mail address */
  readonly address: string;
  readonly roles: readonly string[];
}

export type Renewal =
  | {
      readonly kind: 'renewed';
      readonly person: SessionPerson;
      /** null: the one that was used stays */
      readonly refreshToken: string | null;
    }
  /** Entra ID does not stand for them any more: blocked, password changed, session revoked. `answer`: its word for it */
  | { readonly kind: 'refused'; readonly answer: string }
  | { readonly kind: 'unreachable' };

export interface RenewSettings {
  /** without tenant and slash */
  readonly authority: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What an ID token says of a person. */
export const claimsSchema = z.object({
  tid: z.guid(),
  oid: z.guid(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

export function personOf(claims: z.infer<typeof claimsSchema>): SessionPerson {
  const address = claims.preferred_username ?? claims.email ?? claims.oid;
  return {
    organizationId: claims.tid.toLowerCase(),
    userId: claims.oid.toLowerCase(),
    name: claims.name ?? address,
    address,
    roles: claims.roles ?? [],
  };
}

/** Of these alone it is certain that asking again would be of no use. */
const REFUSALS: ReadonlySet<string> = new Set([
  'invalid_grant',
  'interaction_required',
  'consent_required',
  'login_required',
]);

/** @returns a function that asks; the ID token that comes back is verified like that of a sign-in */
export function renewer(settings: RenewSettings): (organizationId: string, refreshToken: string) => Promise<Renewal> {
  const clients = new Map<string, ReturnType<typeof clientOf>>();
  return async (organizationId, refreshToken) => {
    try {
      const known = clients.get(organizationId) ?? clientOf(settings, organizationId);
      clients.set(organizationId, known);
      // Where it could not be found out how to ask, the next one tries anew.
      const client = await known.catch((error: unknown) => {
        clients.delete(organizationId);
        throw error;
      });
      const tokens = await client.refresh(refreshToken);
      const claims = claimsSchema.parse(tokens.claims());
      return { kind: 'renewed', person: personOf(claims), refreshToken: tokens.refresh_token ?? null };
    } catch (error) {
      const answer = (error instanceof errors.OPError ? error.error : undefined) ?? '';
      return REFUSALS.has(answer) ? { kind: 'refused', answer } : { kind: 'unreachable' };
    }
  };
}

/** How long Entra ID may take for one answer about a sign-in. */
export const ENTRA_TIMEOUT_MS = 10_000;
custom.setHttpOptionsDefaults({ timeout: ENTRA_TIMEOUT_MS });

async function clientOf({ authority, clientId, clientSecret }: RenewSettings, organizationId: string) {
  const issuer = await Issuer.discover(`${authority}/${organizationId}/v2.0/.well-known/openid-configuration`);
  return new issuer.Client({
    client_id: clientId,
    client_secret: clientSecret,
    token_endpoint_auth_method: 'client_secret_post',
  });
}
