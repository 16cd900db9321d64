/**
 * The audit log: who did what, to what, with which result. Rows are only ever added (a trigger refuses the rest), in the
 * transaction of what they tell about, so that neither can be there without the other.
 *
 * `detail` holds names, counts and settings before and after: never a secret, never message text.
 */
import type pg from 'pg';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Actor } from '../security/actor.ts';

/** Every act on a connector. Each has its sentence in `components/text/en/history.ts`. */
export const AUDIT_ACTIONS = [
  'connector.draft-started',
  'connector.terms-accepted',
  'connector.source-connected',
  'connector.mapping-uploaded',
  'connector.mapping-removed',
  'connector.mapping-chosen',
  'connector.consent-requested',
  'connector.consent-answered',
  'connector.consent-proven',
  'connector.finished',
  'connector.draft-discarded',
  'connector.credentials-updated',
  'connector.stop-lifted',
  'connector.fallback-changed',
  'connector.mailboxes-changed',
  'connector.others-follow',
  'connector.renamed',
  'connector.schedule-changed',
  'connector.notifications-changed',
  'connector.notifications-tested',
  'connector.import-requested',
  'connector.paused',
  'connector.resumed',
  'connector.deleted',
  'recovery.begun',
  'recovery.confirmed',
  'recovery.compared',
  'recovery.passed-over',
  'recovery.ended',
  'mailboxes.verified',
  'import.cancelled',
  'imports.repeated',
  'copies.retried',
  'copies.signed-off',
  'correction.started',
  'correction.confirmed',
  'correction.copies-moved',
  'correction.copies-verified',
  'correction.removal-confirmed',
  'correction.message-removed',
  'correction.ended',
  'alert.closed',
  'coverage.verification-requested',
  'original.opened',
  'mapping.proposed',
  'mapping.applied',
  'mapping.number-mapped',
  'mapping.discarded',
  'mapping.approval-requested',
  'mapping.declined',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** About the organization, or somebody in it. Each has its sentence there, too. */
export const ORGANIZATION_ACTIONS = [
  'organization.mapping-approval',
  'session.signed-in',
  'session.signed-out',
  'session.ended',
  'session.roles-changed',
  'access.refused',
  'access.reviewed',
  'audit.exported',
  'audit.collected',
  'evidence.exported',
  'audit.forked',
  'audit.purged',
  'evidence.purged',
  'sessions.purged',
  'recovery.purged',
  'organization.deletion-suspended',
  'organization.deletion-resumed',
] as const;
export type OrganizationAction = (typeof ORGANIZATION_ACTIONS)[number];

/**
 * What the portal decides by itself, about a connector. Triggers write them with the rows that a decision changes (migration
 * `automatic_decisions`); the removal of a surplus copy is noted before it is asked for. *History* leaves them out: it is
 * about people, and *Imports* and alerts show the same.
 */
export const AUTOMATIC_ACTIONS = [
  'import.opened',
  'import.completed',
  'connector.stopped',
  'mapping.decided',
  'alert.raised',
  'alert.ended',
  'message.surplus-removed',
] as const;
export type AutomaticAction = (typeof AUTOMATIC_ACTIONS)[number];

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

/** The person who acts; or `SYSTEM`, with the organization that it is about. */
type Who = Pick<Actor, 'organizationId' | 'userId' | 'name' | 'clientAddress'>;

/** Adds an entry about a connector. */
export async function audit(writer: Writer, who: Who, event: AuditEvent): Promise<void> {
  await writer.auditEntry.create({
    data: {
      organizationId: who.organizationId,
      actor: who.userId,
      actorName: who.name,
      clientAddress: who.clientAddress ?? null,
      action: event.action,
      targetType: 'connector',
      targetId: event.connectorId,
      result: event.result ?? 'done',
      detail: event.detail ?? {},
    },
  });
}

/** As `audit`, in a transaction that does not go through Prisma. */
export function auditIn(client: Pick<pg.ClientBase, 'query'>, who: Who, event: AuditEvent): Promise<void> {
  return insertEntry(client, who, event, 'connector', event.connectorId);
}

/** Adds an entry about the organization, in a transaction. */
export function auditOrganizationIn(
  client: Pick<pg.ClientBase, 'query'>,
  who: Who,
  event: Pick<AuditEvent, 'result' | 'detail'> & { readonly action: OrganizationAction },
): Promise<void> {
  return insertEntry(client, who, event, 'organization', who.organizationId);
}

async function insertEntry(
  client: Pick<pg.ClientBase, 'query'>,
  who: Who,
  event: Pick<AuditEvent, 'result' | 'detail'> & { readonly action: AuditAction | OrganizationAction },
  targetType: string,
  targetId: string,
): Promise<void> {
  await client.query(
    `INSERT INTO audit_entry (organization_id, actor, actor_name, client_address, action, target_type, target_id,
       result, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      who.organizationId,
      who.userId,
      who.name,
      who.clientAddress ?? null,
      event.action,
      targetType,
      targetId,
      event.result ?? 'done',
      JSON.stringify(event.detail ?? {}),
    ],
  );
}
