/**
 * Verifications as rows. The row is the job: who claims it goes on behind its position, and an epoch fences a worker that
 * slept through its claim. One that is open keeps a connector from getting a second one (a partial unique index).
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import type { CoverageCounts } from '../counts.ts';

export type VerificationStage = 'reading' | 'users' | 'mapping';

/** A verification that this worker has claimed. */
export interface Claimed {
  readonly id: string;
  readonly organizationId: string;
  readonly connectorId: string;
  readonly epoch: string;
  readonly requestedAt: Date;
  readonly stage: VerificationStage;
  /** the last user or number of the stage that is done */
  readonly position: string;
  readonly mappingVersionId: string | null;
  readonly attempts: number;
}

export interface DueVerification {
  readonly organizationId: string;
  readonly connectorId: string;
}

/** Asks for a verification. Inside a transaction that holds the connector. @returns false where one is open already */
export async function insertVerification(
  client: Queryable,
  { organizationId, connectorId }: DueVerification,
  requestedBy: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO verification (id, organization_id, connector_id, requested_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT (connector_id) WHERE state IN ('queued', 'running') DO NOTHING`,
    [randomUUID(), organizationId, connectorId, requestedBy],
  );
  return rowCount === 1;
}

/** Once a day every live connector is verified by itself; sooner where another mapping came into force. */
const DAY_SECONDS = 24 * 60 * 60;
const AFTER_A_CHANGE_SECONDS = 60 * 60;

/** Opens verifications of connectors whose last one is too old. */
export async function openDueVerifications(pool: pg.Pool): Promise<void> {
  await pool.query(
    `INSERT INTO verification (id, organization_id, connector_id, requested_by)
     SELECT gen_random_uuid(), c.organization_id, c.id, 'system' FROM connector c
     LEFT JOIN LATERAL (
       SELECT v.requested_at, v.mapping_version_id FROM verification v WHERE v.connector_id = c.id
       ORDER BY v.requested_at DESC LIMIT 1) last ON true
     LEFT JOIN mapping_version m ON m.connector_id = c.id AND m.status = 'in_force'
     WHERE c.status = 'live' AND (
       last.requested_at IS NULL OR last.requested_at < now() - make_interval(secs => $1)
       OR (last.mapping_version_id IS DISTINCT FROM m.id AND last.requested_at < now() - make_interval(secs => $2)))
     ON CONFLICT (connector_id) WHERE state IN ('queued', 'running') DO NOTHING`,
    [DAY_SECONDS, AFTER_A_CHANGE_SECONDS],
  );
}

/** Open verifications that nobody works on and whose time has come. */
export async function dueVerifications(pool: pg.Pool): Promise<readonly DueVerification[]> {
  const { rows } = await pool.query<DueVerification>(
    `SELECT organization_id AS "organizationId", connector_id AS "connectorId" FROM verification
     WHERE state IN ('queued', 'running') AND next_attempt_at <= now() AND (owned_until IS NULL OR owned_until <= now())`,
  );
  return rows;
}

/** Takes a connector's open verification; null where there is none, its time has not come, or somebody else has it. */
export async function claimVerification(
  pool: pg.Pool,
  { organizationId, connectorId }: DueVerification,
  owner: string,
  seconds: number,
): Promise<Claimed | null> {
  const { rows } = await pool.query<Claimed>(
    `UPDATE verification SET state = 'running', epoch = epoch + 1, owner = $3,
       owned_until = now() + make_interval(secs => $4), started_at = coalesce(started_at, now())
     WHERE organization_id = $1 AND connector_id = $2 AND state IN ('queued', 'running')
       AND next_attempt_at <= now() AND (owned_until IS NULL OR owned_until <= now())
     RETURNING id, organization_id AS "organizationId", connector_id AS "connectorId", epoch, requested_at AS "requestedAt",
       stage, position, mapping_version_id AS "mappingVersionId", attempts`,
    [organizationId, connectorId, owner, seconds],
  );
  return rows[0] ?? null;
}

/** Prolongs a claim. @returns false where it is lost */
export async function renewVerification(pool: pg.Pool, claimed: Claimed, seconds: number): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE verification SET owned_until = now() + make_interval(secs => $4)
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, seconds],
  );
  return rowCount === 1;
}

/** Notes by which mapping and which list of users it is decided, and how many lines there are to look at. */
export async function beginVerification(
  pool: pg.Pool,
  claimed: Claimed,
  input: { readonly sourceId: string; readonly mappingVersionId: string | null },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE verification SET stage = 'users', position = '', done = 0, mapping_version_id = $5,
       users_read_at = (SELECT users_read_at FROM source WHERE id = $4 AND organization_id = $1),
       total = (SELECT count(*) FROM source_user WHERE source_id = $4 AND organization_id = $1 AND status <> 'deleted')
         + coalesce((SELECT row_count FROM mapping_version WHERE id = $5 AND organization_id = $1), 0)
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, input.sourceId, input.mappingVersionId],
  );
  return rowCount === 1;
}

/** Moves on, in the transaction that writes the lines up to there. @returns false where the claim is lost */
export async function moveVerification(
  client: Queryable,
  claimed: Claimed,
  to: { readonly stage: VerificationStage; readonly position: string; readonly done: number },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE verification SET stage = $4, position = $5, done = done + $6, attempts = 0, problem = NULL
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, to.stage, to.position, to.done],
  );
  return rowCount === 1;
}

export async function completeVerification(
  client: Queryable,
  claimed: Claimed,
  counts: CoverageCounts,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE verification SET state = 'done', finished_at = now(), counts = $4, done = total, owner = NULL, owned_until = NULL
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, JSON.stringify(counts)],
  );
  return rowCount === 1;
}

/** Hands it back, to be gone on with after so many seconds. What is done stays done. */
export async function postponeVerification(
  pool: pg.Pool,
  claimed: Claimed,
  seconds: number,
  problem: string | null,
): Promise<void> {
  await pool.query(
    `UPDATE verification SET next_attempt_at = now() + make_interval(secs => $4), problem = $5, owned_until = NULL,
       owner = NULL, attempts = attempts + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, seconds, problem],
  );
}

/** Gives it up, with the reason. */
export async function failVerification(pool: pg.Pool, claimed: Claimed, problem: string | null): Promise<void> {
  await pool.query(
    `UPDATE verification SET state = 'failed', finished_at = now(), problem = $4, owner = NULL, owned_until = NULL
     WHERE organization_id = $1 AND id = $2 AND epoch = $3 AND state = 'running'`,
    [claimed.organizationId, claimed.id, claimed.epoch, problem],
  );
}
