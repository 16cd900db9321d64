/**
 * The audit log: who did what, to what, with which result. Rows are only ever added (a trigger refuses the rest), in the
 * transaction of what they tell about, so that neither can be there without the other.
 *
 * `detail` holds names, counts and settings before and after: never a secret, never message text.
 */
import type { Prisma } from '../generated/prisma/client.ts';
import type { Actor } from './actor.ts';

export type AuditAction =
  | 'connector.draft-started'
  | 'connector.terms-accepted'
  | 'connector.source-connected'
  | 'connector.mapping-chosen'
  | 'connector.consent-requested'
  | 'connector.consent-answered'
  | 'connector.consent-proven'
  | 'connector.finished'
  | 'connector.draft-discarded'
  | 'connector.credentials-updated'
  | 'connector.stop-lifted';

export interface AuditEvent {
  readonly action: AuditAction;
  readonly connectorId: string;
  readonly result?: 'done' | 'refused';
  readonly detail?: Prisma.InputJsonObject;
}

/** What writes rows: the client itself, or the transaction that the entry belongs to. */
type Writer = Pick<Prisma.TransactionClient, 'auditEntry'>;

/** Who acts when no person of the portal does: an administrator who only followed a consent link. */
export const SYSTEM: Pick<Actor, 'userId' | 'name'> = { userId: 'system', name: 'system' };

/** Adds an entry about a connector. */
export async function audit(
  writer: Writer,
  who: { readonly organizationId: string; readonly userId: string; readonly name: string },
  event: AuditEvent,
): Promise<void> {
  await writer.auditEntry.create({
    data: {
      organizationId: who.organizationId,
      actor: who.userId,
      actorName: who.name,
      action: event.action,
      targetType: 'connector',
      targetId: event.connectorId,
      result: event.result ?? 'done',
      detail: event.detail ?? {},
    },
  });
}
