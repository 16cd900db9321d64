/** Which staged content has a row that names it. */
import type pg from 'pg';

export interface NamedContent {
  readonly pages: ReadonlySet<string>;
  readonly attachments: ReadonlySet<string>;
}

/**
 * Of these pages and attachments of an import, those that a row names. An import that does not exist names none. Rows may
 * lie before the window: it was split since where the source's retention ran through it, and holds what it held. While a
 * database that was restored does not have all its rows again, everything counts as named.
 *
 * @param asked page numbers and attachment ids in decimal
 */
export async function namedContent(
  pool: pg.Pool,
  organizationId: string,
  importId: string,
  asked: { readonly pages: readonly string[]; readonly attachments: readonly string[] },
): Promise<NamedContent> {
  const recovering = await pool.query('SELECT FROM recovery WHERE ended_at IS NULL');
  if (recovering.rows.length > 0) return { pages: new Set(asked.pages), attachments: new Set(asked.attachments) };
  const pages = await pool.query<{ page: number }>(
    `SELECT p.page FROM unnest($3::int[]) AS p (page)
     JOIN import i ON i.id = $2 AND i.organization_id = $1 JOIN import_window w ON w.id = i.window_id
     WHERE EXISTS (SELECT 1 FROM item t WHERE t.import_id = i.id AND t.page = p.page
         AND t.archived_at >= date_trunc('day', w.starts_at, 'UTC') AND t.archived_at < w.ends_at)
       OR EXISTS (SELECT 1 FROM delivery t WHERE t.import_id = i.id AND t.page = p.page
         AND t.archived_at >= date_trunc('day', w.starts_at, 'UTC') AND t.archived_at < w.ends_at)
       OR EXISTS (SELECT 1 FROM item_change t WHERE t.import_id = i.id AND t.page = p.page)`,
    [organizationId, importId, asked.pages],
  );
  const attachments = await pool.query<{ id: string }>(
    `SELECT id FROM attachment
     WHERE organization_id = $1 AND import_id = $2 AND id = ANY ($3::bigint[]) AND state = 'staged'`,
    [organizationId, importId, asked.attachments],
  );
  return {
    pages: new Set(pages.rows.map(({ page }) => String(page))),
    attachments: new Set(attachments.rows.map(({ id }) => id)),
  };
}

/**
 * Which of some copies still name the page on which they were claimed, by id. One that is delivered wants no content any
 * more: whoever slept with it in hand finds its page cleared, and nothing is missing.
 */
export async function stillOnPage(
  pool: pg.Pool,
  claimed: readonly { readonly archivedAt: Date; readonly id: string; readonly page: number }[],
): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT d.id FROM unnest($1::timestamptz[], $2::bigint[], $3::int[]) AS c (archived_at, id, page)
     JOIN delivery d ON d.archived_at = c.archived_at AND d.id = c.id AND d.page = c.page
       AND d.state IN ('sending', 'created')`,
    [claimed.map((one) => one.archivedAt), claimed.map((one) => one.id), claimed.map((one) => one.page)],
  );
  return new Set(rows.map(({ id }) => id));
}
