/** What an administrator can do about a connector that was stopped: give the password that is in force, or try again. */
import type { SourceFailure } from '../archive/source.ts';
import { SourceError } from '../archive/source.ts';
import { audit } from '../audit/entries.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { sealPassword } from './password.ts';
import type { SetUpParts } from './set-up/parts.ts';

export type MendParts = Pick<SetUpParts, 'database' | 'keyRing' | 'openSource' | 'sourceHost'> &
  Pick<CommandDeps, 'enqueue' | 'notify'>;

export interface NewCredentials {
  readonly connectorId: string;
  readonly username: string;
  readonly password: string;
}

export type UpdateCredentialsResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'not_found' }
  /** the credentials are good, but of another account: its items would be another source's */
  | { readonly kind: 'other_account'; readonly accountName: string }
  | {
      readonly kind: 'refused';
      readonly failure: SourceFailure;
      readonly retryAfterSeconds: number | null;
      readonly host: string;
    };

/** Signs in once with the new credentials; only what the source accepted is stored, and imports go on. @throws NotAllowed */
export async function updateCredentials(
  parts: MendParts,
  actor: Actor,
  { connectorId, username, password }: NewCredentials,
): Promise<UpdateCredentialsResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { prisma } = parts.database;
  const live = { organizationId, id: connectorId, status: 'live' } as const;
  const connector = await prisma.connector.findFirst({
    where: live,
    select: { kind: true, username: true, source: { select: { accountId: true } } },
  });
  if (connector === null) return { kind: 'not_found' };
  try {
    const account = await parts.openSource(connector.kind, { username, password }, organizationId).account();
    if (account.id !== connector.source?.accountId) return { kind: 'other_account', accountName: account.name };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { failure, retryAfterSeconds } = error;
    return { kind: 'refused', failure, retryAfterSeconds, host: parts.sourceHost };
  }
  const passwordSealed = sealPassword(parts.keyRing, connectorId, password);
  const updated = await prisma.$transaction(async (tx) => {
    const { count } = await tx.connector.updateMany({ where: live, data: { username, passwordSealed } });
    if (count === 0) return false;
    await endStop(tx, organizationId, connectorId);
    const detail = { before: connector.username, after: username };
    await audit(tx, actor, { action: 'connector.credentials-updated', connectorId, detail });
    return true;
  });
  if (!updated) return { kind: 'not_found' };
  await goOn(parts, organizationId, connectorId);
  return { kind: 'done' };
}

/** Lifts the stop. Where its reason still holds, the next try stops the connector again. @throws NotAllowed */
export async function liftStop(
  parts: MendParts,
  actor: Actor,
  connectorId: string,
): Promise<'done' | 'not_found' | 'unchanged'> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const result = await parts.database.prisma.$transaction(async (tx) => {
    const where = { organizationId, id: connectorId, status: 'live' } as const;
    if ((await tx.connector.count({ where })) === 0) return 'not_found';
    if (!(await endStop(tx, organizationId, connectorId))) return 'unchanged';
    await audit(tx, actor, { action: 'connector.stop-lifted', connectorId });
    return 'done';
  });
  if (result === 'done') await goOn(parts, organizationId, connectorId);
  return result;
}

/**
 * Lifts a stop, and the alert that came with it (`stopConnector` in imports/store/connectors.ts): an alert that stayed
 * open would call for somebody for ever. Inside a transaction.
 *
 * @returns false where it was not stopped
 */
async function endStop(
  tx: Pick<Prisma.TransactionClient, 'connector' | 'alert'>,
  organizationId: string,
  connectorId: string,
): Promise<boolean> {
  const where = { organizationId, id: connectorId, stoppedAt: { not: null } };
  const stopped = await tx.connector.findFirst({ where, select: { stoppedReason: true } });
  if (stopped === null) return false;
  // Who lifts the stop wants the password to be tried once more: it may have been put right at the source.
  const { count } = await tx.connector.updateMany({
    where,
    data: { stoppedAt: null, stoppedReason: null, refusedPasswordSealed: null },
  });
  if (stopped.stoppedReason !== null) {
    await tx.alert.updateMany({
      where: { organizationId, connectorId, code: stopped.stoppedReason, resolvedAt: null },
      data: { resolvedAt: new Date() },
    });
  }
  return count === 1;
}

async function goOn({ enqueue, notify }: MendParts, organizationId: string, connectorId: string): Promise<void> {
  notify({ organizationId, connectorId, importId: null });
  await enqueue('plan', { organizationId, connectorId, trigger: 'scheduled' }, { key: connectorId });
  await enqueue('collect', { organizationId, connectorId }, { key: connectorId });
}

/** The username at the source, to sign in with again; empty where the connector is not the organization's. @throws NotAllowed */
export async function sourceUsername(
  { prisma }: MendParts['database'],
  actor: Actor,
  connectorId: string,
): Promise<string> {
  authorize(actor, 'connectors.manage');
  const where = { organizationId: actor.organizationId, id: connectorId, status: 'live' } as const;
  return (await prisma.connector.findFirst({ where, select: { username: true } }))?.username ?? '';
}
