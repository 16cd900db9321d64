/** What a verification reads and writes in sets: users, numbers of the mapping, ages of answers, and its lines. */
import type pg from 'pg';
import type { Queryable } from '../../db.ts';
import { resultOf } from '../../imports/store/directory.ts';
import { type E164, isE164 } from '../../mapping/number.ts';
import type { DirectoryResult } from '../../microsoft/directory.ts';
import { type CoverageCounts, coverageCountsSchema } from '../counts.ts';
import type { CoverageLine, CoverageUser } from '../lines.ts';
import type { Claimed } from './verifications.ts';

/** When the source's users were read; null: never. */
export async function usersReadAt(pool: pg.Pool, organizationId: string, sourceId: string): Promise<Date | null> {
  const { rows } = await pool.query<{ users_read_at: Date | null }>(
    'SELECT users_read_at FROM source WHERE id = $1 AND organization_id = $2',
    [sourceId, organizationId],
  );
  return rows[0]?.users_read_at ?? null;
}

export interface OrganizationFacts {
  /** lower case */
  readonly verifiedDomains: ReadonlySet<string>;
  /** this portal may open some mailboxes only: one that is closed to it says nothing of the others */
  readonly chosenMailboxes: boolean;
}

export async function organizationFacts(
  pool: pg.Pool,
  organizationId: string,
  connectorId: string,
): Promise<OrganizationFacts> {
  const { rows } = await pool.query<{ verified_domains: string[]; consent_mode: string }>(
    `SELECT o.verified_domains, c.consent_mode FROM connector c JOIN organization o ON o.id = c.organization_id
     WHERE c.organization_id = $1 AND c.id = $2`,
    [organizationId, connectorId],
  );
  return {
    verifiedDomains: new Set(rows[0]?.verified_domains.map((domain) => domain.toLowerCase()) ?? []),
    chosenMailboxes: rows[0]?.consent_mode === 'chosen',
  };
}

/** The next registered users behind `mobile`. */
export async function usersAfter(
  pool: pg.Pool,
  organizationId: string,
  sourceId: string,
  mobile: string,
  limit: number,
): Promise<readonly CoverageUser[]> {
  const { rows } = await pool.query<Omit<CoverageUser, 'number'> & { readonly number: string | null }>(
    `SELECT mobile, number, name, email, status, last_archived_at AS "lastArchivedAt" FROM source_user
     WHERE source_id = $1 AND organization_id = $2 AND status <> 'deleted' AND mobile > $3
     ORDER BY mobile LIMIT $4`,
    [sourceId, organizationId, mobile, limit],
  );
  return rows.map((row) => ({ ...row, number: row.number !== null && isE164(row.number) ? row.number : null }));
}

/**
 * Which of the numbers are registered, as the verification has seen it: somebody who was registered meanwhile has no line
 * as a user, and so gets one as a number.
 */
export async function numbersWithUser(
  pool: pg.Pool,
  { organizationId, id }: Claimed,
  numbers: readonly E164[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ number: string }>(
    `SELECT DISTINCT number FROM coverage_line
     WHERE verification_id = $1 AND organization_id = $2 AND number = ANY ($3::text[]) AND status IS NOT NULL`,
    [id, organizationId, numbers],
  );
  return new Set(rows.map(({ number }) => number));
}

/**
 * What the directory said of addresses, where that is young enough.
 *
 * @param since of answers that name a mailbox, and of others
 */
export async function recallSince(
  pool: pg.Pool,
  organizationId: string,
  addresses: readonly string[],
  since: { readonly mailbox: Date; readonly others: Date },
): Promise<Map<string, DirectoryResult>> {
  const { rows } = await pool.query<Parameters<typeof resultOf>[0]>(
    `SELECT address, result, user_id, mailbox_address, display_name, user_principal_name, closed FROM directory_entry
     WHERE organization_id = $1 AND address = ANY ($2)
       AND checked_at >= CASE WHEN result = 'mailbox' THEN $3::timestamptz ELSE $4::timestamptz END`,
    [organizationId, addresses, since.mailbox, since.others],
  );
  return new Map(rows.map((row) => [row.address, resultOf(row)]));
}

/** When the directory said what is remembered of addresses. */
export async function agesOf(
  pool: pg.Pool,
  organizationId: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await pool.query<{ address: string; checked_at: Date }>(
    'SELECT address, checked_at FROM directory_entry WHERE organization_id = $1 AND address = ANY ($2)',
    [organizationId, addresses],
  );
  return new Map(rows.map((row) => [row.address, row.checked_at]));
}

/** A line with the age of the oldest answer that it rests on. */
export type AgedLine = CoverageLine & { readonly checkedAt: Date | null };

