/** Numbers of a day and of an import: counters are added up, rows of the ledger never. */
import type pg from 'pg';

export interface ImportOf {
  readonly connector: string;
  readonly number: number;
  readonly from: Date;
  readonly to: Date;
}

/** An import with the window that it collected; null where it is not the organization's. */
export async function importOf(pool: pg.Pool, organizationId: string, importId: string): Promise<ImportOf | null> {
  const { rows } = await pool.query<ImportOf>(
    `SELECT c.name AS connector, i.number, w.starts_at AS from, w.ends_at AS to
     FROM import i JOIN import_window w ON w.id = i.window_id JOIN connector c ON c.id = i.connector_id
     WHERE i.id = $2 AND i.organization_id = $1`,
    [organizationId, importId],
  );
  return rows[0] ?? null;
}

/** The counters of an import, or of all imports of a UTC day of arrival. */
export async function dayCounters(
  pool: pg.Pool,
  organizationId: string,
  which: { readonly day: string } | { readonly importId: string },
): Promise<{ outcome: string; count: string }[]> {
  if ('importId' in which) {
    const { rows } = await pool.query<{ outcome: string; count: string }>(
      `SELECT k.outcome, k.count FROM import i JOIN import_counter k ON k.import_id = i.id
       WHERE i.organization_id = $1 AND i.id = $2`,
      [organizationId, which.importId],
    );
    return rows;
  }
  // A window lies within one day: those of a day end after its beginning and not after its end.
  const { rows } = await pool.query<{ outcome: string; count: string }>(
    `SELECT k.outcome, sum(k.count) AS count FROM connector c
       JOIN import_window w ON w.connector_id = c.id AND w.ends_at > $2 AND w.ends_at <= $2 + interval '1 day'
       JOIN import i ON i.window_id = w.id JOIN import_counter k ON k.import_id = i.id
     WHERE c.organization_id = $1 AND w.organization_id = $1 GROUP BY k.outcome`,
    [organizationId, new Date(`${which.day}T00:00:00Z`)],
  );
  return rows;
}
