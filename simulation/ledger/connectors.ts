/** Connectors, what is planned for them, and their alerts: `store/connectors.ts`, `store/planning.ts`, `store/import-requests.ts`. */
import { mayDeliver, type ReasonCode } from '#lib/imports/reasons.ts';
import type { AlertToRaise, RunningConnector } from '#lib/imports/store/connectors.ts';
import type { ImportRequest } from '#lib/imports/store/import-requests.ts';
import type { ConnectorToPlan } from '#lib/imports/store/planning.ts';
import type { ConnectorRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

interface ConnectorKey {
  readonly organizationId: string;
  readonly connectorId: string;
}

export const isRunning = (connector: Readonly<ConnectorRow>): boolean =>
  connector.status === 'live' && connector.pausedAt === null && connector.stoppedAt === null;

/** One that its source refuses may. */
const isDelivering = (connector: Readonly<ConnectorRow>): boolean =>
  connector.status === 'live' && connector.pausedAt === null && mayDeliver(connector.stoppedReason);

/** Whether a version is the one in force; null: none is. */
export function isInForce(
  tables: Tables,
  organizationId: string,
  connectorId: string,
  versionId: string | null,
): boolean {
  const version = tables.mappingVersions.find('mapping_version_one_in_force', connectorId);
  return (version?.organizationId === organizationId ? version.id : null) === versionId;
}

/** Whether what is not sent yet was decided by the mapping in force. */
export const isDecided = (tables: Tables, { id, organizationId, decidedVersionId }: Readonly<ConnectorRow>): boolean =>
  isInForce(tables, organizationId, id, decidedVersionId);

/** Of these those whose unsent copies were decided by the mapping in force. */
export function decidedSources(tables: Tables, organizationId: string): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const connector of tables.connectors) {
    if (isDelivering(connector) && connector.organizationId === organizationId && isDecided(tables, connector))
      sources.add(connector.sourceId);
  }
  return sources;
}

/** Sources whose live connector may write into mailboxes. */
export function deliveringSources(tables: Tables, organizationId: string): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const connector of tables.connectors) {
    if (isDelivering(connector) && connector.organizationId === organizationId) sources.add(connector.sourceId);
  }
  return sources;
}

/** The one user who is imported first, by source; a source that is not there has none. */
export function firstUsers(tables: Tables, organizationId: string): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { status, organizationId: whose, sourceId, firstUserId } of tables.connectors) {
    if (whose === organizationId && status === 'live' && firstUserId !== null) first.set(sourceId, firstUserId);
  }
  return first;
}

/** Sources of every organization whose live connector may ask them. */
export function runningSources(tables: Tables): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const connector of tables.connectors) if (isRunning(connector)) sources.add(connector.sourceId);
  return sources;
}

/** The row of a live connector of the organization. */
export function liveRow(
  tables: Tables,
  organizationId: string,
  connectorId: string,
): Readonly<ConnectorRow> | undefined {
  const row = tables.connectors.find('id', connectorId);
  return row?.organizationId === organizationId && row.status === 'live' ? row : undefined;
}

function runningOf(tables: Tables, row: Readonly<ConnectorRow> | undefined): RunningConnector | null {
  const source = row && tables.sources.find('id', row.sourceId);
  if (!row || !source) return null;
  return {
    id: row.id,
    organizationId: row.organizationId,
    kind: row.kind,
    name: row.name,
    sourceId: row.sourceId,
    accountId: source.accountId,
    username: row.username,
    passwordSealed: row.passwordSealed,
    defaultRegion: row.defaultRegion,
    fallback:
      row.fallbackUserId === null || row.fallbackMailbox === null
        ? null
        : { userId: row.fallbackUserId, address: row.fallbackMailbox },
    firstImportFrom: row.firstImportFrom,
    scheduleMinute: row.scheduleMinute,
    paused: row.pausedAt !== null,
    stoppedReason: row.stoppedReason,
  };
}

export function liveConnector(tables: Tables, organizationId: string, connectorId: string): RunningConnector | null {
  return runningOf(tables, liveRow(tables, organizationId, connectorId));
}

