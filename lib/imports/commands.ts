/** What an administrator can ask of a connector's imports. Every command is one conditional update and an audit entry. */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { ImportDeps } from './deps.ts';
import { requestImport } from './store/import-requests.ts';

export interface CommandDeps extends Pick<ImportDeps, 'enqueue' | 'notify'> {
  readonly pool: pg.Pool;
}

/** `not_found` is also the answer for another organization's connector. */
export type CommandResult =
  | 'done'
  | 'not_found'
  | 'paused'
  | 'stopped'
  | 'unchanged'
  /** held after a restore of the database, until its mapping is confirmed (`lib/recovery`) */
  | 'restored';

export interface State {
  readonly paused: boolean;
  readonly stopped: boolean;
  readonly restored: boolean;
}

/**
 * Imports everything that the source has settled and that was not imported yet. The request is a fact of the connector's
 * row; while Redis is away the reconciler finds it there within a minute. @throws NotAllowed
 */
export async function importNow(deps: CommandDeps, actor: Actor, connectorId: string): Promise<CommandResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const result = await inTransaction(deps.pool, async (client): Promise<CommandResult> => {
    const state = await lockState(client, organizationId, connectorId);
    if (!state) return 'not_found';
    if (state.restored) return 'restored';
    if (state.paused) return 'paused';
    if (state.stopped) return 'stopped';
    await requestImport(client, organizationId, connectorId, actor.name);
    await auditIn(client, actor, { action: 'connector.import-requested', connectorId });
    return 'done';
  });
  if (result === 'done') {
    await deps.enqueue('plan', { organizationId, connectorId, trigger: 'manual' }, { key: connectorId });
  }
  return result;
}

/** Stops planning, collecting and delivering. What is on its way is settled; nothing is lost. @throws NotAllowed */
export async function pauseConnector(deps: CommandDeps, actor: Actor, connectorId: string): Promise<CommandResult> {
  return setPaused(deps, actor, connectorId, true);
}

/** Goes on where the pause began, and catches up. @throws NotAllowed */
export async function resumeConnector(deps: CommandDeps, actor: Actor, connectorId: string): Promise<CommandResult> {
  const result = await setPaused(deps, actor, connectorId, false);
  if (result === 'done') {
    const { organizationId } = actor;
    await deps.enqueue('plan', { organizationId, connectorId, trigger: 'scheduled' }, { key: connectorId });
    await deps.enqueue('collect', { organizationId, connectorId }, { key: connectorId });
  }
  return result;
}

async function setPaused(
  deps: CommandDeps,
  actor: Actor,
  connectorId: string,
  paused: boolean,
): Promise<CommandResult> {
  authorize(actor, 'connectors.manage');
  const result = await inTransaction(deps.pool, async (client): Promise<CommandResult> => {
    const state = await lockState(client, actor.organizationId, connectorId);
    if (!state) return 'not_found';
    if (state.restored) return 'restored';
    if (state.paused === paused) return 'unchanged';
    await client.query(
      `UPDATE connector SET paused_at = CASE WHEN $2 THEN now() END, paused_by = CASE WHEN $2 THEN $3 END, updated_at = now()
       WHERE organization_id = $4 AND id = $1`,
      [connectorId, paused, actor.name, actor.organizationId],
    );
    await auditIn(client, actor, { action: paused ? 'connector.paused' : 'connector.resumed', connectorId });
    return 'done';
  });
  if (result === 'done') deps.notify({ organizationId: actor.organizationId, connectorId, importId: null });
  return result;
}

/** Locks a live connector of the organization; null where there is none. In a transaction. */
export async function lockState(
  client: pg.PoolClient,
  organizationId: string,
  connectorId: string,
): Promise<State | null> {
  const { rows } = await client.query<State>(
    `SELECT paused_at IS NOT NULL AS paused, stopped_at IS NOT NULL AS stopped,
       recovery_id IS NOT NULL AS restored FROM connector
     WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
    [organizationId, connectorId],
  );
  return rows[0] ?? null;
}
