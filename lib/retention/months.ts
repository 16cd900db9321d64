/** Which months of a partitioned table are there, and which were kept long enough. */
import type { Queryable } from '../db.ts';

export type RecordKind = 'ledger' | 'audit';

/** The first table of each kind: the others have the same months. */
const TABLE: Readonly<Record<RecordKind, string>> = { ledger: 'item', audit: 'audit_entry' };

/** Beginnings of the months that are there, oldest first. */
export async function monthsThere(client: Queryable, kind: RecordKind): Promise<Date[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = $1::regclass ORDER BY 1`,
    [TABLE[kind]],
  );
  return rows.flatMap(({ name }) => {
    const [, year, month] = /_(\d{4})_(\d\d)$/.exec(name) ?? [];
    return year && month ? [new Date(`${year}-${month}-01T00:00:00Z`)] : [];
  });
}

/** Whether everything in the month is older than so many years. */
export function isOver(month: Date, years: number, now: Date): boolean {
  const end = new Date(month);
  end.setUTCMonth(end.getUTCMonth() + 1);
  end.setUTCFullYear(end.getUTCFullYear() + years);
  return end <= now;
}
