/** Organizations as rows: one for each Entra tenant whose people sign in. */
import type { PrismaClient } from '../generated/prisma/client.ts';

/**
 * Makes the row of an organization at the first sign-in. Until its directory can be read it goes by the domain of
 * whoever came first.
 */
export async function welcomeOrganization(
  prisma: PrismaClient,
  organizationId: string,
  address: string,
): Promise<void> {
  const domain = address.split('@')[1]?.toLowerCase();
  await prisma.organization.createMany({
    data: [{ id: organizationId, name: domain ?? organizationId }],
    skipDuplicates: true,
  });
}
