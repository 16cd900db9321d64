/** Copies that wait for a mailbox, by the number that they wait for. */
import type pg from 'pg';

export interface FoundNumber {
  readonly number: string;
  readonly name: string | null;
  readonly email: string | null;
  /** the directory said that the address leads to no mailbox */
  readonly isUnusable: boolean;
  readonly waiting: number;
  readonly oldest: Date;
}

/** Those with most copies first. A number that can be read in two ways is left out: no row of a mapping helps it. */
export async function readWaitingNumbers(
  pool: pg.Pool,
  { organizationId, sourceId }: { readonly organizationId: string; readonly sourceId: string },
  limit: number,
): Promise<FoundNumber[]> {
  const { rows } = await pool.query<FoundNumber>(
    `WITH waiting AS (
       SELECT d.number, count(*)::int AS waiting, min(d.archived_at) AS oldest FROM undone d
        WHERE d.organization_id = $1 AND d.kind = 'waiting' AND d.number IS NOT NULL AND d.reason <> 'ambiguous_number'
          AND d.connector_id IN (SELECT id FROM connector WHERE organization_id = $1 AND source_id = $2)
        GROUP BY d.number ORDER BY count(*) DESC, d.number LIMIT $3),
     person AS (
       SELECT u.number, min(u.name) AS name, min(nullif(btrim(u.email), '')) AS email
         FROM source_user u JOIN waiting USING (number)
        WHERE u.organization_id = $1 AND u.source_id = $2 AND u.status <> 'deleted' GROUP BY u.number)
     SELECT w.number, p.name, p.email, w.waiting, w.oldest, EXISTS (
       SELECT 1 FROM directory_entry e WHERE e.organization_id = $1 AND e.address = lower(p.email) AND e.result <> 'mailbox'
     ) AS "isUnusable"
     FROM waiting w LEFT JOIN person p USING (number) ORDER BY w.waiting DESC, w.number`,
    [organizationId, sourceId, limit],
  );
  return rows;
}
