/**
 * The shapes of a connector's history, without a query: kinds of acts, what of an entry is shown, and the part of the
 * page's state that is in the address. Pure.
 */
import type { AuditAction } from '../audit/entries.ts';

export const ACT_KINDS = ['set-up', 'settings', 'imports', 'mapping', 'not-imported', 'corrections'] as const;
export type ActKind = (typeof ACT_KINDS)[number];

/** Which kind each act is of. A new one has no place here until somebody gives it one. */
export const KIND_OF: Readonly<Record<AuditAction, ActKind>> = {
  'connector.draft-started': 'set-up',
  'connector.terms-accepted': 'set-up',
  'connector.source-connected': 'set-up',
  'connector.mapping-uploaded': 'set-up',
  'connector.mapping-removed': 'set-up',
  'connector.mapping-chosen': 'set-up',
  'connector.consent-requested': 'set-up',
  'connector.consent-answered': 'set-up',
  'connector.consent-proven': 'set-up',
  'connector.finished': 'set-up',
  'connector.draft-discarded': 'set-up',
  'connector.credentials-updated': 'settings',
  'connector.stop-lifted': 'settings',
  'connector.fallback-changed': 'settings',
  'connector.mailboxes-changed': 'settings',
  'connector.others-follow': 'imports',
  'connector.renamed': 'settings',
  'connector.schedule-changed': 'settings',
  'connector.paused': 'settings',
  'connector.resumed': 'settings',
  'connector.deleted': 'settings',
  'recovery.begun': 'imports',
  'recovery.confirmed': 'imports',
  'recovery.compared': 'imports',
  'recovery.passed-over': 'imports',
  'recovery.ended': 'imports',
  'connector.notifications-changed': 'settings',
  'connector.notifications-tested': 'settings',
  'connector.import-requested': 'imports',
  'mailboxes.verified': 'imports',
  'import.cancelled': 'imports',
  'imports.repeated': 'imports',
  'copies.retried': 'not-imported',
  'copies.signed-off': 'not-imported',
  'alert.closed': 'not-imported',
  'original.opened': 'not-imported',
  'correction.started': 'corrections',
  'correction.confirmed': 'corrections',
  'correction.copies-moved': 'corrections',
  'correction.copies-verified': 'corrections',
  'correction.removal-confirmed': 'corrections',
  'correction.message-removed': 'corrections',
  'correction.ended': 'corrections',
  'coverage.verification-requested': 'mapping',
  'mapping.proposed': 'mapping',
  'mapping.applied': 'mapping',
  'mapping.number-mapped': 'mapping',
  'mapping.discarded': 'mapping',
  'mapping.approval-requested': 'mapping',
  'mapping.declined': 'mapping',
};

/**
 * The names in an entry's detail that are shown, in this order. What is not here is not shown, so that a detail that
 * somebody adds is looked at first.
 */
export const SHOWN_DETAILS = [
  'before',
  'after',
  'mailbox',
  'mailboxes',
  'inside',
  'outside',
  'number',
  'version',
  'inPlaceOf',
  'restores',
  'file',
  'sha256',
  'mode',
  'rows',
  'leftOut',
  'portalRows',
  'added',
  'changed',
  'removed',
  'guards',
  'account',
  'username',
  'registeredUsers',
  'automaticBefore',
  'automatic',
  'regionBefore',
  'defaultRegion',
  'answer',
  'firstImportFrom',
  'unregistered',
  'name',
  'from',
  'to',
  'windows',
  'mapping',
  'lost',
  'underWay',
  'collected',
  'kind',
  'code',
  'item',
  'month',
  'count',
  'copies',
  'sent',
  'found',
  'moved',
  'missing',
  'differing',
  'unread',
  'skipped',
  'reason',
  'comment',
  'demanded',
  'askedToEnd',
  'firstAskedBy',
] as const;
export type DetailName = (typeof SHOWN_DETAILS)[number];
export type DetailValue = string | number | boolean | null | readonly (string | number)[];
export type Detail = Readonly<Partial<Record<DetailName, DetailValue>>>;

/** One act. `at` is ISO 8601 in UTC. */
export interface HistoryEntry {
  readonly id: string;
  readonly at: string;
  /** null: the portal itself */
  readonly person: string | null;
  readonly action: string;
  readonly result: 'done' | 'refused';
  readonly detail: Detail;
}

export interface HistorySelection {
  /** Entra object id, or `system`; null: anybody */
  readonly person: string | null;
  /** null: any */
  readonly kind: ActKind | null;
  /** the entry after which, in time before which, a page begins; null: the newest */
  readonly before: string | null;
}

/** @param query what stands in an address: what makes no sense is left out */
export function historySelection(query: URLSearchParams): HistorySelection {
  const person = query.get('person');
  const before = query.get('before');
  return {
    person: person !== null && /^[\w-]{1,64}$/.test(person) ? person : null,
    kind: ACT_KINDS.find((one) => one === query.get('kind')) ?? null,
    before: before !== null && /^[1-9]\d{0,17}$/.test(before) ? before : null,
  };
}

/** The query of a selection, `''` or `?…`. */
export function historyQuery({ person, kind, before }: HistorySelection): string {
  const query = new URLSearchParams();
  if (person !== null) query.set('person', person);
  if (kind !== null) query.set('kind', kind);
  if (before !== null) query.set('before', before);
  return query.size === 0 ? '' : `?${query}`;
}
