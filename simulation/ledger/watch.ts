/** Imports and plans that do not come to an end: `store/watch.ts`. */
import { isRunning, lastEnd, raiseAlert } from './connectors.ts';
import { counted } from './counters.ts';
import type { ImportRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

interface ConnectorKey {
  readonly organizationId: string;
  readonly connectorId: string;
}

const MANY_ATTEMPTS = 6;

const ago = (tables: Tables, days: number): Date => tables.inSeconds(-days * 24 * 60 * 60);
const openAlert = (tables: Tables, connectorId: string, code: string) =>
  tables.alerts.find('alert_one_open', key(connectorId, code, 'none'));

export function watchImports(tables: Tables): ConnectorKey[] {
  const changed: ConnectorKey[] = [];
  const isOpen = ({ phase }: Readonly<ImportRow>): boolean => phase !== 'completed' && phase !== 'cancelled';
  const isOlder = (at: Date | null, days: number): boolean => at !== null && at <= ago(tables, days);
  const about = {
    keeps_failing: (row: Readonly<ImportRow>) =>
      isOpen(row) && row.problem !== null && (row.attempts >= MANY_ATTEMPTS || isOlder(row.startedAt, 1)),
    overdue: (row: Readonly<ImportRow>) =>
      isOpen(row)
        ? row.problem === null && isOlder(row.startedAt, 2)
        : row.stagingClearedAt === null &&
          isOlder(row.unsettledSince ?? row.startedAt, 2) &&
          counted(tables, row.id, 'copies.pending') > 0,
  } as const;
  for (const connector of tables.connectors) {
    const { id: connectorId, organizationId } = connector;
    const imports = tables.imports.with('connector', connectorId).toSorted((a, b) => a.number - b.number);
    for (const code of ['keeps_failing', 'overdue'] as const) {
      const of = imports.filter(about[code]);
      const known = openAlert(tables, connectorId, code);
      const [first] = of;
      if (known && !first) {
        tables.alerts.update(known, { resolvedAt: tables.now() });
        changed.push({ organizationId, connectorId });
      } else if (!known && first && isRunning(connector)) {
        const detail = { imports: of.length, ...(first.problem === null ? {} : { problem: first.problem }) };
        raiseAlert(tables, { organizationId, connectorId, importId: first.id, code, detail });
        changed.push({ organizationId, connectorId });
      }
    }
  }
  return [...changed, ...watchPlans(tables)];
}

function watchPlans(tables: Tables): ConnectorKey[] {
  const changed: ConnectorKey[] = [];
  const code = 'not_planned';
  for (const connector of tables.connectors) {
    const { id: connectorId, organizationId } = connector;
    const isBehind = (lastEnd(tables, connectorId) ?? connector.finishedAt) <= ago(tables, 2);
    const known = openAlert(tables, connectorId, code);
    if (known && !isBehind) tables.alerts.update(known, { resolvedAt: tables.now() });
    else if (!known && isBehind && isRunning(connector)) {
      raiseAlert(tables, { organizationId, connectorId, importId: null, code });
    } else continue;
    changed.push({ organizationId, connectorId });
  }
  return changed;
}
