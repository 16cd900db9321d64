/** Who and what goes by a name that somebody typed. */
import type pg from 'pg';

/** Whom a text may mean: somebody with a mailbox, or a registered user by the number alone. */
export type Person =
  | { readonly userId: string; readonly number: null; readonly name: string | null; readonly address: string | null }
  | { readonly userId: null; readonly number: string; readonly name: string | null; readonly address: null };

interface Row {
  readonly user_id: string | null;
  readonly number: string | null;
  readonly name: string | null;
  readonly address: string | null;
}

/** What a pattern of LIKE would take for more than itself. */
const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

/**
 * People by a part of their name, by any of their addresses as a whole, or by their object id. Who has a mailbox by what the
 * directory said last comes once, whatever the number of their phones.
 */
export async function peopleCalled(
  pool: pg.Pool,
  organizationId: string,
  text: string,
  limit: number,
): Promise<Person[]> {
  const { rows } = await pool.query<Row>(
    `WITH asked AS (SELECT lower($2) AS word, '%' || lower($3) || '%' AS part),
     users AS (
       SELECT s.number, s.name, e.user_id FROM asked, source_user s
         LEFT JOIN directory_entry e ON e.organization_id = s.organization_id AND e.address = lower(s.email)
           AND e.result = 'mailbox'
       WHERE s.organization_id = $1 AND (lower(s.name) LIKE part OR lower(s.email) = word)),
     mailboxes AS (
       SELECT user_id FROM asked, directory_entry WHERE organization_id = $1 AND result = 'mailbox' AND (address = word
         OR lower(mailbox_address) = word OR lower(user_principal_name) = word OR lower(display_name) LIKE part
         OR user_id::text = word)
       UNION SELECT user_id FROM users WHERE user_id IS NOT NULL)
     (SELECT DISTINCT ON (e.user_id) e.user_id, NULL AS number, e.display_name AS name, e.mailbox_address AS address
      FROM directory_entry e JOIN mailboxes USING (user_id)
      WHERE e.organization_id = $1 AND e.result = 'mailbox' ORDER BY e.user_id, e.checked_at DESC)
     UNION ALL
     (SELECT NULL, number, min(name), NULL FROM users WHERE user_id IS NULL AND number IS NOT NULL GROUP BY number)
     ORDER BY name NULLS LAST, address, number LIMIT $4`,
    [organizationId, text, literal(text), limit],
  );
  return rows.flatMap(({ user_id: userId, number, name, address }): Person[] => {
    if (userId !== null) return [{ userId, number: null, name, address }];
    return number === null ? [] : [{ userId, number, name, address: null }];
  });
}

/** In which regions the organization's connectors read national numbers. */
export async function regionsOf(pool: pg.Pool, organizationId: string): Promise<string[]> {
  const { rows } = await pool.query<{ region: string }>(
    'SELECT DISTINCT default_region AS region FROM connector WHERE organization_id = $1 ORDER BY 1',
    [organizationId],
  );
  return rows.map(({ region }) => region);
}

/** The imports with a number: one of each connector at most. */
export async function importsNumbered(
  pool: pg.Pool,
  organizationId: string,
  number: number,
  limit: number,
): Promise<{ readonly id: string; readonly connector: string }[]> {
  const { rows } = await pool.query<{ id: string; connector: string }>(
    `SELECT i.id, c.name AS connector FROM connector c JOIN import i ON i.connector_id = c.id AND i.number = $2
     WHERE c.organization_id = $1 AND i.organization_id = $1 ORDER BY c.name, i.id LIMIT $3`,
    [organizationId, number, limit],
  );
  return rows;
}
