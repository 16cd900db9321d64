/** What the portal remembers of an organization's own directory: its name and its verified domains. */
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Graph } from '../microsoft/graph.ts';
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

/** How people name an organization: its first verified domain, or the name it goes by; null where it is not ours. */
export async function organizationLabel(prisma: PrismaClient, organizationId: string): Promise<string | null> {
  const row = await prisma.organization.findUnique({ where: { id: organizationId } });
  return row === null ? null : (row.verifiedDomains[0] ?? row.name);
}
