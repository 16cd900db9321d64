/**
 * The difference of two mapping versions, in sets, for versions of any size.
 *
 * Rows of the same number and time are paired. Only where a number has rows on both sides whose times are not the same is
 * its time cut at every edge of either, into pieces for each of which one old and one new mailbox hold.
 */
import type pg from 'pg';
import type { Queryable } from '../../../db.ts';
import { inTransaction } from '../../../db.ts';
import { versionRows } from '../../../mapping/version-rows.ts';
import { restsOf } from './versions.ts';

/** What is compared, and whose connector it is about. */
export interface Compared {
  readonly organizationId: string;
  readonly connectorId: string;
  readonly sourceId: string;
  readonly versionId: string;
  /** null: nothing, so that every row is added */
  readonly against: string | null;
  /** lower case; a source's e-mail address counts only in one of these. Empty: they are not known, and all count */
  readonly verifiedDomains: readonly string[];
}

/**
 * `difference`: number, [valid_from, valid_to), old_mailbox, new_mailbox; one of these may be null, never both.
 * $1 organization, $2 version, $3 the one that it rests on, $4 the one compared with, $5 the one that that rests on.
 *
 * @param numbers a condition: those whose rows are compared. A number's rows do not depend on those of another one
 */
export const DIFFERENCE_WITHIN = (numbers: string): string => `
  pair AS MATERIALIZED (
    SELECT coalesce(n.number, o.number) AS number, coalesce(n.valid_from, o.valid_from) AS valid_from,
      o.valid_to AS old_to, n.valid_to AS new_to, o.mailbox AS old_mailbox, n.mailbox AS new_mailbox
    FROM (SELECT * FROM ${versionRows('$4', '$5')} v WHERE organization_id = $1 AND ${numbers}) o
    FULL JOIN (SELECT * FROM ${versionRows('$2', '$3')} v WHERE organization_id = $1 AND ${numbers}) n
      ON n.number = o.number AND n.valid_from = o.valid_from),
  uneven AS (SELECT * FROM pair WHERE old_to IS DISTINCT FROM new_to),
  cut AS (SELECT number FROM uneven GROUP BY number HAVING count(old_to) > 0 AND count(new_to) > 0),
  to_cut AS MATERIALIZED (SELECT uneven.* FROM uneven JOIN cut USING (number)),
  edge AS (
    SELECT number, valid_from AS at FROM to_cut
    UNION SELECT number, old_to FROM to_cut WHERE old_to IS NOT NULL
    UNION SELECT number, new_to FROM to_cut WHERE new_to IS NOT NULL),
  piece AS (
    SELECT number, at AS valid_from, lead(at) OVER (PARTITION BY number ORDER BY at) AS valid_to FROM edge),
  difference AS (
    SELECT number, valid_from, new_to AS valid_to, old_mailbox, new_mailbox FROM pair WHERE old_to = new_to
    UNION ALL
    SELECT number, valid_from, coalesce(new_to, old_to), old_mailbox, new_mailbox FROM uneven
     WHERE NOT EXISTS (SELECT 1 FROM cut WHERE cut.number = uneven.number)
    UNION ALL
    SELECT p.number, p.valid_from, p.valid_to, o.old_mailbox, n.new_mailbox FROM piece p
      LEFT JOIN to_cut o ON o.number = p.number AND o.valid_from <= p.valid_from AND p.valid_to <= o.old_to
      LEFT JOIN to_cut n ON n.number = p.number AND n.valid_from <= p.valid_from AND p.valid_to <= n.new_to
     WHERE p.valid_to IS NOT NULL AND (o.number IS NOT NULL OR n.number IS NOT NULL))`;

/** Whether two addresses are one person's, as far as the directory was asked. */
const knownAs = (address: string, addresses: string): string => `coalesce(
  (SELECT e.user_id FROM directory_entry e WHERE e.organization_id = $1 AND e.address = ${address} AND e.result = 'mailbox')
    = ANY (ARRAY(SELECT e.user_id FROM directory_entry e
        WHERE e.organization_id = $1 AND e.address IN (${addresses}) AND e.result = 'mailbox')), false)`;

/**
 * `judged`: `difference`, with what the source says of the number: `comparable`, `disagrees`, `newly`. Only rows that are
 * valid now are compared: the source knows who has the phone today. $6 source, $7 verified domains. `other`: numbers that
 * other live connectors map. $8 their versions in force, and those that these rest on. Numbers as of the difference.
 */
