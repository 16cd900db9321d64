'use server';

import { callerAddress } from '#app/authentication.ts';
import { microsoft } from '#lib/connectors/composition.ts';
import { env } from '#lib/env.ts';
import { limits } from '#lib/limits/composition.ts';
import { configuredHosts } from '#lib/microsoft/configured-hosts.ts';
import { discover } from '#lib/microsoft/discovery.ts';
import { type FoundOrganization, findOrganizationByAddress } from '#lib/organizations/find-by-address.ts';
import { remembered } from '#lib/organizations/tenant-of-domain.ts';
import { addressBlock } from '#lib/security/client-address.ts';

const now = () => performance.now();
const tenantOf = remembered(
  (domain) => discover(configuredHosts(), domain, microsoft().transport, AbortSignal.timeout(10_000)),
  { lifetimeMs: 10 * 60_000, most: 1_000, now },
);

/**
 * The organization that a work e-mail signs in to. Open to everybody: it says no more than Microsoft's sign-in does, and
 * asks Microsoft seldom.
 */
export async function findOrganization(address: string): Promise<FoundOrganization> {
  const caller = addressBlock((await callerAddress()) ?? 'unknown');
  const taken = await limits().take('organization-of-address', caller);
  if (!taken.allowed) return { kind: 'too-many', retryAfterSeconds: taken.retryAfterSeconds };
  const given = typeof address === 'string' ? address.slice(0, 320) : '';
  return findOrganizationByAddress(given, env().ORGANIZATIONS, tenantOf);
}
