/**
 * Who may do what: app roles from the ID token on one side, permissions on the other, and one table between them.
 *
 * Every page, action and use-case asks here. A permission that no role has is a permission that nobody has.
 */

export const PERMISSIONS = [
  /** see connectors, their state and counts (numbers masked without `content.read` or `mapping.manage`) */
  'connectors.read',
  /** add, change, pause, delete */
  'connectors.manage',
  /** see and change who gets whose messages */
  'mapping.manage',
  /** ask for the approval of a mapping version, give it, decline, and demand it at all: a person's matter */
  'mapping.approve',
  'imports.retry',
  /** evidence, manifests, reports */
  'evidence.read',
  'audit.read',
  /**
   * who did what to a connector. Not a reader's: they see status and counts, and what people did and why names people,
   * numbers and mailboxes
   */
  'history.read',
  /** suspend deletion, and resume it */
  'retention.manage',
  /** accept that an item is not imported */
  'items.sign-off',
  /** open an original, with a reason */
  'content.read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = [
  'DataConnectors.Admin',
  'DataConnectors.Reader',
  'DataConnectors.Auditor',
  'DataConnectors.ContentViewer',
] as const;
/** What programs are granted that call this portal by themselves. No person has it, whatever their token says. */
export const APP_ROLES = ['Mapping.Propose', 'Audit.Read'] as const;
/** As the app registration defines them and the `roles` claim carries them. */
export type Role = (typeof ROLES)[number] | (typeof APP_ROLES)[number];

const GRANTS: Readonly<Record<Role, readonly Permission[]>> = {
  'DataConnectors.Admin': [
    'connectors.read',
    'connectors.manage',
    'mapping.manage',
    'mapping.approve',
    'imports.retry',
    'history.read',
    'retention.manage',
  ],
  'DataConnectors.Reader': ['connectors.read'],
  'DataConnectors.Auditor': ['connectors.read', 'evidence.read', 'audit.read', 'history.read', 'items.sign-off'],
  'DataConnectors.ContentViewer': ['connectors.read', 'content.read'],
  // Reaches the mapping API alone (`lib/mapping-api`): what it changes stays within the guards.
  'Mapping.Propose': ['connectors.read', 'mapping.manage'],
  // A SIEM: collects the audit log (`lib/audit/collect.ts`), and reaches nothing else.
  'Audit.Read': ['audit.read'],
};

/** The roles among a token's claims that this portal knows. */
export function rolesAmong(claims: readonly string[]): Role[] {
  return ROLES.filter((role) => claims.includes(role));
}

/** The roles among a program's claims that this portal knows. */
export function appRolesAmong(claims: readonly string[]): Role[] {
  return APP_ROLES.filter((role) => claims.includes(role));
}

export function isAllowed(roles: readonly Role[], permission: Permission): boolean {
  return roles.some((role) => GRANTS[role].includes(permission));
}

/** The roles that carry a permission, to say who could grant it. */
export function rolesWith(permission: Permission): Role[] {
  return ROLES.filter((role) => GRANTS[role].includes(permission));
}
