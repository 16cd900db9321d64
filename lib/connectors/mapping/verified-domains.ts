/** The organization's domains as of today: an address of a domain that was verified this morning is no error. */
import { AppTokenError } from '../../microsoft/app-token.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { refreshOrganization } from '../../organizations/profile.ts';
import type { ReadingParts } from './parts.ts';
import type { MappedConnector } from './store/versions.ts';

/** How old what is known may be. */
const KNOWN_MS = 10 * 60 * 1000;

/** In lower case; empty where they were never known. A directory that cannot be asked does not keep anybody from mapping. */
export async function currentDomains(parts: ReadingParts, connector: MappedConnector): Promise<readonly string[]> {
  const { organizationId, verifiedDomains, domainsReadAt } = connector;
  if (domainsReadAt !== null && Date.now() - domainsReadAt.getTime() < KNOWN_MS) return verifiedDomains;
  try {
    const domains = await refreshOrganization(parts.database.prisma, parts.graph(organizationId));
    return [...domains].map((domain) => domain.toLowerCase());
  } catch (error) {
    if (error instanceof GraphError || error instanceof AppTokenError) return verifiedDomains;
    throw error;
  }
}
