/** Which of the portal's organizations a work e-mail belongs to, before anybody has signed in. */
import { AppTokenError } from '../microsoft/app-token.ts';
import type { TenantEndpoints } from '../microsoft/discovery.ts';

export type FoundOrganization =
  | { readonly kind: 'found'; readonly organizationId: string }
  | { readonly kind: 'unknown'; readonly domain: string }
  | { readonly kind: 'no-address' }
  | { readonly kind: 'not-answering' }
  /** the caller has asked too often */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number };

const ADDRESS = /^[^\s@]+@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63})$/;

/**
 * Asks Entra ID's public discovery document whose domain it is, so that no page lists the portal's organizations to
 * strangers.
 *
 * @param discover of `lib/microsoft/discovery.ts`, for a domain
 */
export async function findOrganizationByAddress(
  address: string,
  organizations: readonly string[],
  discover: (domain: string) => Promise<TenantEndpoints>,
): Promise<FoundOrganization> {
  const domain = ADDRESS.exec(address.trim().toLowerCase())?.[1];
  if (domain === undefined) return { kind: 'no-address' };
  try {
    const { issuer } = await discover(domain);
    const organizationId = organizations.find((id) => issuer.toLowerCase().includes(`/${id}/`));
    return organizationId === undefined ? { kind: 'unknown', domain } : { kind: 'found', organizationId };
  } catch (error) {
    if (!(error instanceof AppTokenError)) throw error;
    return error.failure === 'unreachable' ? { kind: 'not-answering' } : { kind: 'unknown', domain };
  }
}
