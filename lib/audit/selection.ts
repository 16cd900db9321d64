/** What of the audit log is looked at, as it stands in the address of the page. Pure; runs in the browser too. */
import type { ActKind } from '../connectors/history-words.ts';
import { ACT_KINDS, KIND_OF } from '../connectors/history-words.ts';
import {
  AUDIT_ACTIONS,
  AUTOMATIC_ACTIONS,
  type AuditAction,
  type AutomaticAction,
  ORGANIZATION_ACTIONS,
  type OrganizationAction,
} from './entries.ts';

export const AUDIT_KINDS = ['access', ...ACT_KINDS, 'automatic', 'audit', 'organization'] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

const KIND_OF_ORGANIZATION_ACT: Readonly<Record<OrganizationAction, Exclude<AuditKind, ActKind | 'automatic'>>> = {
  'organization.mapping-approval': 'organization',
  'session.signed-in': 'access',
  'session.signed-out': 'access',
  'session.ended': 'access',
  'session.roles-changed': 'access',
  'access.refused': 'access',
  'access.reviewed': 'access',
  'audit.exported': 'audit',
  'audit.collected': 'audit',
  'evidence.exported': 'audit',
  'audit.forked': 'audit',
  'audit.purged': 'audit',
  'evidence.purged': 'audit',
  'sessions.purged': 'audit',
  'recovery.purged': 'audit',
  'organization.deletion-suspended': 'organization',
  'organization.deletion-resumed': 'organization',
};

type AnyAction = AuditAction | OrganizationAction | AutomaticAction;

/** The actions of a kind. */
export function actionsOf(kind: AuditKind): AnyAction[] {
  if (kind === 'automatic') return [...AUTOMATIC_ACTIONS];
  return [
    ...AUDIT_ACTIONS.filter((action) => KIND_OF[action] === kind),
    ...ORGANIZATION_ACTIONS.filter((action) => KIND_OF_ORGANIZATION_ACT[action] === kind),
  ];
}

export interface AuditSelection {
  /** first day, UTC, `2026-11-21`; null: from the beginning */
  readonly from: string | null;
  /** last day, UTC, included; null: until now */
  readonly to: string | null;
  /** part of a name, or an object id; empty: anybody */
  readonly who: string;
  /** null: anything */
  readonly kind: AuditKind | null;
  /** part of a connector's name, or an id; empty: on anything */
  readonly on: string;
  /** only what was refused */
  readonly refused: boolean;
  /** the entry after which, in time before which, a page begins; null: the newest */
  readonly before: AuditPlace | null;
}

/** Where an entry lies. */
export interface AuditPlace {
  /** ISO 8601 in UTC */
  readonly at: string;
  /** decimal */
  readonly id: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const MOST_SOUGHT = 100;

/** @param query what stands in an address: what makes no sense is left out */
export function auditSelection(query: URLSearchParams): AuditSelection {
  const day = (name: string): string | null => {
    const value = query.get(name);
    return value !== null && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : null;
  };
  const sought = (name: string): string => (query.get(name) ?? '').trim().slice(0, MOST_SOUGHT);
  const [at, id] = (query.get('before') ?? '').split('_');
  const isPlace = at !== undefined && id !== undefined && !Number.isNaN(Date.parse(at)) && /^[1-9]\d{0,17}$/.test(id);
  return {
    from: day('from'),
    to: day('to'),
    who: sought('who'),
    kind: AUDIT_KINDS.find((kind) => kind === query.get('kind')) ?? null,
    on: sought('on'),
    refused: query.get('refused') === '1',
    before: isPlace ? { at: new Date(at).toISOString(), id } : null,
  };
}

/** The query of a selection, `''` or `?…`. */
export function auditQuery({ from, to, who, kind, on, refused, before }: AuditSelection): string {
  const query = new URLSearchParams();
  if (from !== null) query.set('from', from);
  if (to !== null) query.set('to', to);
  if (who !== '') query.set('who', who);
  if (kind !== null) query.set('kind', kind);
  if (on !== '') query.set('on', on);
  if (refused) query.set('refused', '1');
  if (before !== null) query.set('before', `${before.at}_${before.id}`);
  return query.size === 0 ? '' : `?${query}`;
}

export const EVERYTHING: AuditSelection = auditSelection(new URLSearchParams());

/** Whether anything is left out. */
export function isSelective(selection: AuditSelection): boolean {
  return auditQuery({ ...selection, before: null }) !== '';
}
