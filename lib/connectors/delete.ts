/**
 * Deleting a connector stops it and takes it off every page. What it imported, its books and its audit log stay; so does
 * the identity of its items, which hangs on the account at the source: the same account added again doubles nothing.
 */
import type pg from 'pg';
import { SourceError } from '../archive/source.ts';
import { auditIn } from '../audit/entries.ts';
import { forgetCoverage } from '../coverage/store/lines.ts';
import { inTransaction } from '../db.ts';
import { ATTACHMENT_MAY_BE_TAKEN } from '../imports/retryable.ts';
import { stopCollecting } from '../imports/store/cancel.ts';
import { ofConnectors } from '../imports/store/counters.ts';
import { OF_SAME_SOURCE } from '../imports/store/missing.ts';
import { heldCopies } from '../imports/undone.ts';
import { forgetChannels } from '../notifications/store/settings.ts';
import { waitForTurn } from '../notifications/store/turn.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { TamperedError, UnknownKeyError } from '../security/sealing.ts';
import type { ToDo } from './health.ts';
import type { MendParts } from './mend.ts';
import { openPassword } from './password.ts';

export interface DeleteChoice {
  readonly connectorId: string;
  /** the connector's name, as the person typed it */
  readonly name: string;
}

/** What nobody has decided about: copies on their way, and what waits for a person. */
export type Owed = ToDo & {
  readonly underWay: number;
  /** copies of others, where one user is imported first: they are sent when somebody lets them follow */
  readonly held: number;
  /** copies of which an attachment is kept, because the mailbox may take it yet */
  readonly partial: number;
  /** copies that were imported and are not in their mailboxes any more: with the connector their alert would go */
  readonly missing: number;
  /** corrections that a person has to end: with the connector nobody would go on with them */
  readonly corrections: number;
  /** corrections that are at removing messages, each of which is brought to its end first */
  readonly removing: number;
};

export type DeleteResult =
  /** `unregistered` false: the source did not take the registration back, which then stays behind there */
  | { readonly kind: 'done'; readonly unregistered: boolean }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'wrong_name' }
  /** its content would be kept where nobody sees it: to be imported, or signed off, first */
  | ({ readonly kind: 'owed' } & Owed);

/** Rolls the transaction back. */
class StillOwed extends Error {
  override name = 'StillOwed';
  readonly owed: Owed;
  constructor(owed: Owed) {
    super('the connector still owes copies');
    this.owed = owed;
  }
}

interface Deleted {
  readonly kind: string;
  readonly username: string;
  readonly password_sealed: string;
  readonly source_connector_id: string;
}

/** @throws NotAllowed */
export async function deleteConnector(parts: MendParts, actor: Actor, choice: DeleteChoice): Promise<DeleteResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { connectorId } = choice;
  try {
    const deleted = await inTransaction(parts.database.pool, (client) => takeOff(client, actor, choice));
    if (typeof deleted === 'string') return { kind: deleted };
    parts.notify({ organizationId, connectorId, importId: null });
    return { kind: 'done', unregistered: await unregister(parts, organizationId, connectorId, deleted) };
  } catch (error) {
    if (!(error instanceof StillOwed)) throw error;
    return { kind: 'owed', ...error.owed };
  }
}

async function takeOff(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, name }: DeleteChoice,
): Promise<Deleted | 'not_found' | 'wrong_name'> {
  const { organizationId } = actor;
  // A round of notifications locks settings first, and connectors then.
  await waitForTurn(client, organizationId);
  const { rows } = await client.query<Deleted & { name: string }>(
    `SELECT name, kind, username, password_sealed, source_connector_id FROM connector
     WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR UPDATE`,
    [organizationId, connectorId],
  );
  const [connector] = rows;
  if (!connector) return 'not_found';
  if (connector.name !== name.trim()) return 'wrong_name';
  // First, so that no page is written after what is owed was counted.
  await stopCollecting(client, organizationId, connectorId, null);
  const owed = await owedBy(client, organizationId, connectorId);
  if (Object.values(owed).some((count) => count > 0)) throw new StillOwed(owed);
  // All that is left of these is to ask the source once more, which nobody will.
  await client.query(
    `UPDATE import SET phase = 'cancelled', problem = NULL
     WHERE organization_id = $1 AND connector_id = $2 AND phase IN ('delivering', 'reconciling')`,
    [organizationId, connectorId],
  );
  await client.query(
    `UPDATE connector SET status = 'deleted', deleted_at = now(), updated_at = now(), password_sealed = NULL,
       import_requested_at = NULL, import_requested_by = NULL
     WHERE organization_id = $1 AND id = $2`,
    [organizationId, connectorId],
  );
  await client.query('UPDATE alert SET resolved_at = now() WHERE connector_id = $1 AND resolved_at IS NULL', [
    connectorId,
  ]);
  await forgetCoverage(client, organizationId, connectorId);
  await forgetChannels(client, organizationId, connectorId);
  await auditIn(client, actor, { action: 'connector.deleted', connectorId, detail: { name: connector.name } });
  return connector;
}

async function owedBy(client: pg.PoolClient, organizationId: string, connectorId: string): Promise<Owed> {
  const { rows } = await client.query<Omit<Owed, 'held'>>(
    `SELECT
       coalesce(sum(k.count) FILTER (WHERE k.outcome = 'copies.pending'), 0)::float8 AS "underWay",
       coalesce(sum(CASE k.outcome WHEN 'copies.waiting' THEN k.count WHEN 'signed_off.waiting' THEN -k.count END), 0)::float8
         AS waiting,
       coalesce(sum(CASE k.outcome WHEN 'copies.failed' THEN k.count WHEN 'signed_off.failed' THEN -k.count END), 0)::float8
         AS failed,
       coalesce(sum(CASE k.outcome WHEN 'items.unreadable' THEN k.count
         WHEN 'signed_off.unreadable' THEN -k.count END), 0)::float8 AS unreadable,
       (SELECT count(*) FROM undone d WHERE d.kind = 'partial' AND d.organization_id = $1 AND d.connector_id = $2
          AND d.reason = ANY ($3))::float8 AS partial,
       (SELECT count(*) FROM undone d WHERE d.kind = 'missing' AND ${OF_SAME_SOURCE})::float8 AS missing,
       (SELECT count(*) FROM correction WHERE organization_id = $1 AND connector_id = $2
          AND phase NOT IN ('ended', 'removing'))::float8 AS corrections,
       (SELECT count(*) FROM correction WHERE organization_id = $1 AND connector_id = $2 AND phase = 'removing')::float8
         AS removing
     FROM ${ofConnectors('SELECT id FROM connector WHERE organization_id = $1 AND id = $2', null)} k`,
    [organizationId, connectorId, ATTACHMENT_MAY_BE_TAKEN],
  );
  const [owed] = rows;
  if (owed === undefined) throw new RangeError('a sum has no row');
  const held = await heldCopies(client, organizationId, connectorId);
  return { ...owed, underWay: owed.underWay - held, held };
}

/** Afterwards, because a source that does not answer must not keep a connector alive. */
async function unregister(
  parts: MendParts,
  organizationId: string,
  connectorId: string,
  deleted: Deleted,
): Promise<boolean> {
  try {
    const password = openPassword(parts.keyRing, connectorId, deleted.password_sealed);
    const source = parts.openSource(deleted.kind, { username: deleted.username, password }, organizationId);
    await source.unregister(deleted.source_connector_id);
    return true;
  } catch (error) {
    if (error instanceof SourceError || error instanceof TamperedError || error instanceof UnknownKeyError)
      return false;
    throw error;
  }
}
