/** Beginning a correction: a number and a period are chosen, and a worker lists what it finds. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { liveConnector } from '../imports/store/connectors.ts';
import { parseNumber, type Region } from '../mapping/number.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { LONGEST_PERIOD_DAYS, REASON_LIMIT } from './correction.ts';

export interface NewCorrection {
  readonly connectorId: string;
  /** as somebody writes it; national ones in the connector's region */
  readonly number: string;
  /** of message time, half-open */
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
}

export type StartResult =
  | { readonly kind: 'started'; readonly correctionId: string }
  /** one of this number is not over yet */
  | { readonly kind: 'open'; readonly correctionId: string }
  | { readonly kind: 'bad_number' | 'bad_period' | 'bad_reason' | 'not_found' };

const DAY_MS = 86_400_000;
const UNIQUE_VIOLATION = '23505';

/** @throws NotAllowed */
export async function startCorrection(deps: CommandDeps, actor: Actor, wanted: NewCorrection): Promise<StartResult> {
  authorize(actor, 'mapping.manage');
  const { organizationId } = actor;
  const { connectorId, from, to } = wanted;
  const connector = await liveConnector(deps.pool, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const parsed = parseNumber(wanted.number, connector.defaultRegion as Region);
  if (!parsed.ok) return { kind: 'bad_number' };
  const length = to.getTime() - from.getTime();
  if (!(length > 0 && length <= LONGEST_PERIOD_DAYS * DAY_MS)) return { kind: 'bad_period' };
  const reason = wanted.reason.trim();
  if (reason === '' || reason.length > REASON_LIMIT) return { kind: 'bad_reason' };
  const { number } = parsed;
  const correctionId = randomUUID();
  try {
    const started = await inTransaction(deps.pool, async (client) => {
      // Who deletes the connector at this moment has seen it, or was first.
      const { rowCount } = await client.query(
        `INSERT INTO correction (id, organization_id, connector_id, source_id, number, period_from, period_to, reason,
           created_by, created_by_name)
         SELECT $1, $2, c.id, $4, $5, $6, $7, $8, $9, $10 FROM connector c
          WHERE c.organization_id = $2 AND c.id = $3 AND c.status = 'live' FOR KEY SHARE`,
        [
          ...[correctionId, organizationId, connectorId, connector.sourceId, number, from, to, reason],
          ...[actor.userId, actor.name],
        ],
      );
      const detail = { correction: correctionId, number, from: from.toISOString(), to: to.toISOString(), reason };
      if (rowCount !== 1) return false;
      await auditIn(client, actor, { action: 'correction.started', connectorId, detail });
      return true;
    });
    if (!started) return { kind: 'not_found' };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) throw error;
    const open = await openCorrection(deps.pool, organizationId, connectorId, number);
    if (open === null) throw error;
    return { kind: 'open', correctionId: open };
  }
  await deps.enqueue('correct', { organizationId, correctionId }, { key: correctionId });
  return { kind: 'started', correctionId };
}

async function openCorrection(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
  number: string,
): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM correction WHERE organization_id = $1 AND connector_id = $2 AND number = $3 AND phase <> 'ended'`,
    [organizationId, connectorId, number],
  );
  return rows[0]?.id ?? null;
}
