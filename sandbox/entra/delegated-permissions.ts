/** Permissions for Graph that an app has on behalf of a signed-in person, and how a `scope` parameter names them. */
import { GRAPH_APP, graphAudiences } from './access-tokens.ts';
import { EntraRefusal, entraErrors } from './errors.ts';

/**
 * Delegated permissions that the sandbox knows, and whether only an administrator may consent to them. What people may
 * consent to themselves counts as consented here: there is no page that asks them.
 */
const NEEDS_ADMINISTRATOR = {
  'User.Read': false,
  'User.ReadBasic.All': false,
  'Mail.ReadWrite': false,
  'User.Read.All': true,
  'Organization.Read.All': true,
  'Directory.Read.All': true,
  'RoleManagement.Read.Directory': true,
  'RoleManagement.Read.Exchange': true,
  'RoleManagement.Read.All': true,
} as const;

export type DelegatedPermission = keyof typeof NEEDS_ADMINISTRATOR;

export const delegatedPermissions: readonly DelegatedPermission[] =
  Object.keys(NEEDS_ADMINISTRATOR).filter(isDelegatedPermission);

export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** What a `scope` parameter asks for. */
export interface AskedScopes {
  /** of `OIDC_SCOPES` */
  readonly oidc: readonly string[];
  readonly permissions: readonly DelegatedPermission[];
  /** `.default`: whatever is consented */
  readonly isDefault: boolean;
  /** the name by which Graph was asked for, which becomes the token's `aud` */
  readonly audience: string;
}

export interface ScopeSurroundings {
  /** client id of the app that asks */
  readonly app: string;
  readonly appName: string;
  readonly tenantName: string;
  /** `https://localhost:4444`, a name of Graph beside Microsoft's own */
  readonly graphUrl: string;
}

/**
 * Reads a `scope` parameter: `openid profile User.Read`, `https://graph.microsoft.com/.default`.
 *
 * @throws {EntraRefusal} an unknown scope or resource, `.default` beside others, resources mixed
 */
export function readScopes(text: string, around: ScopeSurroundings): AskedScopes {
  const words = [...new Set(text.split(/\s+/).filter((word) => word !== ''))];
  const oidc = words.filter((word) => OIDC_SCOPES.includes(word));
  const named = words.filter((word) => !OIDC_SCOPES.includes(word)).map((word) => split(word, around));
  const resources = new Set(named.map(({ resource }) => resource).filter((resource) => resource !== undefined));
  if (resources.size > 1) throw new EntraRefusal(entraErrors.invalidScope(text, 'It contains more than one resource.'));
  const isDefault = named.some(({ name }) => name === '.default');
  if (isDefault && named.length > 1) {
    const reason = ".default scope can't be combined with resource-specific scopes.";
    throw new EntraRefusal(entraErrors.invalidScope(text, reason));
  }
  const [resource = GRAPH_APP] = resources;
  const permissions = named
    .filter(({ name }) => name !== '.default')
    .map(({ name }) => permission(name, resource, around));
  return { oidc, permissions, isDefault, audience: resource };
}

/** What is asked in two requests for the same tokens; the later one names the audience, if it names Graph at all. */
export function joinScopes(first: AskedScopes, then: AskedScopes): AskedScopes {
  return {
    oidc: [...new Set([...first.oidc, ...then.oidc])],
    permissions: [...new Set([...first.permissions, ...then.permissions])],
    isDefault: first.isDefault || then.isDefault,
    audience: then.permissions.length > 0 || then.isDefault ? then.audience : first.audience,
  };
}

/** The asked permissions that nobody has consented to. */
export function unconsented(
  asked: AskedScopes,
  granted: readonly DelegatedPermission[],
): readonly DelegatedPermission[] {
  return asked.permissions.filter((one) => NEEDS_ADMINISTRATOR[one] && !granted.includes(one));
}

/** The `scp` of a token: what was asked, and beside it whatever is consented for the organization. */
export function permissionsInToken(asked: AskedScopes, granted: readonly DelegatedPermission[]): readonly string[] {
  const byDefault: readonly DelegatedPermission[] = asked.isDefault ? ['User.Read'] : [];
  return [...new Set([...asked.permissions, ...byDefault, ...granted])];
}

function split(word: string, around: ScopeSurroundings): { resource: string | undefined; name: string } {
  const slash = word.lastIndexOf('/');
  if (slash < 0) return { resource: undefined, name: word };
  // `https://graph.microsoft.com//.default`: a resource whose own name ends with a slash
  const resource = word.slice(0, slash).replace(/\/$/, '');
  if (!graphAudiences(around.graphUrl).includes(resource)) {
    throw new EntraRefusal(entraErrors.unknownResource(resource, around.tenantName));
  }
  return { resource, name: word.slice(slash + 1) };
}

function permission(name: string, resource: string, around: ScopeSurroundings): DelegatedPermission {
  const known = delegatedPermissions.find((one) => one.toLowerCase() === name.toLowerCase());
  if (known === undefined) throw new EntraRefusal(entraErrors.unknownScope(around.appName, name, resource));
  return known;
}

function isDelegatedPermission(name: string): name is DelegatedPermission {
  return name in NEEDS_ADMINISTRATOR;
}
