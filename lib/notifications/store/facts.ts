/** What is so of an organization's connectors, beside what the rows of the Connectors tab say. */
import type { Queryable } from '../../db.ts';
import type { OpenAlerts } from '../rules.ts';
import type { DayImported } from '../silence.ts';

/** What was imported of each of these days, for the connectors that have a window in it. */
export async function importedOn(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
  days: readonly Date[],
): Promise<ReadonlyMap<string, DayImported[]>> {
  const { rows } = await client.query<DayImported & { connectorId: string }>(
    `SELECT w.connector_id AS "connectorId", d.day,
       bool_and(w.state <> 'open') AND max(w.ends_at) = d.day + interval '24 hours' AS finished,
       coalesce(sum((SELECT sum(k.count) FROM import i JOIN import_counter k ON k.import_id = i.id
         WHERE i.window_id = w.id AND k.outcome = 'items.imported')), 0)::float8 AS items
     FROM unnest($3::timestamptz[]) AS d(day)
     JOIN import_window w ON w.ends_at > d.day AND w.ends_at <= d.day + interval '24 hours'
     WHERE w.organization_id = $1 AND w.connector_id = ANY ($2) GROUP BY w.connector_id, d.day`,
    [organizationId, connectorIds, days],
  );
  return byConnector(rows);
}

/** The open alerts of connectors, by code and by the UTC day on which they were raised. */
export async function openAlerts(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
): Promise<ReadonlyMap<string, OpenAlerts[]>> {
  const { rows } = await client.query<OpenAlerts & { connectorId: string }>(
    `SELECT connector_id AS "connectorId", code, to_char(raised_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
       min(raised_at) AS since, min(detail ->> 'problem') AS problem
     FROM alert WHERE organization_id = $1 AND connector_id = ANY ($2) AND resolved_at IS NULL
     GROUP BY 1, 2, 3 ORDER BY 1, 4, 2`,
    [organizationId, connectorIds],
  );
  return byConnector(rows);
}

/** Of these connectors, those whose source had registered phones and lists none any more. */
export async function withoutPhones(
  client: Queryable,
  organizationId: string,
  connectorIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT c.id FROM connector c WHERE c.organization_id = $1 AND c.id = ANY ($2)
       AND EXISTS (SELECT 1 FROM source_user u WHERE u.source_id = c.source_id AND u.organization_id = $1)
       AND NOT EXISTS (SELECT 1 FROM source_user u WHERE u.source_id = c.source_id AND u.organization_id = $1
         AND u.status <> 'deleted')`,
    [organizationId, connectorIds],
  );
  return new Set(rows.map(({ id }) => id));
}

function byConnector<T>(rows: readonly (T & { readonly connectorId: string })[]): ReadonlyMap<string, T[]> {
  const found = new Map<string, T[]>();
  for (const row of rows) {
    const list = found.get(row.connectorId);
    if (list === undefined) found.set(row.connectorId, [row]);
    else list.push(row);
  }
  return found;
}
