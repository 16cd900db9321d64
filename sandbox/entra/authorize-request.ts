/** A request for a sign-in, checked before oidc-provider sees it: what it lacks is refused in Entra ID's words. */
import type { Tenant } from '../world/people.ts';
import { isAllowedRedirect, portalApp } from '../world/portal-app.ts';
import { carryScopes } from './carried-scopes.ts';
import type { ConsentRegistry } from './consents.ts';
import { type AskedScopes, readScopes, unconsented } from './delegated-permissions.ts';
import { type EntraError, EntraRefusal, entraErrors } from './errors.ts';
import { scopeSurroundings } from './surroundings.ts';

const RESPONSE_MODES = ['query', 'fragment', 'form_post'];
const PROMPTS = ['none', 'login', 'consent', 'select_account'];

export type AuthorizeCheck =
  | { readonly kind: 'good'; readonly query: URLSearchParams }
  /** shown on a page, since nobody knows yet where an answer may go */
  | { readonly kind: 'page'; readonly error: EntraError }
  /** sent to the app */
  | { readonly kind: 'redirect'; readonly error: EntraError };

export interface AuthorizeSurroundings {
  readonly consents: ConsentRegistry;
  readonly graphUrl: () => string;
}

/** Checks the query of a request to `/oauth2/v2.0/authorize`; a good one is given back as oidc-provider takes it. */
export function checkAuthorize(query: URLSearchParams, tenant: Tenant, around: AuthorizeSurroundings): AuthorizeCheck {
  try {
    checkClient(query, tenant.displayName);
  } catch (error) {
    if (error instanceof EntraRefusal) return { kind: 'page', error: error.refusal };
    throw error;
  }
  try {
    checkAnswer(query);
    const good = new URLSearchParams(query);
    good.set('client_id', portalApp.clientId);
    good.set('scope', carryScopes(checkScope(query, tenant, around)));
    return { kind: 'good', query: good };
  } catch (error) {
    if (error instanceof EntraRefusal) return { kind: 'redirect', error: error.refusal };
    throw error;
  }
}

/**
 * Whether the app that asks is known, and may be answered where it wants to be.
 * @throws {EntraRefusal}
 */
export function checkClient(query: URLSearchParams, tenantName: string): void {
  const names = [...query.keys()];
  const twice = names.find((name, position) => names.indexOf(name) < position);
  if (twice !== undefined) throw new EntraRefusal(entraErrors.duplicated(twice));
  const app = needed(query, 'client_id');
  if (app.toLowerCase() !== portalApp.clientId) {
    throw new EntraRefusal(entraErrors.unknownApp(app, tenantName));
  }
  const redirect = needed(query, 'redirect_uri');
  if (!isAllowedRedirect(redirect)) throw new EntraRefusal(entraErrors.unknownRedirect(redirect, app));
}

function checkAnswer(query: URLSearchParams): void {
  const type = needed(query, 'response_type');
  if (type === 'id_token' || type === 'token') throw new EntraRefusal(entraErrors.responseTypeDisabled(type));
  if (type !== 'code') throw new EntraRefusal(entraErrors.unsupportedResponseType(type));
  const mode = query.get('response_mode') ?? 'query';
  if (!RESPONSE_MODES.includes(mode)) throw new EntraRefusal(entraErrors.unsupportedValue('response_mode'));
  const prompts = (query.get('prompt') ?? '').split(' ').filter((prompt) => prompt !== '');
  if (prompts.some((prompt) => !PROMPTS.includes(prompt)) || (prompts.includes('none') && prompts.length > 1)) {
    throw new EntraRefusal(entraErrors.unsupportedValue('prompt'));
  }
  if (query.has('request') || query.has('request_uri')) throw new EntraRefusal(entraErrors.request());
  // The sandbox takes S256 alone; Entra ID takes `plain` as well, which no client of it sends by itself.
  const challenge = query.get('code_challenge');
  if ((query.get('code_challenge_method') ?? 'S256') !== 'S256') {
    throw new EntraRefusal(entraErrors.unsupportedValue('code_challenge_method'));
  }
  if (challenge !== null && !/^[\w.~-]{43,128}$/.test(challenge)) throw new EntraRefusal(entraErrors.challengeSize());
}

function checkScope(query: URLSearchParams, tenant: Tenant, around: AuthorizeSurroundings): AskedScopes {
  const where = scopeSurroundings(tenant, around);
  const asked = readScopes(needed(query, 'scope'), where);
  if (unconsented(asked, around.consents.delegated(tenant.id)).length > 0) {
    throw new EntraRefusal(entraErrors.adminApprovalNeeded(where.appName));
  }
  return asked;
}

/** @throws {EntraRefusal} it is missing or empty */
export function needed(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === '') throw new EntraRefusal(entraErrors.missing(name));
  return value;
}
