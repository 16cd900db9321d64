/**
 * What another rule would do, against the one in force: who would be archived elsewhere from now on, and what waits that
 * would be imported. Numbers are read by libphonenumber, so those that are written nationally come here once; the rest is
 * sets, for sources and versions of any size.
 */
import type pg from 'pg';
import { UNKNOWN_SECONDS } from '../../../imports/store/directory.ts';
import { parsePartyNumber } from '../../../mapping/number.ts';
import { versionRows } from '../../../mapping/version-rows.ts';
import type { MappingRule } from '../../../mapping/version-rule.ts';
import { type Compared, readingLargeSets } from './difference.ts';
import { isValidFor } from './effect.ts';
import { restsOf } from './versions.ts';

export interface RulesCompared extends Compared {
  /** the rule in force, by which `against` decides, and the version's */
  readonly before: MappingRule;
  readonly after: MappingRule;
}

/** Registered users by what becomes of the mailbox that a message of now would go to. */
export interface PeopleMoved {
  /** have one, and would get another */
  readonly changed: number;
  /** have one, and would wait */
  readonly removed: number;
  /** have none, and would get one */
  readonly added: number;
  /** have one now */
  readonly before: number;
}

export interface MovedPerson {
  /** E.164 as it would be read, else as the source writes it */
  readonly number: string;
  readonly name: string | null;
  readonly oldMailbox: string | null;
  readonly newMailbox: string | null;
}

/**
 * `decided`: number, name, old_mailbox, new_mailbox. $1 organization, $2 source, $3 and $4 the version compared with and its
 * rest, $5 and $6 the version and its rest, $7 and $8 automatic mapping before and after, $9 verified domains, $10 and $11
 * national numbers as they are written and as they would be read.
 */
const DECIDED = `
  again AS (SELECT * FROM unnest($10::text[], $11::text[]) AS a (mobile, number)),
  person AS (
    SELECT u.mobile, u.name, u.number AS old_number, CASE WHEN a.mobile IS NULL THEN u.number ELSE a.number END AS new_number,
      CASE WHEN btrim(u.email) <> '' AND (cardinality($9::text[]) = 0 OR split_part(lower(btrim(u.email)), '@', 2) = ANY ($9))
        THEN lower(btrim(u.email)) END AS email
    FROM source_user u LEFT JOIN again a USING (mobile)
    WHERE u.organization_id = $1 AND u.source_id = $2 AND u.status <> 'deleted'),
  decided AS (
    SELECT coalesce(p.new_number, p.mobile) AS number, p.name,
      coalesce(o.mailbox, CASE WHEN $7 THEN p.email END) AS old_mailbox,
      coalesce(n.mailbox, CASE WHEN $8 THEN p.email END) AS new_mailbox
    FROM person p
      LEFT JOIN ${versionRows('$3', '$4')} o ON o.organization_id = $1 AND o.number = p.old_number
        AND o.valid_from <= now() AND now() < o.valid_to
      LEFT JOIN ${versionRows('$5', '$6')} n ON n.organization_id = $1 AND n.number = p.new_number
        AND n.valid_from <= now() AND now() < n.valid_to)`;

async function parametersOf(client: pg.PoolClient, compared: RulesCompared): Promise<unknown[]> {
  const { organizationId, sourceId, versionId, against, before, after, verifiedDomains } = compared;
  const [restOfOther, rest] = await restsOf(client, organizationId, [against, versionId]);
  const national = isReadAnew(compared)
    ? await client.query<{ written: string }>(
        `SELECT mobile AS written FROM source_user
          WHERE organization_id = $1 AND source_id = $2 AND status <> 'deleted' AND mobile NOT LIKE '+%'`,
        [organizationId, sourceId],
      )
    : { rows: [] };
  const written = national.rows.map((row) => row.written);
  return [
    ...[organizationId, sourceId, against, restOfOther, versionId, rest],
    ...[before.automaticMapping, after.automaticMapping, verifiedDomains],
    ...[written, written.map((one) => parsePartyNumber(one, after.defaultRegion))],
  ];
}

const isReadAnew = ({ before, after }: RulesCompared): boolean => before.defaultRegion !== after.defaultRegion;

