/**
 * Signing people in with Entra ID: next-auth, one provider for each organization that the operator lists, so that every
 * ID token is checked against the keys and the issuer of exactly that tenant.
 *
 * Redirect addresses to register in Entra ID: `<NEXTAUTH_URL>/api/auth/callback/<tenant id>`, one an organization.
 */
import type { NextAuthOptions } from 'next-auth';
import AzureAD from 'next-auth/providers/azure-ad';
import { z } from 'zod';
import type { Actor } from './actor.ts';
import { rolesAmong } from './roles.ts';

export interface SignInSettings {
  readonly organizations: readonly string[];
  /** without tenant and slash */
  readonly authority: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly secret: string;
  /** called when somebody of an organization signs in, before any page is shown */
  readonly welcome: (organizationId: string, address: string) => Promise<void>;
  /** hears who signed in and who signed out */
  readonly heard: (person: SessionPerson, what: 'session.signed-in' | 'session.signed-out') => Promise<void>;
  /** hears of somebody whom Microsoft knows and whose organization may not sign in here */
  readonly refused: (person: {
    readonly organizationId: string | undefined;
    readonly userId: string | undefined;
  }) => void;
  readonly clock: () => Date;
}

/** Whose session it is. `roles` as the token says them. */
export interface SessionPerson {
  readonly organizationId: string;
  readonly userId: string;
  readonly name: string;
  readonly address: string;
  readonly roles: readonly string[];
}

/**
 * Longest session, counted from the sign-in: `signedInAt` in the token says when that was. next-auth's own `maxAge` is no
 * such limit, because it begins anew whenever a page asks for the session. After it people sign in again, which costs a
 * redirect while Microsoft still knows them.
 */
export const SESSION_SECONDS = 8 * 60 * 60;

const claimsSchema = z.object({
  tid: z.guid(),
  oid: z.guid(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  email: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

const sessionTokenSchema = z.object({
  organizationId: z.guid(),
  userId: z.guid(),
  name: z.string(),
  address: z.string(),
  roles: z.array(z.string()),
  /** seconds since 1970 */
  signedInAt: z.number().int(),
});

declare module 'next-auth' {
  interface Session {
    actor: Actor | null;
  }
}

export function signInOptions(settings: SignInSettings): NextAuthOptions {
  return {
    secret: settings.secret,
    providers: settings.organizations.map((tenantId) => ({
      ...AzureAD({
        clientId: settings.clientId,
        clientSecret: settings.clientSecret,
        tenantId,
        wellKnown: `${settings.authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
        client: { token_endpoint_auth_method: 'client_secret_post' },
        checks: ['pkce', 'state', 'nonce'],
        // The library's own asks graph.microsoft.com for a photo, which no page shows.
        profile: (claims) => ({ id: String(claims.oid), name: claims.name, email: claims.preferred_username }),
      }),
      id: tenantId,
    })),
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS, updateAge: SESSION_SECONDS },
    jwt: { maxAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    events: {
      async signOut({ token }) {
        const session = sessionTokenSchema.safeParse(token);
        if (session.success) await settings.heard(session.data, 'session.signed-out');
      },
    },
    callbacks: {
      /** The tenant of the token is the one that was asked, and one that the operator lists. */
      signIn({ account, profile }) {
        const claims = claimsSchema.safeParse(profile);
        const organizationId = claims.data?.tid.toLowerCase();
        const ours = organizationId === account?.provider && settings.organizations.includes(organizationId ?? '');
        if (!ours) settings.refused({ organizationId, userId: claims.data?.oid.toLowerCase() });
        return ours ? true : '/sign-in?error=organization';
      },
      async jwt({ token, account, profile }) {
        if (!account) return token;
        const claims = claimsSchema.parse(profile);
        const address = claims.preferred_username ?? claims.email ?? claims.oid;
        const person: SessionPerson = {
          organizationId: claims.tid.toLowerCase(),
          userId: claims.oid.toLowerCase(),
          name: claims.name ?? address,
          address,
          roles: claims.roles ?? [],
        };
        await settings.welcome(person.organizationId, address);
        await settings.heard(person, 'session.signed-in');
        return { ...person, signedInAt: Math.floor(settings.clock().getTime() / 1000) };
      },
      session: ({ session, token }) => ({
        ...session,
        actor: actorOf(token, settings.organizations, settings.clock()),
      }),
      /** Only to ourselves, whatever the address says. */
      redirect: ({ url, baseUrl }) =>
        URL.parse(url, baseUrl)?.origin === new URL(baseUrl).origin ? new URL(url, baseUrl).href : baseUrl,
    },
  };
}

/**
 * Who a session's token stands for; null where its organization is no longer listed, where the sign-in is longer ago than
 * `SESSION_SECONDS`, or where the token has another shape.
 */
export function actorOf(token: unknown, organizations: readonly string[], now: Date): Actor | null {
  const parsed = sessionTokenSchema.safeParse(token);
  if (!parsed.success || !organizations.includes(parsed.data.organizationId)) return null;
  const { signedInAt, roles, ...person } = parsed.data;
  if (now.getTime() / 1000 - signedInAt >= SESSION_SECONDS) return null;
  return { ...person, roles: rolesAmong(roles) };
}
