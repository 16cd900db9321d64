import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { signedIn } from '#app/authentication.ts';
import { localPath } from '#components/sign-in/local-path.ts';
import { SignInCard } from '#components/sign-in/sign-in-card.tsx';
import * as text from '#components/text/text.ts';
import { env } from '#lib/env.ts';
import { findOrganization } from './actions.ts';

export const metadata: Metadata = { title: text.signIn.title };

type Query = Readonly<Record<string, string | string[] | undefined>>;

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const query = await searchParams;
  const returnTo = localPath(query.callbackUrl, env().NEXTAUTH_URL);
  if (query.error === undefined && (await signedIn()) !== null) redirect(returnTo);
  const [only, ...others] = env().ORGANIZATIONS;
  return (
    <SignInCard
      returnTo={returnTo}
      onlyOrganization={others.length === 0 ? (only ?? null) : null}
      findOrganization={findOrganization}
      problem={problemOf(query)}
      notice={query.reason === 'signed-out' ? text.signIn.signedOut : null}
    />
  );
}

/** next-auth's codes, and ours. */
function problemOf(query: Query): string | null {
  switch (query.error) {
    case undefined:
      return null;
    case 'organization':
      return text.signIn.errors.organization;
    case 'TooMany':
      return text.signIn.errors.tooMany(secondsIn(query.wait));
    case 'AccessDenied':
      return text.signIn.errors.cancelled;
    case 'SessionRequired':
      return text.signIn.errors.expired;
    case 'OAuthSignin':
      return text.signIn.errors.notAnswering;
    default:
      return text.signIn.errors.failed;
  }
}

/** Anybody can write this address. */
function secondsIn(value: string | string[] | undefined): number {
  const seconds = Number(value);
  return Number.isInteger(seconds) && seconds > 0 && seconds <= 3_600 ? seconds : 60;
}
