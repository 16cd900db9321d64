/**
 * Which mailboxes a live connector may open: all of the organization, or those alone that Exchange limits it to. Changed only
 * by the proof that the wizard asks for, so that what is written down is what holds.
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction, type Queryable } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import type { ConsentMode, ConsentProof } from '../microsoft/prove-consent.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type ChangedMeanwhile, changedMeanwhile } from './changed-meanwhile.ts';
import { chosenAddresses, type NotAnAddress } from './set-up/choose-mailboxes.ts';
import type { SetUpParts } from './set-up/parts.ts';
import { type ProvingParts, proveAsChosen } from './set-up/prove.ts';

export type MailboxLimitParts = ProvingParts & Pick<SetUpParts, 'database'> & Pick<CommandDeps, 'enqueue' | 'notify'>;

/** Addresses in lower case; null where none is known, which is so of all mailboxes. */
export interface MailboxLimit {
  readonly mode: ConsentMode;
  /** by which it was proven: one that opens, and one that refuses */
  readonly inside: string | null;
  readonly outside: string | null;
}

export interface NewMailboxLimit {
  readonly connectorId: string;
  readonly mode: ConsentMode;
  /** addresses as somebody typed them */
  readonly inside: string;
  readonly outside: string;
  /** what it was changed from on the page; left out: whatever it is */
  readonly seen?: MailboxLimit;
}

export type SetMailboxLimitResult =
  /** `unchanged`: it is how it was set already, and holds; a stop by consent ends all the same */
  | { readonly kind: 'done' | 'unchanged' | 'not_proven'; readonly proof: ConsentProof }
  | NotAnAddress
  | ChangedMeanwhile<MailboxLimit>
  /** also the answer for another organization's connector */
  | { readonly kind: 'not_found' };

interface Written {
  readonly result: SetMailboxLimitResult;
  /** something that waited may go on now */
  readonly goesOn: boolean;
}

interface Row extends MailboxLimit {
  readonly kind: string;
}

/** What the connector stops by where the permission is taken away before the limit is set here. */
const STOPPED_BY_CONSENT: ReasonCode = 'consent_missing';
const ACTION = 'connector.mailboxes-changed';

/** Null where the organization has no such live connector. @throws NotAllowed */
export async function mailboxLimit(pool: pg.Pool, actor: Actor, connectorId: string): Promise<MailboxLimit | null> {
  authorize(actor, 'connectors.read');
  const row = await readLimit(pool, actor.organizationId, connectorId);
  return row === null ? null : { mode: row.mode, inside: row.inside, outside: row.outside };
}

export interface LookResult {
  readonly proof: ConsentProof;
  /** of the enterprise application, for the commands in Exchange; null where Entra ID gives no token */
  readonly objectId: string | null;
}

/**
 * What Microsoft says of a choice before it is made. Writes nothing, into no mailbox either: of chosen mailboxes only consent
 * and directory are looked at.
 *
 * @returns null where the organization has no such live connector
 * @throws NotAllowed
 */
export async function lookAtMailboxLimit(
  parts: MailboxLimitParts,
  actor: Actor,
  { connectorId, mode }: { readonly connectorId: string; readonly mode: ConsentMode },
): Promise<LookResult | null> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const connector = await readLimit(parts.database.pool, organizationId, connectorId);
  if (connector === null) return null;
  const consent = { mode, inside: null, outside: null, provenAt: null };
  const proof = await proveAsChosen(parts, { organizationId, kind: connector.kind, consent }, false);
  const objectId = await parts.tokens.token(organizationId).then(
    (token) => token.objectId,
    (error: unknown) => {
      if (error instanceof AppTokenError) return null;
      throw error;
    },
  );
  return { proof, objectId };
}

/**
 * Proves the choice, with one message that is written, found and removed where mailboxes are chosen, and writes it down only
 * where it is proven. A connector that stopped because its permission was taken away meanwhile goes on; who waited for a
 * mailbox is looked at again.
 *
 * @throws NotAllowed
 */
