import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { signedIn } from '#app/authentication.ts';
import { MissingRole } from '#components/sign-in/missing-role.tsx';
import * as text from '#components/text/text.ts';
import { isAllowed, PERMISSIONS } from '#lib/security/roles.ts';

export const metadata: Metadata = { title: text.signIn.noRole };

type Query = Readonly<Record<string, string | string[] | undefined>>;

export default async function MissingRolePage({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const [actor, query] = await Promise.all([signedIn(), searchParams]);
  if (actor === null) redirect('/sign-in');
  const permission = PERMISSIONS.find((one) => one === query.permission) ?? 'connectors.read';
  if (isAllowed(actor.roles, permission)) redirect('/data-connectors');
  return (
    <MissingRole
      organizationId={actor.organizationId}
      address={actor.address}
      roles={actor.roles}
      permission={permission}
      checked={query.checked === '1'}
    />
  );
}
