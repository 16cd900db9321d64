/** The rows of a difference by number and time, a page at a time. */
import type pg from 'pg';
import {
  type Compared,
  DIFFERENCE_WITHIN,
  JUDGED_WITHIN,
  otherVersions,
  parametersOf,
  readingLargeSets,
} from './difference.ts';

/** A row of the difference as it lies in the tables. */
export interface FoundRow {
  readonly number: string;
  readonly oldMailbox: string | null;
  readonly newMailbox: string | null;
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
}

const KINDS = {
  added: 'old_mailbox IS NULL',
  changed: 'old_mailbox <> new_mailbox',
  removed: 'new_mailbox IS NULL',
  unchanged: 'old_mailbox = new_mailbox',
  disagreeing: 'disagrees',
  newly_disagreeing: 'disagrees AND agreed_before',
  other_connector: 'new_mailbox IS NOT NULL AND number IN (SELECT number FROM other)',
} as const;

export type DifferenceKind = keyof typeof KINDS;

/** Behind which row a page begins. No two rows of a difference have the same. */
export interface RowPlace {
  readonly number: string;
  /** null: it is open */
  readonly validFrom: Date | null;
}

/** Rows of the versions that are compared at first, and by how much more where they have too few of the kind. */
const FIRST_ROWS = 5_000;
const GROWTH = 10;

/**
 * Rows of one kind by number and time. What is compared is a stretch of numbers behind `after`, and a longer one only
 * where it has too few rows of the kind: where there are many, a page costs the same whatever the size of the versions.
 */
export function readDifference(
  pool: pg.Pool,
  compared: Compared,
  kind: DifferenceKind,
  { after, limit }: { readonly after: RowPlace | null; readonly limit: number },
  firstRows: number = FIRST_ROWS,
): Promise<FoundRow[]> {
  return readingLargeSets(pool, async (client) => {
    const parameters = await parametersOf(client, compared);
    const found: FoundRow[] = [];
    let [number, from] = [after?.number ?? '', after === null ? 'infinity' : (after.validFrom ?? '-infinity')];
    for (let rows = firstRows; ; rows *= GROWTH) {
      const end = await endOf(client, parameters, number, rows);
      const { rows: read } = await client.query<FoundRow>(
        `WITH ${DIFFERENCE_WITHIN(STRETCH)}, ${JUDGED_WITHIN(STRETCH)}
         SELECT number, old_mailbox AS "oldMailbox", new_mailbox AS "newMailbox",
           CASE WHEN isfinite(valid_from) THEN valid_from END AS "validFrom",
           CASE WHEN isfinite(valid_to) THEN valid_to END AS "validTo"
         FROM judged WHERE ${KINDS[kind]} AND (judged.number, judged.valid_from) > ($9::text, $11::timestamptz)
         ORDER BY judged.number, judged.valid_from LIMIT $12`,
        [...parameters, number, end, from, limit - found.length],
      );
      found.push(...read);
      if (end === null || found.length >= limit) return found;
      [number, from] = [end, 'infinity'];
    }
  });
}

/** $9 the first number, $10 the last; null: there is none */
const STRETCH = 'number >= $9::text AND ($10::text IS NULL OR number <= $10::text)';

/** The number up to which the compared versions have so many rows; null where they have fewer. */
async function endOf(
  client: pg.PoolClient,
  parameters: readonly unknown[],
  number: string,
  rows: number,
): Promise<string | null> {
  const ofVersion = (version: string): string =>
    `(SELECT number FROM mapping_row WHERE organization_id = $1 AND version_id = ${version} AND number >= $6
       ORDER BY number LIMIT $7)`;
  const { rows: ends } = await client.query<{ end: string }>(
    `SELECT number AS end FROM (${['$2', '$3', '$4', '$5'].map((id) => ofVersion(`${id}::uuid`)).join(' UNION ALL ')}) v
     ORDER BY number OFFSET $7 - 1 LIMIT 1`,
    [...parameters.slice(0, 5), number, rows],
  );
  return ends[0]?.end ?? null;
}

export interface Person {
  readonly name: string | null;
  readonly email: string | null;
}

/** Whom the source knows by numbers. */
export async function peopleOf(
  pool: pg.Pool,
  { organizationId, sourceId }: Compared,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  const { rows } = await pool.query<Person & { number: string }>(
    `SELECT number, min(name) AS name, min(email) AS email FROM source_user
      WHERE organization_id = $1 AND source_id = $2 AND status <> 'deleted' AND number = ANY ($3::text[]) GROUP BY number`,
    [organizationId, sourceId, numbers],
  );
  return new Map(rows.map(({ number, ...person }) => [number, person]));
}

export interface OtherConnector {
  readonly name: string;
  readonly mailbox: string;
}

/** One other live connector for each of the numbers that any maps. */
export async function otherConnectorsOf(
  pool: pg.Pool,
  compared: Compared,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, OtherConnector>> {
  const others = await otherVersions(pool, compared);
  // A version's own rows come before those that it rests on.
  const { rows } = await pool.query<OtherConnector & { number: string }>(
    `SELECT DISTINCT ON (r.number) r.number, o.name, r.mailbox
     FROM unnest($2::uuid[], $3::uuid[], $4::text[]) AS o (id, rest, name)
     JOIN mapping_row r ON r.organization_id = $1 AND r.version_id IN (o.id, o.rest)
     WHERE r.number = ANY ($5::text[]) ORDER BY r.number, o.name, r.version_id = o.id DESC, r.mailbox`,
    [
      compared.organizationId,
      others.map(({ id }) => id),
      others.map(({ rest }) => rest),
      others.map(({ name }) => name),
      numbers,
    ],
  );
  return new Map(rows.map(({ number, ...other }) => [number, other]));
}