export async function setMailboxLimit(
  parts: MailboxLimitParts,
  actor: Actor,
  input: NewMailboxLimit,
): Promise<SetMailboxLimitResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { connectorId, mode, seen } = input;
  const wanted = mode === 'all' ? { inside: null, outside: null } : chosenAddresses(input);
  if ('kind' in wanted) return wanted;
  const connector = await readLimit(parts.database.pool, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const consent = { mode, ...wanted, provenAt: null };
  const proof = await proveAsChosen(parts, { organizationId, kind: connector.kind, consent }, true);
  if (!proof.proven) return { kind: 'not_proven', proof };
  const { result, goesOn } = await inTransaction(parts.database.pool, async (client): Promise<Written> => {
    const before = await readLimit(client, organizationId, connectorId, 'FOR NO KEY UPDATE');
    if (before === null) return { result: { kind: 'not_found' }, goesOn: false };
    const isSame = (limit: MailboxLimit): boolean =>
      before.mode === limit.mode && before.inside === limit.inside && before.outside === limit.outside;
    if (isSame({ mode, ...wanted })) {
      return { result: { kind: 'unchanged', proof }, goesOn: await endConsentStop(client, actor, connectorId) };
    }
    if (seen !== undefined && !isSame(seen)) {
      const { mode: now, inside, outside } = before;
      const about = { organizationId, connectorId, action: ACTION } as const;
      return { result: await changedMeanwhile(client, about, { mode: now, inside, outside }), goesOn: false };
    }
    await client.query(
      `UPDATE connector SET consent_mode = $3, inside_mailbox = $4, outside_mailbox = $5, consent_proven_at = now(),
         updated_at = now() WHERE organization_id = $1 AND id = $2`,
      [organizationId, connectorId, mode, wanted.inside, wanted.outside],
    );
    const named = mode === 'chosen' ? { inside: wanted.inside, outside: wanted.outside } : {};
    const detail = { before: before.mode, after: mode, ...named };
    await auditIn(client, actor, { action: ACTION, connectorId, detail });
    await endConsentStop(client, actor, connectorId);
    return { result: { kind: 'done', proof }, goesOn: true };
  });
  if (!goesOn) return result;
  parts.notify({ organizationId, connectorId, importId: null });
  await parts.enqueue('plan', { organizationId, connectorId, trigger: 'scheduled' }, { key: connectorId });
  await parts.enqueue('release', { organizationId, connectorId }, { key: connectorId });
  return result;
}

async function readLimit(
  client: Queryable,
  organizationId: string,
  connectorId: string,
  lock: '' | 'FOR NO KEY UPDATE' = '',
): Promise<Row | null> {
  const { rows } = await client.query<Row>(
    `SELECT kind, consent_mode AS mode, inside_mailbox AS inside, outside_mailbox AS outside FROM connector
      WHERE organization_id = $1 AND id = $2 AND status = 'live' ${lock}`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}

/** Also the alert that came with the stop, which would call for somebody for ever. @returns whether it was stopped so */
async function endConsentStop(client: pg.PoolClient, actor: Actor, connectorId: string): Promise<boolean> {
  const { organizationId } = actor;
  const { rowCount } = await client.query(
    `UPDATE connector SET stopped_at = NULL, stopped_reason = NULL
      WHERE organization_id = $1 AND id = $2 AND stopped_reason = $3`,
    [organizationId, connectorId, STOPPED_BY_CONSENT],
  );
  if (rowCount !== 1) return false;
  await client.query(
    `UPDATE alert SET resolved_at = now()
      WHERE organization_id = $1 AND connector_id = $2 AND code = $3 AND resolved_at IS NULL`,
    [organizationId, connectorId, STOPPED_BY_CONSENT],
  );
  await auditIn(client, actor, { action: 'connector.stop-lifted', connectorId });
  return true;
}
