'use server';

import { microsoft } from '#lib/connectors/composition.ts';
import { env } from '#lib/env.ts';
import { configuredHosts } from '#lib/microsoft/configured-hosts.ts';
import { discover } from '#lib/microsoft/discovery.ts';
import { type FoundOrganization, findOrganizationByAddress } from '#lib/organizations/find-by-address.ts';

/** The organization that a work e-mail signs in to. Open to everybody: it says no more than Microsoft's sign-in does. */
export async function findOrganization(address: string): Promise<FoundOrganization> {
  const given = typeof address === 'string' ? address.slice(0, 320) : '';
  return findOrganizationByAddress(given, env().ORGANIZATIONS, (domain) =>
    discover(configuredHosts(), domain, microsoft().transport, AbortSignal.timeout(10_000)),
  );
}