export const JUDGED_WITHIN = (numbers: string): string => `
  other AS (SELECT number FROM mapping_row WHERE organization_id = $1 AND version_id = ANY ($8::uuid[]) AND ${numbers}),
  person AS (
    -- A phone that is listed twice, in two spellings, may have two addresses.
    SELECT number, min(lower(btrim(email))) AS email, max(lower(btrim(email))) AS other_email FROM source_user
     WHERE organization_id = $1 AND source_id = $6 AND status <> 'deleted' AND number IS NOT NULL AND btrim(email) <> '' AND ${numbers}
       AND (cardinality($7::text[]) = 0 OR split_part(lower(btrim(email)), '@', 2) = ANY ($7))
     GROUP BY number),
  compared AS (
    SELECT d.*, p.email, p.other_email, p.number IS NOT NULL AND d.new_mailbox IS NOT NULL AND d.valid_from <= now()
      AND now() < d.valid_to AS comparable
    FROM difference d LEFT JOIN person p USING (number)),
  judged AS (
    SELECT c.*,
      c.comparable AND c.new_mailbox <> ALL (ARRAY[c.email, c.other_email])
        AND NOT ${knownAs('c.new_mailbox', 'c.email, c.other_email')} AS disagrees,
      c.old_mailbox IS NULL OR c.old_mailbox = ANY (ARRAY[c.email, c.other_email])
        OR c.old_mailbox <> c.new_mailbox AND ${knownAs('c.old_mailbox', 'c.email, c.other_email')} AS agreed_before
    FROM compared c)`;

/** For `numbers`. */
const ALL = 'true';

/** `moved`: rows of the difference that are not as they were. Parameters as of `difference`. */
export const MOVED = `${DIFFERENCE_WITHIN(ALL)},
  moved AS (SELECT * FROM difference WHERE new_mailbox IS DISTINCT FROM old_mailbox)`;

/** The five parameters of `difference`. */
export async function differenceParameters(client: Queryable, compared: Compared): Promise<unknown[]> {
  const { organizationId, versionId, against } = compared;
  const [rest, restOfOther] = await restsOf(client, organizationId, [versionId, against]);
  return [organizationId, versionId, rest, against, restOfOther];
}

/** Those, and the three of `judged`. */
export async function parametersOf(client: Queryable, compared: Compared): Promise<unknown[]> {
  const others = await otherVersions(client, compared);
  return [
    ...(await differenceParameters(client, compared)),
    compared.sourceId,
    compared.verifiedDomains,
    others.flatMap(({ id, rest }) => (rest === null ? [id] : [id, rest])),
  ];
}

interface OtherVersion {
  readonly id: string;
  readonly rest: string | null;
  /** of its connector */
  readonly name: string;
}

/** The mappings in force of the organization's other live connectors. */
export async function otherVersions(
  client: Queryable,
  { organizationId, connectorId }: Compared,
): Promise<readonly OtherVersion[]> {
  const { rows } = await client.query<OtherVersion>(
    `SELECT v.id, v.rest_version_id AS rest, c.name FROM connector c
       JOIN mapping_version v ON v.connector_id = c.id AND v.organization_id = c.organization_id AND v.status = 'in_force'
      WHERE c.organization_id = $1 AND c.id <> $2 AND c.status = 'live'`,
    [organizationId, connectorId],
  );
  return rows;
}

/**
 * Reads with settings for a few large sets: a version that was just written is unknown to the planner's statistics, and a
 * nested loop over what it takes for one row would go over a million.
 *
 * @param loops whether nested loops are allowed: for what begins with a set that the statistics know
 */
export function readingLargeSets<T>(
  pool: pg.Pool,
  read: (client: pg.PoolClient) => Promise<T>,
  loops: 'on' | 'off' = 'off',
): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query(`SET LOCAL transaction_read_only = on; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;
      SET LOCAL enable_nestloop = ${loops}`);
    return read(client);
  });
}

export interface Counted {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** rows of the version compared with; one that only goes on with the mailbox of another is the same row */
  readonly before: number;
  readonly comparable: number;
  readonly disagreeing: number;
  readonly newlyDisagreeing: number;
  readonly withOtherConnector: number;
}

/** How many rows of each kind the difference has. */
export async function countDifference(pool: pg.Pool, compared: Compared): Promise<Counted> {
  return readingLargeSets(pool, async (client) => {
    const { rows } = await client.query<Counted>(
      `WITH ${DIFFERENCE_WITHIN(ALL)}, ${JUDGED_WITHIN(ALL)}
       SELECT count(*) FILTER (WHERE old_mailbox IS NULL)::int AS added,
         count(*) FILTER (WHERE old_mailbox <> new_mailbox)::int AS changed,
         count(*) FILTER (WHERE new_mailbox IS NULL)::int AS removed,
         count(*) FILTER (WHERE old_mailbox = new_mailbox)::int AS unchanged,
         (SELECT count(*) FROM pair WHERE old_to IS NOT NULL)::int - (SELECT count(*) FROM pair o JOIN pair next
           ON next.number = o.number AND next.valid_from = o.old_to AND next.old_mailbox = o.old_mailbox
          WHERE isfinite(o.old_to))::int AS before,
         count(*) FILTER (WHERE comparable)::int AS comparable,
         count(*) FILTER (WHERE disagrees)::int AS disagreeing,
         count(*) FILTER (WHERE disagrees AND agreed_before)::int AS "newlyDisagreeing",
         count(*) FILTER (WHERE new_mailbox IS NOT NULL AND number IN (SELECT number FROM other))::int AS "withOtherConnector"
       FROM judged`,
      await parametersOf(client, compared),
    );
    const [row] = rows;
    if (row === undefined) throw new RangeError('an aggregate returned no row');
    return row;
  });
}
