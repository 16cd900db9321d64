/** The left navigation, as data: a page that exists gets a line here. */
import * as text from '#components/text/text.ts';
import { isAllowed, type Permission, type Role } from '#lib/security/roles.ts';

export interface NavigationEntry {
  readonly label: string;
  readonly href: string;
  readonly icon: 'connectors' | 'evidence' | 'audit' | 'settings';
  /** addresses elsewhere that belong to it */
  readonly also?: readonly string[];
  /** who may open it; absent: everybody who is in the portal */
  readonly permission?: Permission;
}

const navigation: readonly NavigationEntry[] = [
  { label: text.frame.dataConnectors, href: '/data-connectors', icon: 'connectors', also: ['/connectors'] },
  { label: text.frame.evidence, href: '/evidence', icon: 'evidence', permission: 'evidence.read' },
  { label: text.frame.auditLog, href: '/audit-log', icon: 'audit', permission: 'audit.read' },
  { label: text.frame.settings, href: '/settings', icon: 'settings', permission: 'history.read' },
];

/** What somebody with these roles can open. */
export function navigationFor(roles: readonly Role[]): readonly NavigationEntry[] {
  return navigation.filter(({ permission }) => permission === undefined || isAllowed(roles, permission));
}

/** The entry whose page, or a page below it, is at this path. */
export function currentEntry(path: string): NavigationEntry | undefined {
  const isWithin = (root: string): boolean => path === root || path.startsWith(`${root}/`);
  return navigation.find(({ href, also = [] }) => [href, ...also].some(isWithin));
}
