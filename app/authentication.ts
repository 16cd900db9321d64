/** Who is at the other end of a request. */

import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { getServerSession, type NextAuthOptions } from 'next-auth';
import { cache } from 'react';
import { noteRefusal } from '#lib/audit/refusal.ts';
import { database } from '#lib/db.ts';
import { EnvError, env } from '#lib/env.ts';
import { limits } from '#lib/limits/composition.ts';
import { log } from '#lib/log.ts';
import { configuredHosts } from '#lib/microsoft/configured-hosts.ts';
import { welcomeOrganization } from '#lib/organizations/welcome.ts';
import type { Actor } from '#lib/security/actor.ts';
import { clientAddress } from '#lib/security/client-address.ts';
import { isAllowed, type Permission } from '#lib/security/roles.ts';
import { sessionIdIn, signInOptions } from '#lib/security/sign-in.ts';
import { sessions } from '#lib/sessions/composition.ts';
import { actorOfSession, beginSession, endSession } from '#lib/sessions/sessions.ts';

let options: NextAuthOptions | undefined;

export function authentication(): NextAuthOptions {
  const clientSecret = env().ENTRA_CLIENT_SECRET;
  if (clientSecret === undefined) {
    throw new EnvError('Set ENTRA_CLIENT_SECRET: people sign in with it, also where ENTRA_CLIENT_CERTIFICATE is set.');
  }
  options ??= signInOptions({
    portalUrl: env().NEXTAUTH_URL,
    organizations: env().ORGANIZATIONS,
    authority: configuredHosts().authority,
    clientId: env().ENTRA_CLIENT_ID,
    clientSecret,
    secret: env().NEXTAUTH_SECRET,
    begin: async (person, refreshToken) => {
      const address = await callerAddress();
      const before = await sessionOfBrowser();
      const id = await beginSession(sessions(), person, refreshToken, address);
      // Whoever kept the cookie that this sign-in takes the place of has nothing of it.
      if (before !== null) await endSession(sessions(), before, address);
      return id;
    },
    end: async (sessionId) => endSession(sessions(), sessionId, await callerAddress()),
    actorOf: (sessionId) => actorOfSession(sessions(), sessionId),
    refused: (person) => log().warn({ person }, 'sign-in refused: not an organization of this portal'),
    welcome: (organizationId, address) => welcomeOrganization(database().prisma, organizationId, address),
  });
  return options;
}

/** The session whose cookie comes with the request; null where there is none. */
async function sessionOfBrowser(): Promise<string | null> {
  const name = authentication().cookies?.sessionToken?.name ?? '';
  return sessionIdIn((await cookies()).get(name)?.value, env().NEXTAUTH_SECRET);
}

/** Somebody asked for what their roles do not allow. @param address what they asked for; null where it is not known */
export function recordRefusal(actor: Actor, permission: Permission, address: string | null): Promise<void> {
  return noteRefusal({ pool: database().pool, limits: limits() }, actor, permission, address);
}

/** The person who is signed in, whatever their roles; null where nobody is. Read once a request. */
export const signedIn = cache(async (): Promise<Actor | null> => {
  const actor = (await getServerSession(authentication()))?.actor;
  return actor ? { ...actor, clientAddress: await callerAddress() } : null;
});

/** Where the request comes from, as far as it can be known. */
export async function callerAddress(): Promise<string | undefined> {
  return clientAddress((await headers()).get('x-forwarded-for'), env().TRUSTED_PROXIES);
}

/**
 * The person, for a page or an action that needs `permission`. Sends strangers to the sign-in page, from where they come
 * back to the address that they asked for, and people without the permission to the page that says which role they lack.
 */
export async function requireActor(permission: Permission): Promise<Actor> {
  const actor = await signedIn();
  if (actor === null) {
    const address = (await headers()).get('x-address');
    redirect(address === null ? '/sign-in' : `/sign-in?callbackUrl=${encodeURIComponent(address)}`);
  }
  if (!isAllowed(actor.roles, permission)) {
    await recordRefusal(actor, permission, (await headers()).get('x-address'));
    redirect(`/missing-role?permission=${permission}`);
  }
  return actor;
}