/** @param limit of the people that are named, by number */
export function peopleMoved(
  pool: pg.Pool,
  compared: RulesCompared,
  limit: number,
): Promise<{ readonly counts: PeopleMoved; readonly people: readonly MovedPerson[] }> {
  return readingLargeSets(pool, async (client) => {
    const parameters = await parametersOf(client, compared);
    const { rows: counted } = await client.query<PeopleMoved>(
      `WITH ${DECIDED}
       SELECT count(*) FILTER (WHERE old_mailbox <> new_mailbox)::int AS changed,
         count(*) FILTER (WHERE old_mailbox IS NOT NULL AND new_mailbox IS NULL)::int AS removed,
         count(*) FILTER (WHERE old_mailbox IS NULL AND new_mailbox IS NOT NULL)::int AS added,
         count(old_mailbox)::int AS before
       FROM decided`,
      parameters,
    );
    const [counts] = counted;
    if (counts === undefined) throw new RangeError('an aggregate returned no row');
    const { rows: people } = await client.query<MovedPerson>(
      `WITH ${DECIDED}
       SELECT number, name, old_mailbox AS "oldMailbox", new_mailbox AS "newMailbox" FROM decided
       WHERE old_mailbox IS DISTINCT FROM new_mailbox ORDER BY number LIMIT $12`,
      [...parameters, limit],
    );
    return { counts, people };
  });
}

/**
 * Items of which a copy waits, and for which rows and rule would find a mailbox that they do not find now. Left out: copies
 * whose mailbox the directory did not have just now, and those whose number can be read in two ways.
 */
export function countReleasedByRule(pool: pg.Pool, compared: RulesCompared): Promise<number> {
  const { organizationId, sourceId, versionId, against, before, after, verifiedDomains } = compared;
  const ofSource = 'd.connector_id IN (SELECT id FROM connector WHERE organization_id = $1 AND source_id = $2)';
  const waits = `d.organization_id = $1 AND d.state = 'waiting' AND d.sign_off_id IS NULL AND ${ofSource}`;
  return readingLargeSets(
    pool,
    async (client) => {
      const [restOfOther, rest] = await restsOf(client, organizationId, [against, versionId]);
      const national = isReadAnew(compared)
        ? await client.query<{ written: string }>(
            `SELECT DISTINCT d.written FROM delivery d WHERE ${waits} AND d.region_assumed AND d.written NOT LIKE '+%'`,
            [organizationId, sourceId],
          )
        : { rows: [] };
      const written = national.rows.map((row) => row.written);
      const { rows } = await client.query<{ count: number }>(
        `WITH again AS (SELECT * FROM unnest($10::text[], $11::text[]) AS a (written, number)),
         d AS MATERIALIZED (
           SELECT d.archived_at, d.item_id, d.number AS old_number,
             CASE WHEN a.written IS NULL THEN d.number ELSE a.number END AS new_number,
             CASE WHEN split_part(lower(btrim(d.email)), '@', 2) = ANY ($9::text[]) THEN lower(btrim(d.email)) END AS email
           FROM delivery d LEFT JOIN again a ON d.region_assumed AND a.written = d.written
           WHERE ${waits} AND d.reason IS DISTINCT FROM 'ambiguous_number'),
         candidate AS (
           SELECT d.archived_at, d.item_id, n.mailbox FROM d
             JOIN ${versionRows('$5', '$6')} n ON n.organization_id = $1 AND n.number = d.new_number AND ${isValidFor('n')}
             LEFT JOIN ${versionRows('$3', '$4')} o ON o.organization_id = $1 AND o.number = d.old_number AND ${isValidFor('o')}
           WHERE n.mailbox IS DISTINCT FROM o.mailbox
           UNION ALL SELECT d.archived_at, d.item_id, d.email FROM d WHERE $8 AND NOT $7 AND d.email IS NOT NULL)
         SELECT count(DISTINCT (c.archived_at, c.item_id))::int AS count FROM candidate c WHERE NOT EXISTS (
           SELECT 1 FROM directory_entry e WHERE e.organization_id = $1 AND e.address = c.mailbox AND e.result <> 'mailbox'
             AND e.checked_at > now() - make_interval(secs => $12))`,
        [
          ...[organizationId, sourceId, against, restOfOther, versionId, rest],
          ...[before.automaticMapping, after.automaticMapping, verifiedDomains],
          ...[written, written.map((one) => parsePartyNumber(one, after.defaultRegion)), UNKNOWN_SECONDS],
        ],
      );
      return rows[0]?.count ?? 0;
    },
    'on',
  );
}
