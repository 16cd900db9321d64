/** Which months of the ledger an organization has, and in which steps they are looked through, the newest first. */
import type pg from 'pg';
import { type Months, monthsOf } from '../../imports/store/months.ts';

/** Months in the first step: most proofs are of what was imported just now. */
const FIRST = 3;
/** In each further one. A statement that looks through all of seven years takes longer to plan than to answer. */
const FURTHER = 12;

const monthBefore = (month: Date, count: number): Date =>
  new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() - count));

/** Steps that cover all months of `months` up to `until`, the newest first. Pure. */
export function spansOf([from, [before]]: Months, until: Date | null): Months[] {
  const spans: Months[] = [];
  const [, [end]] = monthsOf([until === null || until >= before ? new Date(before.getTime() - 1) : until]);
  for (let to = end, count = FIRST; to > from; count = FURTHER) {
    const start = monthBefore(to, count);
    spans.push([start < from ? from : start, [to]]);
    to = start;
  }
  return spans;
}

/** The months in which an organization has windows; null: it has none. One look at an index for each connector. */
export async function ledgerMonths(pool: pg.Pool, organizationId: string): Promise<Months | null> {
  const { rows } = await pool.query<{ first: Date | null; last: Date | null }>(
    `SELECT min(f.starts_at) AS first, max(l.starts_at) AS last FROM connector c,
       LATERAL (SELECT starts_at FROM import_window WHERE connector_id = c.id ORDER BY ends_at LIMIT 1) f,
       LATERAL (SELECT starts_at FROM import_window WHERE connector_id = c.id ORDER BY ends_at DESC LIMIT 1) l
     WHERE c.organization_id = $1`,
    [organizationId],
  );
  const { first = null, last = null } = rows[0] ?? {};
  return first === null || last === null ? null : monthsOf([first, last]);
}
