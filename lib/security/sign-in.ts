/**
 * Signing people in with Entra ID: next-auth, one provider for each organization that the operator lists, so that every
 * ID token is checked against the keys and the issuer of exactly that tenant.
 *
 * Redirect addresses to register in Entra ID: `<NEXTAUTH_URL>/api/auth/callback/<tenant id>`, one an organization.
 */
import type { NextAuthOptions } from 'next-auth';
import { decode } from 'next-auth/jwt';
import AzureAD from 'next-auth/providers/azure-ad';
import { z } from 'zod';
import { claimsSchema, ENTRA_TIMEOUT_MS, personOf, type SessionPerson } from '../sessions/renew.ts';
import { SESSION_SECONDS } from '../sessions/sessions.ts';
import type { Actor } from './actor.ts';

export interface SignInSettings {
  /** `NEXTAUTH_URL` */
  readonly portalUrl: string;
  readonly organizations: readonly string[];
  /** without tenant and slash */
  readonly authority: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly secret: string;
  /** called when somebody of an organization signs in, before any page is shown */
  readonly welcome: (organizationId: string, address: string) => Promise<void>;
  /** begins a session and gives its id. `refreshToken` null: Entra ID gave none */
  readonly begin: (person: SessionPerson, refreshToken: string | null) => Promise<string>;
  readonly end: (sessionId: string) => Promise<void>;
  readonly actorOf: (sessionId: string) => Promise<Actor | null>;
  /** hears of somebody whom Microsoft knows and whose organization may not sign in here */
  readonly refused: (person: {
    readonly organizationId: string | undefined;
    readonly userId: string | undefined;
  }) => void;
}

/** What the cookie carries, encrypted by next-auth. */
const sessionTokenSchema = z.object({ sessionId: z.guid() });

declare module 'next-auth' {
  interface Session {
    actor: Actor | null;
  }
}

export function signInOptions(settings: SignInSettings): NextAuthOptions {
  return {
    secret: settings.secret,
    ...cookiesOf(settings.portalUrl),
    providers: settings.organizations.map((tenantId) => ({
      ...AzureAD({
        clientId: settings.clientId,
        clientSecret: settings.clientSecret,
        tenantId,
        wellKnown: `${settings.authority}/${tenantId}/v2.0/.well-known/openid-configuration`,
        // With offline access comes the refresh token, by which roles are asked for again.
        authorization: { params: { scope: 'openid profile email offline_access' } },
        client: { token_endpoint_auth_method: 'client_secret_post' },
        // The library's own 3.5 seconds end a sign-in on a slow line.
        httpOptions: { timeout: ENTRA_TIMEOUT_MS },
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
        if (session.success) await settings.end(session.data.sessionId);
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
        const person = personOf(claimsSchema.parse(profile));
        await settings.welcome(person.organizationId, person.address);
        return { sessionId: await settings.begin(person, account.refresh_token ?? null) };
      },
      async session({ session, token }) {
        const parsed = sessionTokenSchema.safeParse(token);
        return { ...session, actor: parsed.success ? await settings.actorOf(parsed.data.sessionId) : null };
      },
      /** Only to ourselves, whatever the address says. */
      redirect: ({ url, baseUrl }) =>
        URL.parse(url, baseUrl)?.origin === new URL(baseUrl).origin ? new URL(url, baseUrl).href : baseUrl,
    },
  };
}

/** The session that a cookie names; null where it is none of this portal's, or too old. @param value of the session cookie */
export async function sessionIdIn(value: string | undefined, secret: string): Promise<string | null> {
  // What does not decrypt is not ours, whatever else it is.
  const token = await decode({ token: value, secret }).catch(() => null);
  return sessionTokenSchema.safeParse(token).data?.sessionId ?? null;
}

/** How long somebody may take at Microsoft's page, seconds. */
const SIGN_IN_SECONDS = 15 * 60;

/**
 * Cookies of this host and no other: `__Host-` is taken by browsers over TLS only, without a domain, for the whole path
 * (RFC 6265bis, 4.1.3.2). No script reads one. Without TLS, on a developer's machine, browsers refuse such names.
 */
function cookiesOf(portalUrl: string): Required<Pick<NextAuthOptions, 'cookies' | 'useSecureCookies'>> {
  const secure = portalUrl.startsWith('https:');
  const cookie = (name: string, maxAge?: number) => ({
    name: `${secure ? '__Host-' : ''}next-auth.${name}`,
    options: { httpOnly: true, sameSite: 'lax', path: '/', secure, ...(maxAge === undefined ? {} : { maxAge }) },
  });
  return {
    useSecureCookies: secure,
    cookies: {
      sessionToken: cookie('session-token'),
      callbackUrl: cookie('callback-url'),
      csrfToken: cookie('csrf-token'),
      pkceCodeVerifier: cookie('pkce.code_verifier', SIGN_IN_SECONDS),
      state: cookie('state', SIGN_IN_SECONDS),
      nonce: cookie('nonce', SIGN_IN_SECONDS),
    },
  };
}
