/** How a recovery stands, for pages, doctor and the operator's command. */
import type { Queryable } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { STALLED } from './stalled.ts';
import type { Cause } from './verdict.ts';

export interface RecoveringConnector {
  readonly recoveryId: number;
  readonly organizationId: string;
  readonly connectorId: string;
  readonly name: string;
  readonly cause: Cause;
  /** up to when this database knows everything; null: nobody can say */
  readonly since: Date | null;
  readonly foundAt: Date;
  /** null: it is held until somebody confirms its mapping */
  readonly confirmedAt: Date | null;
  readonly confirmedBy: string | null;
  /** when every mailbox was listed, so that it goes on; null: not yet */
  readonly comparedAt: Date | null;
  /** of `mailboxes` to list, so many are */
  readonly listed: number;
  readonly mailboxes: number;
  /** the listing stands still, and an alert tells so */
  readonly stalled: boolean;
  /** it was paused before, and stays so when it is confirmed */
  readonly wasPaused: boolean;
  /** number of the mapping version that was in force before the restore, where it is newer than what is now; null: none is known */
  readonly lostMapping: number | null;
  readonly mapping: MappingInForce | null;
}

export interface MappingInForce {
  readonly id: string;
  readonly number: number;
  readonly rows: number;
  readonly fileName: string | null;
  readonly appliedAt: Date | null;
  readonly appliedBy: string | null;
}

interface Row extends Omit<RecoveringConnector, 'mapping'> {
  readonly versionId: string | null;
  readonly versionNumber: number;
  readonly versionRows: number;
  readonly fileName: string | null;
  readonly appliedAt: Date | null;
  readonly appliedBy: string | null;
}

/** The same of one connector, as a page takes it; null: it is in none. Times are ISO 8601. @throws NotAllowed */
export async function recoveryOf(pool: Queryable, actor: Actor, connectorId: string) {
  authorize(actor, 'connectors.read');
  const { organizationId } = actor;
  const [found] = await recoveringConnectors(pool, { organizationId, connectorId });
  if (!found) return null;
  const { since, foundAt, confirmedAt, confirmedBy, comparedAt, listed, mailboxes, wasPaused, lostMapping, mapping } =
    found;
  return {
    connectorId,
    since: since?.toISOString() ?? null,
    foundAt: foundAt.toISOString(),
    confirmed: confirmedAt === null ? null : { at: confirmedAt.toISOString(), by: confirmedBy ?? '' },
    compared: comparedAt !== null,
    listed,
    mailboxes,
    wasPaused,
    lostMapping,
    mapping: mapping && { ...mapping, appliedAt: mapping.appliedAt?.toISOString() ?? null },
  };
}

/** Connectors whose recovery is not over. @param about one organization, or one connector of it; everything without */
export async function recoveringConnectors(
  client: Queryable,
  about: { readonly organizationId: string; readonly connectorId?: string } | null = null,
): Promise<readonly RecoveringConnector[]> {
  const { rows } = await client.query<Row>(
    `SELECT r.id AS "recoveryId", rc.organization_id AS "organizationId", rc.connector_id AS "connectorId", c.name,
       r.cause, r.since,
       r.found_at AS "foundAt", rc.confirmed_at AS "confirmedAt", rc.confirmed_by AS "confirmedBy",
       rc.compared_at AS "comparedAt", m.listed, m.mailboxes,
       EXISTS (SELECT FROM alert a WHERE a.connector_id = c.id AND a.code = $3 AND a.resolved_at IS NULL) AS stalled,
       rc.was_paused AS "wasPaused",
       CASE WHEN rc.lost_mapping > coalesce(v.number, 0) THEN rc.lost_mapping END AS "lostMapping",
       v.id AS "versionId", v.number AS "versionNumber", v.row_count AS "versionRows",
       v.file_name AS "fileName", v.applied_at AS "appliedAt", v.applied_by AS "appliedBy"
     FROM recovery r JOIN recovery_connector rc ON rc.recovery_id = r.id JOIN connector c ON c.id = rc.connector_id
     LEFT JOIN mapping_version v ON v.connector_id = c.id AND v.status = 'in_force'
     CROSS JOIN LATERAL (SELECT count(listed_at)::int AS listed, count(*)::int AS mailboxes FROM recovery_mailbox
       WHERE recovery_id = r.id AND connector_id = c.id) AS m
     WHERE r.ended_at IS NULL AND rc.ended_at IS NULL AND c.status = 'live'
       AND ($1::uuid IS NULL OR rc.organization_id = $1) AND ($2::uuid IS NULL OR rc.connector_id = $2)
     ORDER BY c.name, c.id`,
    [about?.organizationId ?? null, about?.connectorId ?? null, STALLED],
  );
  return rows.map(({ versionId, versionNumber, versionRows, fileName, appliedAt, appliedBy, ...row }) => ({
    ...row,
    mapping:
      versionId === null
        ? null
        : { id: versionId, number: versionNumber, rows: versionRows, fileName, appliedAt, appliedBy },
  }));
}
