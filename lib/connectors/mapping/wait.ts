/** A program's version that a person has to look at: said where administrators look every morning. */
import { inTransaction } from '../../db.ts';
import { lockVersions } from '../../mapping/store/versions.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';
import { lockProposal } from './store/versions.ts';
import { raiseWaitingAlert } from './store/waiting-alert.ts';

/**
 * Raises the alert that a program's version waits; it ends when the last of the connector's does. Needs `mapping.manage`.
 *
 * @returns `not_found` where somebody applied or ended it meanwhile
 * @throws NotAllowed
 */
export async function waitForPerson(
  parts: MappingParts,
  actor: Actor,
  { connectorId, versionId }: { readonly connectorId: string; readonly versionId: string },
): Promise<'waits' | 'not_found'> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const waits = await inTransaction(parts.database.pool, async (client) => {
    await lockVersions(client, connectorId);
    const proposal = await lockProposal(client, organizationId, connectorId, versionId);
    if (proposal === null) return false;
    await raiseWaitingAlert(client, { organizationId, connectorId, version: proposal.number });
    return true;
  });
  if (waits) parts.notify({ organizationId, connectorId, importId: null });
  return waits ? 'waits' : 'not_found';
}
