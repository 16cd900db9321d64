/** Rows of mapping versions in PostgreSQL. Every query names the organization. */
import type { Queryable } from '../../db.ts';
import type { StoredRow } from '../lookup.ts';
import { isMailboxAddress } from '../mailbox-address.ts';
import type { MappingRow } from '../mapping-file.ts';
import { type E164, isE164 } from '../number.ts';
import { versionRows } from '../version-rows.ts';
import type { NewVersion, VersionOrigin } from './versions.ts';

const ROW = `number, mailbox, row_number AS row, CASE WHEN isfinite(valid_from) THEN valid_from END AS "from",
  CASE WHEN isfinite(valid_to) THEN valid_to END AS "to"`;

interface RawRow {
  readonly number: string;
  readonly mailbox: string;
  readonly row: number;
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Adds rows to a version that is being written, as one set. */
export async function insertRows(
  client: Queryable,
  version: Pick<NewVersion, 'id' | 'organizationId'>,
  rows: readonly MappingRow[],
  origin: VersionOrigin = 'file',
): Promise<void> {
  await client.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, mailbox, row_number, valid_from, valid_to, origin)
     SELECT $1, $2, r.number, r.mailbox, r.row_number, coalesce(r.valid_from, '-infinity'), coalesce(r.valid_to, 'infinity'), $8
       FROM unnest($3::text[], $4::text[], $5::integer[], $6::timestamptz[], $7::timestamptz[])
         AS r (number, mailbox, row_number, valid_from, valid_to)`,
    [
      version.id,
      version.organizationId,
      rows.map(({ number }) => number),
      rows.map(({ mailbox }) => mailbox),
      rows.map(({ row }) => row),
      rows.map(({ validity }) => validity.from),
      rows.map(({ validity }) => validity.to),
      origin,
    ],
  );
}

/** Takes out rows that later rows of the same file contradicted. */
export async function withdrawRows(
  client: Queryable,
  version: Pick<NewVersion, 'id' | 'organizationId'>,
  rowNumbers: readonly number[],
): Promise<void> {
  if (rowNumbers.length === 0) return;
  await client.query(
    'DELETE FROM mapping_row WHERE version_id = $1 AND organization_id = $2 AND row_number = ANY ($3::integer[])',
    [version.id, version.organizationId, rowNumbers],
  );
}

/** All rows of a version for the numbers given, whatever their validity: `mappingLookup` chooses by time. */
export async function rowsFor(
  client: Queryable,
  organizationId: string,
  versionId: string,
  numbers: readonly E164[],
): Promise<readonly StoredRow[]> {
  if (numbers.length === 0) return [];
  const { rows } = await client.query<RawRow>(
    `SELECT ${ROW} FROM ${versionRows('$1')} mapping_row WHERE organization_id = $2 AND number = ANY ($3::text[])`,
    [versionId, organizationId, numbers],
  );
  return rows.map(stored);
}

/** Where a page of `rowsOf` ended. */
export interface RowCursor {
  readonly number: E164;
  readonly from: Date | null;
}

/** The rows of a version by number and time, a page after `after`; for downloads and comparisons of any size. */
export async function rowsOf(
  client: Queryable,
  organizationId: string,
  versionId: string,
  after: RowCursor | null,
  limit: number,
): Promise<readonly StoredRow[]> {
  const { rows } = await client.query<RawRow>(
    `SELECT ${ROW} FROM ${versionRows('$1')} mapping_row
      WHERE organization_id = $2
        AND (number, valid_from) > ($3::text, coalesce($4::timestamptz, '-infinity'))
      ORDER BY mapping_row.number, valid_from LIMIT $5`,
    [versionId, organizationId, after?.number ?? '', after?.from ?? null, limit],
  );
  return rows.map(stored);
}

/** Whether some row of a version is limited in time. */
export async function hasValidity(client: Queryable, organizationId: string, versionId: string): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ${versionRows('$1')} mapping_row
       WHERE organization_id = $2 AND (isfinite(valid_from) OR isfinite(valid_to))) AS found`,
    [versionId, organizationId],
  );
  return rows[0]?.found ?? false;
}

/** Rows are checked on their way in; a row that is not what it was is a fault that must not choose a mailbox. */
function stored({ number, mailbox, row, from, to }: RawRow): StoredRow {
  if (!isE164(number) || !isMailboxAddress(mailbox))
    throw new RangeError(`mapping row ${row} is not as it was checked`);
  return { number, mailbox, row, validity: { from, to } };
}
