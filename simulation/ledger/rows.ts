/** The rows of the model: named as the columns of the migration, so that a test can hold the two side by side. */
import type { SourceUserStatus } from '#lib/archive/source.ts';
import type { Counts, UndoneKind } from '#lib/imports/counts.ts';
import type { ImportPhase, ImportTrigger } from '#lib/imports/store/imports.ts';
import type { DeliveryState, ItemOutcome } from '#lib/imports/transitions.ts';
import type { StoredRow } from '#lib/mapping/lookup.ts';
import type { DirectoryResult } from '#lib/microsoft/directory.ts';

export interface OrganizationRow {
  id: string;
  verifiedDomains: readonly string[];
  graphPausedUntil: Date | null;
}

export interface SourceRow {
  id: string;
  organizationId: string;
  kind: string;
  accountId: string;
  usersReadAt: Date | null;
}

export interface SourceUserRow {
  sourceId: string;
  organizationId: string;
  mobile: string;
  number: string | null;
  email: string | null;
  name: string | null;
  status: SourceUserStatus;
  lastArchivedAt: Date | null;
  seenAt: Date;
}

export interface ConnectorRow {
  id: string;
  organizationId: string;
  kind: string;
  name: string;
  status: 'live' | 'deleted';
  sourceId: string;
  username: string;
  passwordSealed: string;
  automaticMapping: boolean;
  defaultRegion: string;
  decidedVersionId: string | null;
  fallbackMailbox: string | null;
  fallbackUserId: string | null;
  firstUserId: string | null;
  firstMailbox: string | null;
  firstImportFrom: Date;
  finishedAt: Date;
  scheduleMinute: number;
  pausedAt: Date | null;
  stoppedAt: Date | null;
  stoppedReason: string | null;
  importRequestedAt: Date | null;
  importRequestedBy: string | null;
  nextImportNumber: number;
}

export interface MappingVersionRow {
  id: string;
  organizationId: string;
  connectorId: string;
  status: 'in_force' | 'superseded';
  rows: readonly StoredRow[];
}

export interface DirectoryRow {
  organizationId: string;
  address: string;
  result: DirectoryResult['kind'];
  userId: string | null;
  mailboxAddress: string | null;
  displayName: string | null;
  userPrincipalName: string | null;
  closed: boolean;
  checkedAt: Date;
}

export interface FolderRow {
  organizationId: string;
  userId: string;
  folderName: string;
  folderId: string;
}

export interface MailboxPauseRow {
  organizationId: string;
  userId: string;
  shard: number;
  until: Date;
}

export interface WindowRow {
  id: string;
  organizationId: string;
  connectorId: string;
  startsAt: Date;
  endsAt: Date;
  follows: Date | null;
  state: 'open' | 'closed' | 'lost';
  manifestCount: number | null;
  manifestBytes: number | null;
  manifestReadAt: Date | null;
  recheckDueAt: Date | null;
  rechecks: number;
  differs: number;
  closedAt: Date | null;
}

export interface ImportRow {
  id: string;
  organizationId: string;
  connectorId: string;
  sourceId: string;
  windowId: string;
  number: number;
  trigger: ImportTrigger;
  phase: ImportPhase;
  cursor: string | null;
  cursorOpenedAt: Date | null;
  pages: number;
  relisted: number;
  pageLimit: number | null;
  collectEpoch: number;
  collectOwner: string | null;
  collectExpiresAt: Date | null;
  attempts: number;
  nextAttemptAt: Date;
  problem: string | null;
  manifestCount: number | null;
  balanced: boolean | null;
  countsAtCompletion: Counts | null;
  createdBy: string | null;
  startedAt: Date | null;
  collectedAt: Date | null;
  completedAt: Date | null;
  stagingClearedAt: Date | null;
  unsettledSince: Date | null;
}

export interface CounterRow {
  importId: string;
  shard: number;
  outcome: string;
  count: number;
}

export interface ConnectorCounterRow {
  connectorId: string;
  outcome: string;
  count: number;
}

export interface IdentityRow {
  sourceId: string;
  sourceItemId: string;
  itemId: string;
  archivedAt: Date;
  sha256: Buffer;
  organizationId: string;
}

export interface ItemRow {
  archivedAt: Date;
  id: string;
  organizationId: string;
  sourceId: string;
  connectorId: string;
  importId: string;
  sourceItemId: string;
  type: string;
  messageTime: Date | null;
  messageKey: string | null;
  outcome: ItemOutcome;
  reason: string | null;
  page: number;
  frameOffset: number;
  frameLength: number;
  signOffId: string | null;
}

export interface DeliveryRow {
  archivedAt: Date;
  id: string;
  itemId: string;
  organizationId: string;
  sourceId: string;
  connectorId: string;
  importId: string;
  participant: string;
  number: string | null;
  written: string;
  region: string;
  regionAssumed: boolean;
  email: string | null;
  rule: 'mapping' | 'automatic' | 'fallback' | 'none';
  mappingVersionId: string | null;
  mappingRow: number | null;
  userId: string | null;
  mailboxAddress: string | null;
  shard: number;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  notBefore: Date;
  epoch: number;
  sendingUntil: Date | null;
  lookups: number;
  doubt: number;
  doubtUserIds: readonly string[] | null;
  messageId: string | null;
  contentHash: Buffer | null;
  twinItemId: string | null;
  twinArchivedAt: Date | null;
  importedAt: Date | null;
  page: number;
  frameOffset: number;
  frameLength: number;
  attachments: number;
  signOffId: string | null;
}

/** A request for it may be under way, or have taken effect unseen. */
export const inDoubt = ({ state }: Readonly<DeliveryRow>): boolean => state === 'sending' || state === 'created';

export interface StagedAttachmentRow {
  archivedAt: Date;
  id: string;
  itemId: string;
  organizationId: string;
  importId: string;
  position: number;
  sourceAttachmentId: string;
  size: number;
  state: 'missing' | 'staged' | 'given_up' | 'deleted';
  reason: string | null;
  dataKey: Buffer | null;
  sha256: Buffer | null;
  attempts: number;
  firstMissedAt: Date | null;
  announcedSha256: string | null;
  askAgainAt: Date | null;
}

export interface TwinRow {
  sourceId: string;
  messageKey: string;
  userId: string;
  itemId: string;
  archivedAt: Date;
  skips: boolean;
  organizationId: string;
}

export interface ChangeRow {
  id: string;
  organizationId: string;
  connectorId: string;
  importId: string;
  archivedAt: Date;
  itemId: string;
  sha256: Buffer;
  reason: string | null;
  page: number;
  frameOffset: number;
  frameLength: number;
}

export interface UploadSessionRow {
  archivedAt: Date;
  deliveryId: string;
  attachment: string;
  organizationId: string;
  urlSealed: string;
  sent: number;
  expiresAt: Date;
}

export interface LeaseRow {
  organizationId: string;
  shard: number;
  epoch: number;
  owner: string;
  expiresAt: Date;
}

export interface AlertRow {
  organizationId: string;
  connectorId: string;
  importId: string | null;
  windowId: string | null;
  code: string;
  detail: Readonly<Record<string, number | string>>;
  raisedAt: Date;
  resolvedAt: Date | null;
}

export interface SignOffRow {
  id: string;
  organizationId: string;
  connectorId: string;
  kind: UndoneKind;
  reason: string;
  comment: string;
  signedCount: number;
  signedBy: string;
  signedByName: string;
  signedAt: Date;
}

export interface AuditRow {
  organizationId: string;
  at: Date;
  action: string;
  targetType: string;
  targetId: string;
  detail: Readonly<Record<string, string | null>>;
}
