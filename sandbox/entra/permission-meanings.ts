/**
 * What a consent page says that a permission means, in the words of Microsoft's reference: the same name means another
 * thing to the app itself than on behalf of a person.
 *
 * @see https://learn.microsoft.com/graph/permissions-reference
 */
import type { GraphPermission } from './consents.ts';
import type { DelegatedPermission } from './delegated-permissions.ts';

const OF_APP: Readonly<Record<GraphPermission, string>> = {
  'User.Read.All': 'Read all users’ full profiles',
  'Mail.ReadWrite': 'Read and write mail in all mailboxes',
  'RoleManagement.Read.Exchange': 'Read Exchange Online RBAC configuration',
  'RoleManagement.Read.Directory': 'Read all directory RBAC settings',
  'RoleManagement.Read.All': 'Read role management data for all RBAC providers',
  'Directory.Read.All': 'Read directory data',
  'Organization.Read.All': 'Read organization information',
};

const OF_PEOPLE: Readonly<Record<DelegatedPermission, string>> = {
  'User.Read': 'Sign in and read user profile',
  'User.ReadBasic.All': 'Read all users’ basic profiles',
  'Mail.ReadWrite': 'Read and write access to user mail',
  'User.Read.All': 'Read all users’ full profiles',
  'Organization.Read.All': 'Read organization information',
  'Directory.Read.All': 'Read directory data',
  'RoleManagement.Read.Directory': 'Read directory RBAC settings',
  'RoleManagement.Read.Exchange': 'Read Exchange Online RBAC configuration',
  'RoleManagement.Read.All': 'Read role management data for all RBAC providers',
};

const OF_OIDC: Readonly<Record<string, string>> = {
  openid: 'Sign users in',
  profile: 'View users’ basic profile',
  email: 'View users’ email address',
  offline_access: 'Maintain access to data you have given it access to',
};

export interface NamedPermission {
  readonly name: string;
  readonly meaning: string;
}

/** What the app may do by itself. */
export function appMeanings(permissions: readonly GraphPermission[]): readonly NamedPermission[] {
  return permissions.map((name) => ({ name, meaning: OF_APP[name] }));
}

/** What it may do on behalf of who signs in: permissions for Graph, and scopes of OpenID Connect. */
export function delegatedMeanings(
  permissions: readonly DelegatedPermission[],
  oidc: readonly string[],
): readonly NamedPermission[] {
  return [
    ...permissions.map((name) => ({ name, meaning: OF_PEOPLE[name] })),
    ...oidc.map((name) => ({ name, meaning: OF_OIDC[name] ?? name })),
  ];
}
