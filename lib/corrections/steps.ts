/** What an administrator can do with a correction, once a worker has come to the end of a phase. */
import type pg from 'pg';
import { type AuditAction, auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { versionInForce } from '../mapping/store/in-force.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { CorrectionPhase } from './correction.ts';
import { forgetListed } from './store/listing.ts';
import { countStates } from './store/verification.ts';

export interface CorrectionChoice {
  readonly connectorId: string;
  readonly correctionId: string;
}

export type StepResult =
  | { readonly kind: 'done' }
  /** there are other than the person was shown; nothing was done */
  | { readonly kind: 'changed'; readonly count: number }
  /** another mapping version came into force: the copies are to be listed again */
  | { readonly kind: 'mapping_changed' }
  /** it is in another phase by now */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'not_found' };

interface Locked {
  readonly phase: CorrectionPhase;
  readonly number: string;
  readonly versionId: string | null;
}

/**
 * Confirms that what was listed goes to the mailboxes that were shown. @param expected how many the person was shown
 * @throws NotAllowed
 */
export function confirmCopying(
  deps: CommandDeps,
  actor: Actor,
  { expected, ...choice }: CorrectionChoice & { readonly expected: number },
): Promise<StepResult> {
  return step(deps, actor, choice, async (client, { phase, number, versionId }) => {
    if (phase !== 'listed') return { kind: 'unchanged' };
    const { listed: count = 0 } = await countStates(client, choice.correctionId);
    if (count !== expected || count === 0) return { kind: 'changed', count };
    const version = await versionInForce(client, actor.organizationId, choice.connectorId);
    if ((version?.id ?? null) !== versionId) return { kind: 'mapping_changed' };
    await setPhase(client, choice, `phase = 'copying', confirmed_by_name = $2, confirmed_at = now()`, actor.name);
    await note(client, actor, choice, 'correction.confirmed', { number, count });
    return { kind: 'done' };
  });
}

/** Holds the copies against the mapping in force once more, before anything was moved. @throws NotAllowed */
export function listAgain(deps: CommandDeps, actor: Actor, choice: CorrectionChoice): Promise<StepResult> {
  return step(deps, actor, choice, async (client, { phase }) => {
    if (phase !== 'listed') return { kind: 'unchanged' };
    await forgetListed(client, choice.correctionId);
    await setPhase(client, choice, `phase = 'listing'`);
    return { kind: 'done' };
  });
}

/**
 * Looks again at what could not be moved or is not verified: TeleMessage may have the content by now, a mailbox may have
 * room, somebody may have retried. @throws NotAllowed
 */
export function lookAgain(deps: CommandDeps, actor: Actor, choice: CorrectionChoice): Promise<StepResult> {
  return step(deps, actor, choice, async (client, { phase }) => {
    if (phase !== 'copied') return { kind: 'unchanged' };
    // What was signed off stays so. What was on its way, or was sent once more, may have arrived by another message.
    await client.query(
      `UPDATE correction_copy c SET state = 'listed', reason = NULL, changed_at = now(),
         from_message_id = CASE WHEN d.state <> 'skipped' THEN d.message_id END
       FROM delivery d
       WHERE c.correction_id = $1 AND c.state = 'kept_back' AND c.reason <> 'signed_off'
         AND d.archived_at = c.archived_at AND d.id = c.delivery_id AND d.user_id = c.from_user_id`,
      [choice.correctionId],
    );
    await client.query(
      `UPDATE correction_copy SET reason = 'on_its_way', changed_at = now() WHERE correction_id = $1 AND state = 'moved'`,
      [choice.correctionId],
    );
    await setPhase(client, choice, `phase = 'copying'`);
    return { kind: 'done' };
  });
}

/**
 * Confirms that the messages that were listed are removed from the wrong mailboxes. @param expected how many the person was shown
 * @throws NotAllowed
 */
export function confirmRemoval(
  deps: CommandDeps,
  actor: Actor,
  { expected, ...choice }: CorrectionChoice & { readonly expected: number },
): Promise<StepResult> {
  return step(deps, actor, choice, async (client, { phase, number }) => {
    if (phase !== 'copied') return { kind: 'unchanged' };
    const { verified: count = 0 } = await countStates(client, choice.correctionId);
    if (count !== expected || count === 0) return { kind: 'changed', count };
    const set = `phase = 'removing', removal_confirmed_by_name = $2, removal_confirmed_at = now()`;
    await setPhase(client, choice, set, actor.name);
    await note(client, actor, choice, 'correction.removal-confirmed', { number, count });
    return { kind: 'done' };
  });
}

/**
 * Ends a correction, whatever is left of it: what was moved stays moved, what was not stays where it is, and nothing more
 * is removed. Not while messages are being removed: each of these is brought to its end.
 *
 * @throws NotAllowed
 */
export function endCorrection(deps: CommandDeps, actor: Actor, choice: CorrectionChoice): Promise<StepResult> {
  return step(deps, actor, choice, async (client, { phase, number }) => {
    if (phase === 'ended' || phase === 'removing') return { kind: 'unchanged' };
    await setPhase(client, choice, `phase = 'ended', ended_at = now()`);
    const counts = await countStates(client, choice.correctionId);
    await note(client, actor, choice, 'correction.ended', { number, phase, counts });
    return { kind: 'done' };
  });
}

async function step(
  deps: CommandDeps,
  actor: Actor,
  choice: CorrectionChoice,
  work: (client: pg.PoolClient, locked: Locked) => Promise<StepResult>,
): Promise<StepResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const { connectorId, correctionId } = choice;
  const result = await inTransaction(deps.pool, async (client): Promise<StepResult> => {
    const { rows } = await client.query<Locked>(
      `SELECT phase, number, mapping_version_id AS "versionId" FROM correction
       WHERE organization_id = $1 AND connector_id = $2 AND id = $3 FOR NO KEY UPDATE`,
      [organizationId, connectorId, correctionId],
    );
    const [locked] = rows;
    return locked ? work(client, locked) : { kind: 'not_found' };
  });
  if (result.kind === 'done') {
    deps.notify({ organizationId, connectorId, importId: null });
    await deps.enqueue('correct', { organizationId, correctionId }, { key: correctionId });
  }
  return result;
}

/** A worker that still holds it has lost it by that: its epoch is over. */
async function setPhase(
  client: pg.PoolClient,
  { correctionId }: CorrectionChoice,
  set: string,
  ...values: readonly string[]
): Promise<void> {
  await client.query(
    `UPDATE correction SET ${set}, epoch = epoch + 1, owner = NULL, lease_until = NULL, problem = NULL, attempts = 0,
       next_attempt_at = now() WHERE id = $1`,
    [correctionId, ...values],
  );
}

async function note(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, correctionId }: CorrectionChoice,
  action: AuditAction,
  detail: { readonly number: string; readonly [name: string]: string | number | Record<string, number> },
): Promise<void> {
  await auditIn(client, actor, { action, connectorId, detail: { correction: correctionId, ...detail } });
}