export function liveConnectorOfSource(
  tables: Tables,
  organizationId: string,
  sourceId: string,
): RunningConnector | null {
  const row = tables.connectors.find('connector_one_live', sourceId);
  return runningOf(tables, row?.organizationId === organizationId ? row : undefined);
}

export function stopConnector(tables: Tables, organizationId: string, connectorId: string, reason: ReasonCode): void {
  const row = liveRow(tables, organizationId, connectorId);
  if (row === undefined || row.stoppedAt !== null) return;
  tables.connectors.update(row, { stoppedAt: tables.now(), stoppedReason: reason });
  raiseAlert(tables, { organizationId, connectorId, importId: null, code: reason });
}

export function raiseAlert(tables: Tables, alert: AlertToRaise): void {
  const { organizationId, connectorId, importId, code } = alert;
  const windowId = alert.windowId ?? null;
  if (tables.alerts.find('alert_one_open', key(connectorId, code, windowId ?? 'none'))) return;
  tables.mustExist('organization', organizationId);
  tables.mustExist('connector', connectorId);
  if (importId !== null) tables.mustExist('import', importId);
  if (windowId !== null) tables.mustExist('import_window', windowId);
  const detail = { ...alert.detail };
  tables.alerts.insert({
    organizationId,
    connectorId,
    importId,
    windowId,
    code,
    detail,
    raisedAt: tables.now(),
    resolvedAt: null,
  });
}

export function resolveWindowAlert(tables: Tables, connectorId: string, windowId: string, code: ReasonCode): void {
  const row = tables.alerts.find('alert_one_open', key(connectorId, code, windowId));
  if (row) tables.alerts.update(row, { resolvedAt: tables.now() });
}

/** End of a connector's last window. */
export function lastEnd(tables: Tables, connectorId: string): Date | null {
  let last: Date | null = null;
  for (const { endsAt } of tables.windows.with('connector', connectorId))
    if (last === null || endsAt > last) last = endsAt;
  return last;
}

export function connectorsToPlan(tables: Tables): ConnectorToPlan[] {
  return [...tables.connectors]
    .filter(isRunning)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ organizationId, id, scheduleMinute }) => ({
      organizationId,
      connectorId: id,
      now: tables.now(),
      plannedThrough: lastEnd(tables, id),
      scheduleMinute,
    }));
}

export function plannedThrough(
  tables: Tables,
  connector: { readonly organizationId: string; readonly id: string },
): Date | null {
  const row = tables.connectors.find('id', connector.id);
  return row?.organizationId === connector.organizationId ? lastEnd(tables, connector.id) : null;
}

export function waitingConnectors(tables: Tables): ConnectorKey[] {
  return [...tables.connectors]
    .filter(
      (connector) =>
        isDelivering(connector) &&
        tables.connectors
          .with('source', connector.sourceId)
          .some(({ id }) => tables.deliveries.with('waiting', id).some(({ signOffId }) => signOffId === null)),
    )
    .map(({ organizationId, id }) => ({ organizationId, connectorId: id }));
}

export function organizationIds(tables: Tables): string[] {
  return [...tables.organizations].map(({ id }) => id);
}

export function importRequest(tables: Tables, organizationId: string, connectorId: string): ImportRequest | null {
  const row = liveRow(tables, organizationId, connectorId);
  if (!row?.importRequestedAt) return null;
  return { at: row.importRequestedAt, by: row.importRequestedBy ?? '' };
}

export function importPlanned(
  tables: Tables,
  organizationId: string,
  connectorId: string,
  request: ImportRequest,
): void {
  const row = tables.connectors.find('id', connectorId);
  if (row?.organizationId !== organizationId || row.importRequestedAt?.getTime() !== request.at.getTime()) return;
  tables.connectors.update(row, { importRequestedAt: null, importRequestedBy: null });
}

export function requestedConnectors(tables: Tables): ConnectorKey[] {
  return [...tables.connectors]
    .filter((connector) => isRunning(connector) && connector.importRequestedAt !== null)
    .sort((a, b) => Number(a.importRequestedAt) - Number(b.importRequestedAt))
    .map(({ organizationId, id }) => ({ organizationId, connectorId: id }));
}
