/**
 * A request for admin consent: what it says, and what it asks for.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
import { z } from 'zod';
import type { Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { checkClient, needed } from './authorize-request.ts';
import type { GraphPermission } from './consents.ts';
import { type DelegatedPermission, readScopes } from './delegated-permissions.ts';
import { type EntraError, entraSentence } from './errors.ts';
import { type EntraSurroundings, scopeSurroundings } from './surroundings.ts';

const querySchema = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  scope: z.string(),
  state: z.string().default(''),
  login_hint: z.string().default(''),
  /** set by the first step: object id of the person who decides */
  by: z.string().optional(),
});

export type ConsentQuery = z.infer<typeof querySchema>;

/** What an administrator is asked to grant. */
export interface AskedConsent {
  readonly app: readonly GraphPermission[];
  readonly delegated: readonly DelegatedPermission[];
  readonly oidc: readonly string[];
}

/**
 * Reads the query of `/v2.0/adminconsent`.
 *
 * @param tenantName the tenant as the address names it
 * @throws {EntraRefusal} with nobody to tell but who looks at the page
 */
export function readConsentQuery(query: URLSearchParams, tenantName: string): ConsentQuery {
  checkClient(query, tenantName);
  needed(query, 'scope');
  return querySchema.parse(Object.fromEntries(query));
}

/**
 * `…/.default` asks for all that the registration lists, of both kinds. A name asks for the permission on behalf of
 * people: permissions of the app itself cannot be asked for by name.
 *
 * @throws {EntraRefusal} an unknown scope or resource
 */
export function askedConsent(scope: string, tenant: Tenant, around: Pick<EntraSurroundings, 'graphUrl'>): AskedConsent {
  const { oidc, permissions, isDefault } = readScopes(scope, scopeSurroundings(tenant, around));
  return isDefault
    ? { app: portalApp.graphPermissions, delegated: portalApp.delegatedPermissions, oidc }
    : { app: [], delegated: permissions, oidc };
}

/** Where the app hears that consent was given. */
export function acceptedUrl(query: ConsentQuery, tenant: Tenant): string {
  return answerUrl(query, { tenant: tenant.id, scope: query.scope });
}

/** Where it hears that it was not; `admin_consent` stands there too, and says only which endpoint answers. */
export function refusedUrl(query: ConsentQuery, error: EntraError): string {
  return answerUrl(query, {
    error: error.error,
    error_description: entraSentence(error),
    ...(error.suberror !== undefined && { error_subcode: error.suberror }),
  });
}

function answerUrl(query: ConsentQuery, values: Readonly<Record<string, string>>): string {
  const url = new URL(query.redirect_uri);
  for (const [name, value] of Object.entries({ admin_consent: 'True', ...values })) url.searchParams.set(name, value);
  if (query.state !== '') url.searchParams.set('state', query.state);
  return url.href;
}
