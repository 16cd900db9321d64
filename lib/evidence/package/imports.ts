/** The imports whose windows reach into a period, as CSV. */

import { csvLine } from '../../csv.ts';
import type { Queryable } from '../../db.ts';
import { boundsOf, type Period } from './period.ts';

const COLUMNS = [
  'Connector',
  'ConnectorId',
  'Import',
  'Trigger',
  'Phase',
  'WindowFrom',
  'WindowTo',
  'Created',
  'Completed',
  'ListedBySource',
  'Balanced',
  'CountsAtCompletion',
];

interface Row {
  readonly connector: string;
  readonly connector_id: string;
  readonly number: number;
  readonly trigger: string;
  readonly phase: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly created_at: Date;
  readonly completed_at: Date | null;
  readonly manifest_count: string | null;
  readonly balanced: boolean | null;
  readonly counts: unknown;
}

/** Of one connector a day has some lines: they are read at once. */
export async function* importsCsv(client: Queryable, organizationId: string, period: Period): AsyncGenerator<string> {
  const { from, to } = boundsOf(period);
  yield `\uFEFF${csvLine(COLUMNS)}`;
  const { rows } = await client.query<Row>(
    `SELECT c.name AS connector, c.id AS connector_id, i.number, i.trigger, i.phase, w.starts_at, w.ends_at, i.created_at,
       i.completed_at, i.manifest_count::text, i.balanced, i.counts_at_completion AS counts
     FROM import_window w JOIN import i ON i.window_id = w.id JOIN connector c ON c.id = i.connector_id
     WHERE w.organization_id = $1 AND w.starts_at < $3 AND w.ends_at > $2 AND ($4::uuid IS NULL OR w.connector_id = $4)
     ORDER BY c.name, i.number`,
    [organizationId, from, to, period.connectorId],
  );
  yield rows
    .map((row) =>
      csvLine([
        row.connector,
        row.connector_id,
        row.number,
        row.trigger,
        row.phase,
        row.starts_at.toISOString(),
        row.ends_at.toISOString(),
        row.created_at.toISOString(),
        row.completed_at?.toISOString() ?? '',
        row.manifest_count ?? '',
        row.balanced === null ? '' : String(row.balanced),
        row.counts === null ? '' : JSON.stringify(row.counts),
      ]),
    )
    .join('');
}
