/**
 * How the scopes of a sign-in travel through oidc-provider into the authorization code. It drops `offline_access` where
 * no consent page is, wants `openid` beside a `nonce`, and knows scopes of one resource only; Entra ID does none of that.
 * So what was asked goes under names that it has no opinion of.
 */
import { graphAudiences } from './access-tokens.ts';
import { type AskedScopes, delegatedPermissions, OIDC_SCOPES } from './delegated-permissions.ts';

const CARRIED = 'asked:';

/** The `scope` for oidc-provider. */
export function carryScopes(asked: AskedScopes): string {
  const names = [...asked.permissions, ...(asked.isDefault ? ['.default'] : [])];
  const words = [...asked.oidc, ...names.map((name) => `${asked.audience}/${name}`)];
  return ['openid', ...words.map((word) => `${CARRIED}${word}`)].join(' ');
}

/** The `scope` of a sign-in again, from what its authorization code carries. */
export function carriedScopes(scope: string | undefined): string {
  return (scope ?? '')
    .split(' ')
    .filter((word) => word.startsWith(CARRIED))
    .map((word) => word.slice(CARRIED.length))
    .join(' ');
}

/** All that can be carried; oidc-provider forgets what is not on its list. */
export function carriableScopes(graphUrl: string): string[] {
  const names = [...delegatedPermissions, '.default'];
  const ofGraph = graphAudiences(graphUrl).flatMap((audience) => names.map((name) => `${audience}/${name}`));
  return ['openid', ...[...OIDC_SCOPES, ...ofGraph].map((word) => `${CARRIED}${word}`)];
}
