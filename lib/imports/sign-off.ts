/**
 * Sign-off: somebody accepts, with a reason, that something is not or not wholly imported. Only then its sealed content
 * goes, and with it every later import: no mapping releases it, no retry sends it. It stays in its outcome and in the
 * equations, and does not count as *to do* any more.
 *
 * Of a copy that is missing in its mailbox it is accepted that the mailbox does not hold it any more. It stays *imported*,
 * and the audit entry names it, because there is nothing of it here that could be marked.
 *
 * A copy that is on its way, and that nobody may deliver because Microsoft 365 stopped its connector or one user is
 * imported first, ends with its sign-off: it has failed, for that reason.
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { isDeletionSuspended } from '../retention/suspend.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { CommandDeps } from './commands.ts';
import type { UndoneKind } from './counts.ts';
import { COMMENT_LIMIT, type SignOffReason } from './sign-off-reasons.ts';
import { endMissing } from './store/missing.ts';
import { markSignedOff, type SignOff } from './store/sign-off.ts';
import { giveUpStopped } from './store/stopped.ts';
import { lockItems, type UndoneKey, type UndoneSelection, undoneSets } from './store/undone.ts';
import { rowKey } from './undone-rows.ts';

export interface SignOffRequest {
  readonly selection: UndoneSelection;
  readonly reason: SignOffReason;
  readonly comment: string;
  /** how many the person was shown: more are never signed off */
  readonly expected: number;
}

export type SignOffResult =
  | { readonly kind: 'done'; readonly signedOff: number }
  /** there are other than the person was shown; nothing was signed off */
  | { readonly kind: 'changed'; readonly count: number }
  /** empty, or longer than `COMMENT_LIMIT` */
  | { readonly kind: 'bad_comment' }
  /** deletion is suspended: a sign-off lets content go that is nowhere else */
  | { readonly kind: 'suspended' }
  | { readonly kind: 'not_found' };

/** Rows of one transaction, each of which has its sign-off and its audit entry. */
const SET = 1_000;

/** Also of a deleted connector, whose evidence stays. @throws NotAllowed */
export async function signOff(deps: CommandDeps, actor: Actor, request: SignOffRequest): Promise<SignOffResult> {
  authorize(actor, 'items.sign-off');
  const { organizationId } = actor;
  const { selection, reason, expected } = request;
  const { connectorId, kind } = selection;
  const comment = request.comment.trim();
  if (comment === '' || comment.length > COMMENT_LIMIT) return { kind: 'bad_comment' };
  const { rowCount } = await deps.pool.query(
    `SELECT 1 FROM connector WHERE organization_id = $1 AND id = $2 AND status <> 'draft'`,
    [organizationId, connectorId],
  );
  if (rowCount !== 1) return { kind: 'not_found' };
  if (await isDeletionSuspended(deps.pool, organizationId)) return { kind: 'suspended' };
  let count = 0;
  for await (const keys of undoneSets(deps.pool, organizationId, selection, SET)) count += keys.length;
  if (count !== expected || count === 0) return { kind: 'changed', count };
  let signedOff = 0;
  for await (const found of undoneSets(deps.pool, organizationId, selection, SET)) {
    const keys = found.slice(0, expected - signedOff);
    if (keys.length === 0) break;
    signedOff += await inTransaction(deps.pool, async (client) => {
      // Who suspended it meanwhile keeps the sets that are left.
      if (await isDeletionSuspended(client, organizationId)) return 0;
      await lockItems(client, keys);
      const by = { userId: actor.userId, name: actor.name };
      const marked = await mark(client, { organizationId, connectorId, kind, reason, comment, by }, keys);
      if (marked === null) return 0;
      const detail = { kind, reason, comment, ...marked };
      await auditIn(client, actor, { action: 'copies.signed-off', connectorId, detail });
      return marked.count;
    });
  }
  deps.notify({ organizationId, connectorId, importId: null });
  return { kind: 'done', signedOff };
}

/** What of a sign-off goes into its audit entry: `signOff` names the row that says the same; null where nothing was kept. */
interface Marked {
  readonly signOff: string | null;
  readonly count: number;
  /** keys of missing copies */
  readonly copies?: readonly string[];
  /** of stopped copies: the row for those whose message is in the mailbox; null where there is none */
  readonly signOffOfPartial?: string | null;
}

async function mark(
  client: pg.PoolClient,
  { kind, ...why }: Omit<SignOff, 'kind'> & { readonly kind: UndoneKind },
  keys: readonly UndoneKey[],
): Promise<Marked | null> {
  if (kind === 'stopped') return markStopped(client, why, keys);
  const signOff = { ...why, kind };
  if (kind !== 'missing') {
    const marked = await markSignedOff(client, signOff, keys);
    return marked === null ? null : { signOff: marked.id, count: marked.count };
  }
  const ended = await endMissing(client, keys);
  if (ended.length === 0) return null;
  const notWhole = ended.filter(({ state }) => state === 'partially_imported');
  const marked = notWhole.length === 0 ? null : await markSignedOff(client, signOff, notWhole);
  return { signOff: marked?.id ?? null, count: ended.length, copies: ended.map(rowKey) };
}

async function markStopped(
  client: pg.PoolClient,
  why: Omit<SignOff, 'kind'>,
  keys: readonly UndoneKey[],
): Promise<Marked | null> {
  const { failed, partial } = await giveUpStopped(client, why.organizationId, why.connectorId, keys);
  const of = failed.length === 0 ? null : await markSignedOff(client, { ...why, kind: 'failed' }, failed);
  const ofPartial = partial.length === 0 ? null : await markSignedOff(client, { ...why, kind: 'partial' }, partial);
  const count = (of?.count ?? 0) + (ofPartial?.count ?? 0);
  return count === 0 ? null : { signOff: of?.id ?? null, signOffOfPartial: ofPartial?.id ?? null, count };
}
