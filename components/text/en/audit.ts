/** *Audit log*: its filters, its entries, and what verifying it found. */
import type { Finding } from '#lib/audit/finding.ts';
import type { AuditKind } from '#lib/audit/selection.ts';
import { history } from './history.ts';

export const audit = {
  title: 'Audit log',
  about: 'Everything that people and the portal itself did. Entries are never changed.',
  export: 'Export',
  exportCsv: 'CSV, for a spreadsheet',
  exportJson: 'JSON lines, for a SIEM',
  exportAccess: 'Access review: who has which role (CSV)',
  verifiedTo: 'Verified to ',
  verifiedEmpty: 'Verified. There are no entries yet.',
  notVerified: 'Not verified yet. The portal looks through the whole log once a day.',
  looked: 'Last looked through',
  anchored: (seq: string) => `An anchor outside the database says the same up to entry number ${seq}.`,
  notAnchored: 'Nothing outside the database says the same yet. The first anchor is written within the hour.',
  untrusted: "Later entries can't be trusted.",
  finding(finding: Finding): string {
    switch (finding.kind) {
      case 'altered':
        return `Entry ${finding.entryId} was altered.`;
      case 'missing':
        return `Entry ${finding.entryId} is missing.`;
      case 'gap':
        return `Entries are missing from number ${finding.seq} on.`;
      case 'reordered':
        return `Entry ${finding.entryId} stands in the place of entry ${finding.belongs}.`;
      case 'cut_off':
        return `The log was cut off: it had ${finding.anchorSeq} entries at ${utc(finding.anchoredAt)}, and ends before number ${finding.seq}.`;
      case 'other_chain':
        return `Entry number ${finding.seq} is not the one that was there at ${utc(finding.anchoredAt)}.`;
      case 'checkpoint_differs':
        return `What is left of the purged month ${finding.month.slice(0, 7)} is not what was signed when it was purged.`;
      case 'anchor_not_ours':
        return `The anchor ${finding.name} was not signed by this installation.`;
      case 'key_missing':
        return `Entry number ${finding.seq} was linked with the key ${finding.keyId}, which is not in AUDIT_KEYS.`;
      case 'never_linked':
        return `Entry ${finding.entryId} was never linked to the others.`;
    }
  },
  whatToDo: 'Ask whoever runs this portal to run npm run verify-audit, and keep the database as it is until they have.',
  filters: {
    label: 'Filters',
    from: 'From day (UTC)',
    to: 'To day (UTC)',
    who: 'Who',
    whoHint: 'Name or object id',
    kind: 'What',
    anything: 'Anything',
    on: 'On',
    onHint: "Connector's name or id",
    refused: 'Refused only',
    apply: 'Search',
    clear: 'Clear filters',
  },
  kinds: {
    access: 'Sign-in and access',
    ...history.kinds,
    automatic: 'Decided by the portal',
    audit: 'Audit log',
    organization: 'Organization',
  } satisfies Record<AuditKind, string>,
  columns: { time: 'Time', who: 'Who', what: 'What', on: 'On', result: 'Result', more: 'More' },
  results: { done: 'Done', refused: 'Refused' },
  organization: 'This organization',
  details: 'Details',
  detailsOf: (sentence: string, at: string) => `Details: ${sentence} ${utc(at)}`,
  close: 'Close',
  facts: {
    time: 'Time',
    who: 'Who',
    whoId: 'Object id',
    where: 'From where',
    noWhere: 'From no request',
    action: 'Action',
    on: 'On',
    result: 'Result',
    entry: 'Entry',
    place: 'Number in the chain',
    code: 'Code (HMAC-SHA-256)',
    key: 'Linked with key',
    notLinked: 'Linked within seconds',
  },
  before: history.before,
  after: history.after,
  further: history.further,
  chain: 'Chain',
  empty: 'Nothing was done yet.',
  older: history.older,
  newest: history.newest,
} as const;

function utc(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}
