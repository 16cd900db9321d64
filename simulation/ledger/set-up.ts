/** What the portal would have written before an import and beside it: organizations, connectors, mappings, commands. */

import { isMailboxAddress } from '#lib/mapping/mailbox-address.ts';
import { isE164 } from '#lib/mapping/number.ts';
import type { Validity } from '#lib/mapping/validity.ts';
import { liveRow } from './connectors.ts';
import type { ConnectorRow } from './rows.ts';
import type { Tables } from './tables.ts';

export interface NewOrganization {
  /** default: one from the counter */
  readonly id?: string;
  readonly verifiedDomains: readonly string[];
}

export interface NewSource {
  readonly organizationId: string;
  /** default: `android-archiver` */
  readonly kind?: string;
  readonly accountId: string;
}

export interface NewConnector {
  readonly id?: string;
  readonly organizationId: string;
  readonly sourceId: string;
  readonly firstImportFrom: Date;
  /** default: true */
  readonly automaticMapping?: boolean;
  /** default: `US` */
  readonly defaultRegion?: string;
  /** default: 0 */
  readonly scheduleMinute?: number;
}

export interface NewMappingRow {
  /** E.164 */
  readonly number: string;
  /** mailbox address in lower case */
  readonly mailbox: string;
  /** default: always */
  readonly validity?: Validity;
}

export function addOrganization(tables: Tables, { id, verifiedDomains }: NewOrganization): string {
  const organizationId = id ?? tables.nextUuid('organization');
  return tables.organizations.insert({ id: organizationId, verifiedDomains, graphPausedUntil: null }).id;
}

export function addSource(tables: Tables, { organizationId, kind, accountId }: NewSource): string {
  tables.mustExist('organization', organizationId);
  const id = tables.next('source');
  tables.sources.insert({ id, organizationId, kind: kind ?? 'android-archiver', accountId, usersReadAt: null });
  return id;
}

/** Adds a live connector. @throws ConstraintError where the source has one already */
export function addConnector(tables: Tables, connector: NewConnector): string {
  const source = tables.sources.find('id', connector.sourceId);
  if (source === undefined) throw new RangeError(`there is no source ${connector.sourceId}`);
  return tables.connectors.insert({
    id: connector.id ?? tables.nextUuid('connector'),
    organizationId: connector.organizationId,
    kind: source.kind,
    name: 'Connector',
    status: 'live',
    sourceId: connector.sourceId,
    username: 'user',
    passwordSealed: 'sealed',
    automaticMapping: connector.automaticMapping ?? true,
    defaultRegion: connector.defaultRegion ?? 'US',
    decidedVersionId: null,
    fallbackMailbox: null,
    fallbackUserId: null,
    firstUserId: null,
    firstMailbox: null,
    firstImportFrom: connector.firstImportFrom,
    finishedAt: tables.now(),
    scheduleMinute: connector.scheduleMinute ?? 0,
    pausedAt: null,
    stoppedAt: null,
    stoppedReason: null,
    importRequestedAt: null,
    importRequestedBy: null,
    nextImportNumber: 1,
  }).id;
}

/** Puts a mapping in force, in place of the one before. @returns the version's id */
export function applyMapping(tables: Tables, connectorId: string, rows: readonly NewMappingRow[]): string {
  const connector = rowOf(tables, connectorId);
  const before = tables.mappingVersions.find('mapping_version_one_in_force', connectorId);
  if (before) tables.mappingVersions.update(before, { status: 'superseded' });
  return tables.mappingVersions.insert({
    id: tables.nextUuid('mapping_version'),
    organizationId: connector.organizationId,
    connectorId,
    status: 'in_force',
    rows: rows.map(({ number, mailbox, validity = { from: null, to: null } }, index) => {
      if (!isE164(number) || !isMailboxAddress(mailbox)) throw new RangeError(`row ${index} is no mapping`);
      return { number, mailbox, row: index + 2, validity };
    }),
  }).id;
}

export function pauseConnector(tables: Tables, connectorId: string): void {
  const row = rowOf(tables, connectorId);
  tables.connectors.update(row, { pausedAt: tables.now() });
}

export function resumeConnector(tables: Tables, connectorId: string): void {
  tables.connectors.update(rowOf(tables, connectorId), { pausedAt: null });
}

/** What stopped it is mended. It is stopped by `stopConnector`, a question of the ledger. */
export function restartConnector(tables: Tables, connectorId: string): void {
  tables.connectors.update(rowOf(tables, connectorId), { stoppedAt: null, stoppedReason: null });
}

/** Another may be added for the same source after this. */
export function deleteConnector(tables: Tables, connectorId: string): void {
  tables.connectors.update(rowOf(tables, connectorId), { status: 'deleted' });
}

/** @param fallback null: there is none any more */
/** One user alone is delivered to; null: everybody. */
export function importFirst(
  tables: Tables,
  connectorId: string,
  first: { readonly userId: string; readonly address: string } | null,
): void {
  tables.connectors.update(rowOf(tables, connectorId), {
    firstUserId: first?.userId ?? null,
    firstMailbox: first?.address ?? null,
  });
}

export function setFallback(
  tables: Tables,
  connectorId: string,
  fallback: { readonly userId: string; readonly address: string } | null,
): void {
  const { userId = null, address = null } = fallback ?? {};
  tables.connectors.update(rowOf(tables, connectorId), { fallbackUserId: userId, fallbackMailbox: address });
}

export function requestImport(tables: Tables, connectorId: string, by: string): void {
  const row = rowOf(tables, connectorId);
  if (liveRow(tables, row.organizationId, connectorId))
    tables.connectors.update(row, { importRequestedAt: tables.now(), importRequestedBy: by });
}

function rowOf(tables: Tables, connectorId: string): Readonly<ConnectorRow> {
  const row = tables.connectors.find('id', connectorId);
  if (row === undefined) throw new RangeError(`there is no connector ${connectorId}`);
  return row;
}
