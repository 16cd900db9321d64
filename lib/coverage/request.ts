/** *Verify again*: an administrator asks for a verification. */

import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type CommandDeps, lockState } from '../imports/commands.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { insertVerification } from './store/verifications.ts';

/** `unchanged`: one is under way already */
export type VerificationRequestResult = 'done' | 'not_found' | 'unchanged';

/** A verification is a row: while Redis is away a worker finds it within a minute. @throws NotAllowed */
export async function requestVerification(
  deps: CommandDeps,
  actor: Actor,
  connectorId: string,
): Promise<VerificationRequestResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const result = await inTransaction(deps.pool, async (client): Promise<VerificationRequestResult> => {
    if (!(await lockState(client, organizationId, connectorId))) return 'not_found';
    if (!(await insertVerification(client, { organizationId, connectorId }, actor.name))) return 'unchanged';
    await auditIn(client, actor, { action: 'coverage.verification-requested', connectorId });
    return 'done';
  });
  if (result === 'done') {
    await deps.enqueue('verify', { organizationId, connectorId }, { key: connectorId });
    deps.notify({ organizationId, connectorId, importId: null });
  }
  return result;
}
