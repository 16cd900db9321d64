/** Setting a connector's fallback mailbox: it takes what nobody who is owed a copy can receive. Off by default. */
import type pg from 'pg';
import type { Logger } from 'pino';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { parseAddress } from '../mapping/mailbox-address.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import { type DirectoryResult, resolveAddresses } from '../microsoft/directory.ts';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type ChangedMeanwhile, changedMeanwhile } from './changed-meanwhile.ts';

export interface FallbackParts extends CommandDeps {
  readonly log: Pick<Logger, 'warn'>;
  /** Graph as an organization's application sees it */
  readonly graph: (organizationId: string) => Graph;
}

export interface FallbackChoice {
  readonly connectorId: string;
  readonly address: string | null;
  readonly seen?: string | null;
}

export type SetFallbackResult =
  | { readonly kind: 'done' /** as the directory writes it; null: it is off now */; readonly mailbox: string | null }
  | { readonly kind: 'unchanged' }
  | ChangedMeanwhile<string | null>
  /** also the answer for another organization's connector */
  | { readonly kind: 'not_found' }
  /** the directory could not be asked: nothing changed */
  | { readonly kind: 'directory_unavailable' }
  | { readonly kind: 'refused'; readonly reason: FallbackRefusal };

export type FallbackRefusal =
  | 'not_an_address'
  | 'mailbox_not_found'
  | 'guest'
  | 'ambiguous_address'
  | 'no_mailbox'
  /** the mailbox is there, and this application may not open it */
  | 'access_denied';

/**
 * Sets or takes away the fallback mailbox. It must be a mailbox of the organization that answers now. What waits without
 * anybody to receive it is put there as well; what was put into another one before stays there.
 *
 * @param address null: off
 * @param seen the one that it was changed from on the page, null where it was off; left out: whatever it is
 * @throws NotAllowed
 */
export async function setFallbackMailbox(
  parts: FallbackParts,
  actor: Actor,
  { connectorId, address, seen }: FallbackChoice,
): Promise<SetFallbackResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const found = address === null ? null : await findMailbox(parts, actor, { connectorId, address });
  if (found === 'directory_unavailable') return { kind: found };
  if (typeof found === 'string') return { kind: 'refused', reason: found };
  const mailbox = found?.address ?? null;
  const result = await inTransaction(parts.pool, async (client): Promise<SetFallbackResult> => {
    const { rows } = await client.query<{ mailbox: string | null; user_id: string | null }>(
      `SELECT fallback_mailbox AS mailbox, fallback_user_id AS user_id FROM connector
       WHERE organization_id = $1 AND id = $2 AND status <> 'deleted' FOR NO KEY UPDATE`,
      [organizationId, connectorId],
    );
    const [before] = rows;
    if (!before) return { kind: 'not_found' };
    if (before.user_id === (found?.userId ?? null) && before.mailbox === mailbox) return { kind: 'unchanged' };
    if (seen !== undefined && before.mailbox !== seen)
      return changedMeanwhile(
        client,
        { organizationId, connectorId, action: 'connector.fallback-changed' },
        before.mailbox,
      );
    await client.query(
      `UPDATE connector SET fallback_mailbox = $3, fallback_user_id = $4, updated_at = now()
       WHERE organization_id = $1 AND id = $2`,
      [organizationId, connectorId, mailbox, found?.userId ?? null],
    );
    const detail = { before: before.mailbox, after: mailbox };
    await auditIn(client, actor, { action: 'connector.fallback-changed', connectorId, detail });
    return { kind: 'done', mailbox };
  });
  if (result.kind !== 'done') return result;
  parts.notify({ organizationId, connectorId, importId: null });
  if (mailbox !== null) await parts.enqueue('release', { organizationId, connectorId }, { key: connectorId });
  return result;
}

/** The connector's fallback mailbox; null where none is set, or the connector is not the organization's. @throws NotAllowed */
export async function fallbackMailbox(pool: pg.Pool, actor: Actor, connectorId: string): Promise<string | null> {
  authorize(actor, 'connectors.read');
  const { rows } = await pool.query<{ fallback_mailbox: string | null }>(
    'SELECT fallback_mailbox FROM connector WHERE organization_id = $1 AND id = $2',
    [actor.organizationId, connectorId],
  );
  return rows[0]?.fallback_mailbox ?? null;
}

type Mailbox = Extract<DirectoryResult, { kind: 'mailbox' }>;

/** A mailbox of the organization that answers now, by an address that somebody typed. */
export async function findMailbox(
  { graph, log }: Pick<FallbackParts, 'graph' | 'log'>,
  { organizationId }: Actor,
  { connectorId, address }: { readonly connectorId: string; readonly address: string },
): Promise<Mailbox | FallbackRefusal | 'directory_unavailable'> {
  const parsed = parseAddress(address);
  if (!parsed.ok) return 'not_an_address';
  try {
    return meaningOf((await resolveAddresses(graph(organizationId), [parsed.address])).get(parsed.address));
  } catch (error) {
    if (!(error instanceof AppTokenError || error instanceof GraphError)) throw error;
    log.warn({ connectorId, failure: error.failure }, 'the directory could not be asked for a fallback mailbox');
    return 'directory_unavailable';
  }
}

function meaningOf(result: DirectoryResult | undefined): Mailbox | FallbackRefusal {
  switch (result?.kind) {
    case 'mailbox':
      return result;
    case 'guest':
      return 'guest';
    case 'ambiguous':
      return 'ambiguous_address';
    case 'no_mailbox':
      return result.reason === 'access_denied' ? 'access_denied' : 'no_mailbox';
    default:
      return 'mailbox_not_found';
  }
}
