/**
 * Rows that a version takes over from another one, as sets, so that a million of them cost no memory here. A row that is
 * taken over keeps its line and the number of the version that brought it.
 */
import type pg from 'pg';
import { MOST_PERIODS } from '../../../mapping/number-index.ts';

export interface Whose {
  readonly organizationId: string;
  /** the version that is being written */
  readonly versionId: string;
}

/** Whose rows are taken over. */
export interface Taken {
  readonly id: string;
  readonly number: number;
}

const INTO = `INSERT INTO mapping_row
  (version_id, organization_id, number, mailbox, row_number, origin, brought_by, valid_from, valid_to)
  SELECT $1, $2, o.number, o.mailbox, o.row_number, o.origin, coalesce(o.brought_by, $4)`;
const FROM = 'FROM mapping_row o WHERE o.organization_id = $2 AND o.version_id = $3';
const NUMBER_IS_NEW =
  'SELECT 1 FROM mapping_row n WHERE n.organization_id = $2 AND n.version_id = $1 AND n.number = o.number';

const parameters = ({ organizationId, versionId }: Whose, taken: Taken) => [
  versionId,
  organizationId,
  taken.id,
  taken.number,
];

/**
 * An addition: everything that was there, but for the time of which the rows of this version speak. @returns how many
 */
export async function takeOverBeside(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const cut = await client.query(
    `WITH spoken AS (
       SELECT n.number, range_agg(tstzrange(n.valid_from, n.valid_to)) AS times FROM mapping_row n
        WHERE n.organization_id = $2 AND n.version_id = $1
          AND n.number IN (SELECT number FROM mapping_row WHERE organization_id = $2 AND version_id = $3)
        GROUP BY n.number)
     ${INTO}, lower(left_over), upper(left_over)
     FROM mapping_row o JOIN spoken ON spoken.number = o.number,
       unnest(tstzmultirange(tstzrange(o.valid_from, o.valid_to)) - spoken.times) AS left_over
     WHERE o.organization_id = $2 AND o.version_id = $3`,
    parameters(whose, taken),
  );
  const others = await client.query(
    `${INTO}, o.valid_from, o.valid_to ${FROM} AND NOT EXISTS (${NUMBER_IS_NEW})`,
    parameters(whose, taken),
  );
  return (cut.rowCount ?? 0) + (others.rowCount ?? 0);
}

/** Rows that were added in the portal and whose number this version does not have. */
export async function countMissingPortalRows(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count ${FROM} AND o.origin = 'portal' AND NOT EXISTS (${NUMBER_IS_NEW})`,
    parameters(whose, taken).slice(0, 3),
  );
  return rows[0]?.count ?? 0;
}

/** Takes those over. @returns how many */
export async function takeOverPortalRows(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const { rowCount } = await client.query(
    `${INTO}, o.valid_from, o.valid_to ${FROM} AND o.origin = 'portal' AND NOT EXISTS (${NUMBER_IS_NEW})`,
    parameters(whose, taken),
  );
  return rowCount ?? 0;
}

/** All rows of a version that was. @returns how many */
export async function takeOverAll(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const { rowCount } = await client.query(`${INTO}, o.valid_from, o.valid_to ${FROM}`, parameters(whose, taken));
  return rowCount ?? 0;
}

/** The rows that a proposal brought itself, into the one that is made in its place: the same lines of the same file. @returns how many */
export async function bringAgain(client: pg.PoolClient, whose: Whose, proposalId: string): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, mailbox, row_number, origin, valid_from, valid_to)
     SELECT $1, $2, o.number, o.mailbox, o.row_number, o.origin, o.valid_from, o.valid_to ${FROM} AND o.brought_by IS NULL`,
    [whose.versionId, whose.organizationId, proposalId],
  );
  return rowCount ?? 0;
}

/** A number that has more periods than a file may have, after rows were put beside each other; null where none has. */
export async function tooManyPeriods(
  client: pg.PoolClient,
  { organizationId, versionId }: Whose,
): Promise<{ readonly number: string; readonly row: number } | null> {
  const { rows } = await client.query<{ number: string; row: number }>(
    `SELECT r.number, min(r.row_number) FILTER (WHERE r.brought_by IS NULL) AS row FROM mapping_row r
      WHERE r.organization_id = $1 AND r.version_id = $2
      GROUP BY r.number HAVING count(*) > $3 AND count(*) FILTER (WHERE r.brought_by IS NULL) > 0 LIMIT 1`,
    [organizationId, versionId, MOST_PERIODS],
  );
  return rows[0] ?? null;
}
