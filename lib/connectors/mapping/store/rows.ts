/**
 * Rows that a version takes over from another one, as sets. A row that is copied keeps its line and the number of the
 * version that brought it. Most are not copied: the version rests on the one that has them (`lib/mapping/version-rows.ts`).
 */
import type pg from 'pg';
import { MOST_PERIODS } from '../../../mapping/number-index.ts';
import { versionRows } from '../../../mapping/version-rows.ts';

export interface Whose {
  readonly organizationId: string;
  /** the version that is being written */
  readonly versionId: string;
}

/** A version whose rows are taken over. */
export interface Taken {
  readonly id: string;
  /** the one that it rests on; null: it has all of its rows itself */
  readonly restId: string | null;
}

/** What a version has, once everything that it takes over is there. */
export interface Rows {
  readonly rowCount: number;
  readonly restId: string | null;
}

/** Own rows with which a version still rests on another. With more, all rows are copied, so that reading stays simple. */
const MOST_BESIDE = 10_000;

const INTO = `INSERT INTO mapping_row
  (version_id, organization_id, number, mailbox, row_number, origin, brought_by, valid_from, valid_to)
  SELECT $1, $2, o.number, o.mailbox, o.row_number, o.origin, coalesce(o.brought_by, source.number)`;
const SOURCE = 'JOIN mapping_version source ON source.id = o.version_id';
const IS_SPOKEN_OF =
  'EXISTS (SELECT 1 FROM mapping_row n WHERE n.organization_id = $2 AND n.version_id = $1 AND n.number = o.number)';

/** As an array, so that a few numbers are found by the index in whichever version. */
const AMONG_SPOKEN_OF =
  'o.number = ANY (ARRAY(SELECT DISTINCT number FROM mapping_row WHERE organization_id = $2 AND version_id = $1))';

/**
 * An addition: everything that was there, but for the time of which the rows of this version speak.
 *
 * @param most own rows with which it rests on another version
 */
export async function takeOverBeside(
  client: pg.PoolClient,
  whose: Whose,
  taken: Taken,
  most: number = MOST_BESIDE,
): Promise<Rows> {
  const { organizationId, versionId } = whose;
  const restId = taken.restId ?? taken.id;
  await client.query(
    `WITH spoken AS (
       SELECT number, range_agg(tstzrange(valid_from, valid_to)) AS times FROM mapping_row
        WHERE organization_id = $2 AND version_id = $1 GROUP BY number)
     ${INTO}, lower(left_over), upper(left_over)
     FROM ${versionRows('$3')} o JOIN spoken ON spoken.number = o.number ${SOURCE},
       unnest(tstzmultirange(tstzrange(o.valid_from, o.valid_to)) - spoken.times) AS left_over
     WHERE o.organization_id = $2 AND ${AMONG_SPOKEN_OF}`,
    [versionId, organizationId, taken.id],
  );
  const copy = (id: string) =>
    client.query(
      `${INTO}, o.valid_from, o.valid_to FROM mapping_row o ${SOURCE}
        WHERE o.organization_id = $2 AND o.version_id = $3 AND NOT ${IS_SPOKEN_OF}`,
      [versionId, organizationId, id],
    );
  if (taken.restId !== null) await copy(taken.id);
  const own = await countOwn(client, whose);
  if (own > most) {
    await copy(restId);
    return { rowCount: await countOwn(client, whose), restId: null };
  }
  const { rows } = await client.query<{ count: number }>(
    `SELECT rest.row_count - (SELECT count(*) FROM mapping_row o
         WHERE o.organization_id = $2 AND o.version_id = rest.id AND ${AMONG_SPOKEN_OF})::int AS count
     FROM mapping_version rest WHERE rest.id = $3 AND rest.organization_id = $2`,
    [versionId, organizationId, restId],
  );
  return { rowCount: own + (rows[0]?.count ?? 0), restId };
}

async function countOwn(client: pg.PoolClient, { organizationId, versionId }: Whose): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM mapping_row WHERE organization_id = $2 AND version_id = $1',
    [versionId, organizationId],
  );
  return rows[0]?.count ?? 0;
}

const FROM_PORTAL = `FROM ${versionRows('$3')} o ${SOURCE}
  WHERE o.organization_id = $2 AND o.origin = 'portal' AND NOT ${IS_SPOKEN_OF}`;

/** Rows that were added in the portal and whose number this version does not have. */
export async function countMissingPortalRows(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count ${FROM_PORTAL}`, [
    whose.versionId,
    whose.organizationId,
    taken.id,
  ]);
  return rows[0]?.count ?? 0;
}

/** Takes those over. @returns how many */
export async function takeOverPortalRows(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<number> {
  const { rowCount } = await client.query(`${INTO}, o.valid_from, o.valid_to ${FROM_PORTAL}`, [
    whose.versionId,
    whose.organizationId,
    taken.id,
  ]);
  return rowCount ?? 0;
}

/** All rows of a version that was. @returns the version that this one rests on */
export async function takeOverAll(client: pg.PoolClient, whose: Whose, taken: Taken): Promise<string> {
  if (taken.restId === null) return taken.id;
  await client.query(
    `${INTO}, o.valid_from, o.valid_to FROM mapping_row o ${SOURCE} WHERE o.organization_id = $2 AND o.version_id = $3`,
    [whose.versionId, whose.organizationId, taken.id],
  );
  return taken.restId;
}

/**
 * Whether a version has exactly the rows of another one that has as many. Lines and where rows come from do not count.
 * Ends at the first row that differs.
 */
export async function saysTheSame(client: pg.PoolClient, whose: Whose, otherId: string): Promise<boolean> {
  // The planner does not know what this transaction has just written: a nested loop would be the square of a million.
  await client.query('SET LOCAL enable_nestloop = off');
  const { rows } = await client.query<{ same: boolean }>(
    `SELECT NOT EXISTS (
       SELECT 1 FROM ${versionRows('$1')} n WHERE n.organization_id = $2 AND NOT EXISTS (
         SELECT 1 FROM ${versionRows('$3')} o WHERE o.organization_id = $2 AND o.number = n.number
           AND o.mailbox = n.mailbox AND o.valid_from = n.valid_from AND o.valid_to = n.valid_to)) AS same`,
    [whose.versionId, whose.organizationId, otherId],
  );
  await client.query('SET LOCAL enable_nestloop TO DEFAULT');
  return rows[0]?.same ?? false;
}

/** The rows that a proposal brought itself, into the one that is made in its place: the same lines of the same file. @returns how many */
export async function bringAgain(client: pg.PoolClient, whose: Whose, proposalId: string): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, mailbox, row_number, origin, valid_from, valid_to)
     SELECT $1, $2, number, mailbox, row_number, origin, valid_from, valid_to FROM mapping_row
      WHERE organization_id = $2 AND version_id = $3 AND brought_by IS NULL`,
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
    `SELECT number, min(row_number) FILTER (WHERE brought_by IS NULL) AS row FROM mapping_row
      WHERE organization_id = $1 AND version_id = $2
      GROUP BY number HAVING count(*) > $3 AND count(*) FILTER (WHERE brought_by IS NULL) > 0 LIMIT 1`,
    [organizationId, versionId, MOST_PERIODS],
  );
  return rows[0] ?? null;
}