/** Adds lines. Inside a transaction. */
export async function insertLines(client: Queryable, claimed: Claimed, lines: readonly AgedLine[]): Promise<void> {
  if (lines.length === 0) return;
  await client.query(
    `INSERT INTO coverage_line (verification_id, organization_id, mobile, number, name, name_key, words, email, status,
       last_archived_at, decides, result, rule, mailbox, mapping_row, mapped_mailbox, mapped_result, valid_from, valid_to,
       checked_at)
     SELECT $1, $2, l.mobile, l.number, l.name, left(lower(coalesce(l.name, '')), 200),
       lower(concat_ws(E'\\n', l.name, l.email, l.mailbox, l.mapped_mailbox)), l.email, l.status, l.last_archived_at, l.decides,
       l.result, l.rule, l.mailbox, l.mapping_row, l.mapped_mailbox, l.mapped_result,
       CASE WHEN l.mapping_row IS NOT NULL THEN coalesce(l.valid_from, '-infinity') END,
       CASE WHEN l.mapping_row IS NOT NULL THEN coalesce(l.valid_to, 'infinity') END, l.checked_at
     FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::boolean[], $10::text[],
         $11::text[], $12::text[], $13::integer[], $14::text[], $15::text[], $16::timestamptz[], $17::timestamptz[],
         $18::timestamptz[])
       AS l (mobile, number, name, email, status, last_archived_at, decides, result, rule, mailbox, mapping_row,
         mapped_mailbox, mapped_result, valid_from, valid_to, checked_at)`,
    [
      claimed.id,
      claimed.organizationId,
      lines.map(({ mobile }) => mobile),
      lines.map(({ number }) => number),
      lines.map(({ user }) => user?.name ?? null),
      lines.map(({ user }) => user?.email ?? null),
      lines.map(({ user }) => user?.status ?? null),
      lines.map(({ user }) => user?.lastArchivedAt ?? null),
      lines.map(({ decides }) => decides),
      lines.map(({ result }) => result),
      lines.map(({ rule }) => rule),
      lines.map(({ mailbox }) => mailbox),
      lines.map(({ row }) => row?.row ?? null),
      lines.map(({ row }) => row?.mailbox ?? null),
      lines.map(({ mappedResult }) => mappedResult),
      lines.map(({ row }) => row?.validity.from ?? null),
      lines.map(({ row }) => row?.validity.to ?? null),
      lines.map(({ checkedAt }) => checkedAt),
    ],
  );
}

/** The numbers of a verification, counted from its lines. Inside the transaction that completes it. */
export async function countLines(client: Queryable, { organizationId, id }: Claimed): Promise<CoverageCounts> {
  const { rows } = await client.query<{ readonly [N in keyof CoverageCounts]: unknown }>(
    `WITH line AS (SELECT * FROM coverage_line WHERE verification_id = $1 AND organization_id = $2),
     reasons AS (
       SELECT 'without' AS what, result AS reason, count(*)::int AS count FROM line
         WHERE status IS NOT NULL AND decides AND result <> 'mailbox' GROUP BY result
       UNION ALL SELECT 'unusable', mapped_result, count(*)::int FROM line WHERE mapped_result <> 'mailbox'
         GROUP BY mapped_result)
     SELECT count(*) FILTER (WHERE status IS NOT NULL AND decides)::int AS registered,
       count(*) FILTER (WHERE status IS NOT NULL AND decides AND result = 'mailbox')::int AS "withMailbox",
       count(DISTINCT number) FILTER (WHERE status IS NULL)::int AS unregistered,
       (SELECT coalesce(jsonb_object_agg(reason, count), '{}') FROM reasons WHERE what = 'without') AS without,
       (SELECT coalesce(jsonb_object_agg(reason, count), '{}') FROM reasons WHERE what = 'unusable') AS unusable,
       to_char(min(checked_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "oldestAnswerAt"
     FROM line`,
    [id, organizationId],
  );
  return coverageCountsSchema.parse(rows[0]);
}

/**
 * Deletes the lines of a connector's verifications but for those of the two that were done last, and of one that is open:
 * somebody may be downloading the former ones. Then tells the planner of the new ones, which would else sort a hundred
 * thousand lines for a page until autovacuum has come round.
 */
export async function tidyLines(pool: pg.Pool, organizationId: string, connectorId: string): Promise<void> {
  await pool.query(
    `DELETE FROM coverage_line WHERE verification_id IN (
       SELECT v.id FROM verification v WHERE v.organization_id = $1 AND v.connector_id = $2
         AND v.state IN ('done', 'failed') AND v.id NOT IN (
           SELECT k.id FROM verification k WHERE k.organization_id = $1 AND k.connector_id = $2 AND k.state = 'done'
           ORDER BY k.finished_at DESC LIMIT 2))`,
    [organizationId, connectorId],
  );
  await pool.query('ANALYZE coverage_line');
}

/**
 * Ends a connector's open verification and deletes all its lines, which are about people and of no use without it. Inside
 * the transaction that deletes the connector: a worker in the middle of a set finds its claim gone.
 */
export async function forgetCoverage(client: Queryable, organizationId: string, connectorId: string): Promise<void> {
  await client.query(
    `UPDATE verification SET state = 'failed', finished_at = now(), owner = NULL, owned_until = NULL
     WHERE organization_id = $1 AND connector_id = $2 AND state IN ('queued', 'running')`,
    [organizationId, connectorId],
  );
  await client.query(
    `DELETE FROM coverage_line WHERE verification_id IN (
       SELECT id FROM verification WHERE organization_id = $1 AND connector_id = $2)`,
    [organizationId, connectorId],
  );
}
