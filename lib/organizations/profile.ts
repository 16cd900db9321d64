/** What the portal remembers of an organization's own directory: its name and its verified domains. */
import type { PrismaClient } from '../generated/prisma/client.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { readOrganization } from '../microsoft/organization.ts';

/**
 * Reads name and verified domains from the directory and keeps them.
 *
 * @throws GraphError (`forbidden` before admin consent), AppTokenError
 */
export async function refreshOrganization(prisma: PrismaClient, graph: Graph): Promise<ReadonlySet<string>> {
  const profile = await readOrganization(graph);
  const verifiedDomains = [...profile.verifiedDomains];
  await prisma.organization.updateMany({
    where: { id: graph.tenantId },
    data: { name: profile.displayName, verifiedDomains, directoryReadAt: new Date() },
  });
  return new Set(verifiedDomains);
}

/** The verified domains, in lower case; asks the directory where none are known yet. @throws as `refreshOrganization` */
export async function verifiedDomainsOf(prisma: PrismaClient, graph: Graph): Promise<ReadonlySet<string>> {
  const row = await prisma.organization.findUnique({ where: { id: graph.tenantId } });
  return row !== null && row.verifiedDomains.length > 0
    ? new Set(row.verifiedDomains)
    : refreshOrganization(prisma, graph);
}

/** How old the remembered domains may be where somebody's addresses are refused by them. */
const FRESH_MS = 60 * 60 * 1000;

/**
 * The verified domains to check addresses by, in lower case: read again where they are older than an hour, as remembered
 * where the directory cannot be asked. Empty before admin consent, when nobody can know them.
 */
export async function domainsToCheck(prisma: PrismaClient, graph: Graph, now: Date): Promise<readonly string[]> {
  const row = await prisma.organization.findUnique({ where: { id: graph.tenantId } });
  if (row === null || row.verifiedDomains.length === 0) return [];
  if (row.directoryReadAt !== null && now.getTime() - row.directoryReadAt.getTime() < FRESH_MS)
    return row.verifiedDomains;
  try {
    return [...(await refreshOrganization(prisma, graph))];
  } catch (error) {
    if (error instanceof GraphError || error instanceof AppTokenError) return row.verifiedDomains;
    throw error;
  }
}

/** How people name an organization: its first verified domain, or the name it goes by; null where it is not ours. */
export async function organizationLabel(prisma: PrismaClient, organizationId: string): Promise<string | null> {
  const row = await prisma.organization.findUnique({ where: { id: organizationId } });
  return row === null ? null : (row.verifiedDomains[0] ?? row.name);
}
