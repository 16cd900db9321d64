/** Corrections: begun once a number, held by one worker at a time, taken from phase to phase. */
import type pg from 'pg';
import type { ReasonCode } from '../../imports/reasons.ts';
import { type CopyKey, type CorrectionPhase, WORKING_PHASES } from '../correction.ts';

/** A correction that this worker holds. Everything that it writes names the epoch. */
export interface HeldCorrection {
  readonly id: string;
  readonly organizationId: string;
  readonly connectorId: string;
  readonly sourceId: string;
  readonly number: string;
  readonly from: Date;
  readonly to: Date;
  readonly phase: CorrectionPhase;
  readonly versionId: string | null;
  /** up to which copy it is listed; null: none yet */
  readonly listedTo: CopyKey | null;
  readonly attempts: number;
  readonly epoch: string;
}

/** Another worker has it, or somebody ended it: nothing more may be written or sent for it by this one. */
export class CorrectionLostError extends Error {
  override name = 'CorrectionLostError';
}

interface Row {
  id: string;
  organization_id: string;
  connector_id: string;
  source_id: string;
  number: string;
  period_from: Date;
  period_to: Date;
  phase: CorrectionPhase;
  mapping_version_id: string | null;
  listed_archived_at: Date | null;
  listed_delivery_id: string | null;
  attempts: number;
  epoch: string;
}

/** Literals, so that the planner can prove the partial index. */
const AT_WORK = `phase IN (${WORKING_PHASES.map((phase) => `'${phase}'`).join(', ')})`;

/** Whether its connector is live and neither paused nor stopped; `c` is the correction. */
const CONNECTOR_RUNS = `EXISTS (SELECT 1 FROM connector k WHERE k.id = c.connector_id AND k.status = 'live'
  AND k.paused_at IS NULL AND k.stopped_at IS NULL)`;

/** Corrections that have something to do now and that no worker holds. */
export async function dueCorrections(
  pool: pg.Pool,
): Promise<{ readonly organizationId: string; readonly correctionId: string }[]> {
  const { rows } = await pool.query<{ organization_id: string; id: string }>(
    `SELECT c.organization_id, c.id FROM correction c
     WHERE c.${AT_WORK} AND c.next_attempt_at <= now() AND (c.lease_until IS NULL OR c.lease_until <= now())
       AND ${CONNECTOR_RUNS} ORDER BY c.next_attempt_at`,
  );
  return rows.map((row) => ({ organizationId: row.organization_id, correctionId: row.id }));
}

/** Takes a correction that is due and free. Null where it is not. */
export async function claimCorrection(
  pool: pg.Pool,
  organizationId: string,
  correctionId: string,
  owner: string,
  seconds: number,
): Promise<HeldCorrection | null> {
  const { rows } = await pool.query<Row>(
    `UPDATE correction c SET epoch = epoch + 1, owner = $3, lease_until = now() + make_interval(secs => $4)
     WHERE c.organization_id = $1 AND c.id = $2 AND c.${AT_WORK} AND c.next_attempt_at <= now()
       AND (c.lease_until IS NULL OR c.lease_until <= now()) AND ${CONNECTOR_RUNS}
     RETURNING id, organization_id, connector_id, source_id, number, period_from, period_to, phase, mapping_version_id,
       listed_archived_at, listed_delivery_id, attempts, epoch`,
    [organizationId, correctionId, owner, seconds],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    id: row.id,
    organizationId: row.organization_id,
    connectorId: row.connector_id,
    sourceId: row.source_id,
    number: row.number,
    from: row.period_from,
    to: row.period_to,
    phase: row.phase,
    versionId: row.mapping_version_id,
    listedTo:
      row.listed_archived_at === null || row.listed_delivery_id === null
        ? null
        : { archivedAt: row.listed_archived_at, deliveryId: row.listed_delivery_id },
    attempts: row.attempts,
    epoch: row.epoch,
  };
}

/** Prolongs the hold. False: it is lost. */
export async function renewCorrection(
  pool: pg.Pool,
  { id, epoch }: Pick<HeldCorrection, 'id' | 'epoch'>,
  seconds: number,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE correction SET lease_until = now() + make_interval(secs => $3)
     WHERE id = $1 AND epoch = $2 AND lease_until > now() AND ${AT_WORK}`,
    [id, epoch, seconds],
  );
  return rowCount === 1;
}

/** Lets it go: the next look is in `inSeconds`. `problem` null: nothing went wrong. */
export async function letGo(
  pool: pg.Pool,
  { id, epoch }: Pick<HeldCorrection, 'id' | 'epoch'>,
  { problem, inSeconds }: { readonly problem: ReasonCode | null; readonly inSeconds: number },
): Promise<void> {
  await pool.query(
    `UPDATE correction SET lease_until = NULL, owner = NULL, next_attempt_at = now() + make_interval(secs => $4),
       problem = $3, attempts = CASE WHEN $3::text IS NULL THEN 0 ELSE attempts + 1 END
     WHERE id = $1 AND epoch = $2`,
    [id, epoch, problem, inSeconds],
  );
}

/**
 * Locks a held correction to the end of the transaction, before anything else: whoever took it over or ended it waits,
 * or was first.
 *
 * @throws CorrectionLostError
 */
export async function lockHeld(
  client: pg.PoolClient,
  { id, epoch, phase }: Pick<HeldCorrection, 'id' | 'epoch' | 'phase'>,
): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM correction WHERE id = $1 AND epoch = $2 AND phase = $3 AND lease_until > now() FOR NO KEY UPDATE',
    [id, epoch, phase],
  );
  if (rowCount !== 1) throw new CorrectionLostError('this worker no longer has the correction');
}

/** To the next phase. Inside a transaction, after `lockHeld`. */
export async function goTo(
  client: pg.PoolClient,
  { id }: Pick<HeldCorrection, 'id'>,
  phase: 'listed' | 'copied' | 'ended',
): Promise<void> {
  await client.query(
    `UPDATE correction SET phase = $2, lease_until = NULL, owner = NULL, problem = NULL, attempts = 0,
       ended_at = CASE WHEN $2 = 'ended' THEN now() END
     WHERE id = $1`,
    [id, phase],
  );
}
