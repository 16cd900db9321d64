/** The form in the body of a request for a token, and the proof of the app that comes with it. */
import { callingApp } from '../world/calling-app.ts';
import { portalApp } from '../world/portal-app.ts';
import type { AppProof } from './access-tokens.ts';
import { type AssertionSurroundings, checkAssertion } from './client-assertion.ts';
import { EntraRefusal, entraErrors } from './errors.ts';
import type { EntraSurroundings } from './surroundings.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Parameters by name; what is empty counts as missing. */
export type Form = ReadonlyMap<string, string>;

/** An app that has shown who it is. */
export interface ProvenApp {
  /** client id */
  readonly app: string;
  readonly proof: AppProof;
}

const APPS = [portalApp, callingApp] as const;

export interface RawForm {
  readonly contentType: string | undefined;
  readonly body: string;
  readonly authorization: string | undefined;
}

/**
 * Reads a form. A body of another kind has no parameters, so that the first one that is needed is missed.
 *
 * @throws {EntraRefusal} a parameter that comes twice, or a broken `Authorization: Basic`
 */
export function readForm(raw: RawForm): Form {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(raw.contentType ?? '');
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(isForm ? raw.body : '')) {
    if (form.has(name)) throw new EntraRefusal(entraErrors.duplicated(name));
    if (value !== '') form.set(name, value);
  }
  const basic = /^Basic\s+(.*)$/i.exec(raw.authorization ?? '')?.[1];
  if (basic !== undefined) for (const [name, value] of basicCredentials(basic)) form.set(name, value);
  return form;
}

/** @throws {EntraRefusal} 900144 when the parameter is missing */
export function required(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new EntraRefusal(entraErrors.missing(name));
  return value;
}

/**
 * Finds out which app asks and whether it proves itself. oidc-provider knows one way for each client; here the app may
 * come with its secret or with an assertion, as with Entra ID, and for every grant.
 *
 * @throws {EntraRefusal}
 */
export async function proveApp(
  form: Form,
  tenantName: string,
  around: Omit<AssertionSurroundings, 'app'> & Pick<EntraSurroundings, 'clientSecret'>,
): Promise<ProvenApp> {
  const name = required(form, 'client_id');
  const app = APPS.find(({ clientId }) => clientId === name.toLowerCase());
  if (app === undefined) throw new EntraRefusal(entraErrors.unknownApp(name, tenantName));
  const { clientId } = app;
  // Certificates are registered for the portal's app only.
  if (clientId === portalApp.clientId && (form.has('client_assertion') || form.has('client_assertion_type'))) {
    if (required(form, 'client_assertion_type') !== JWT_BEARER) {
      throw new EntraRefusal(entraErrors.unsupportedValue('client_assertion_type'));
    }
    await checkAssertion(required(form, 'client_assertion'), { ...around, app: clientId });
    return { app: clientId, proof: '2' };
  }
  const secret = form.get('client_secret');
  if (secret === undefined) throw new EntraRefusal(entraErrors.noProof());
  const right = app === portalApp ? around.clientSecret : app.clientSecret;
  if (secret !== right) throw new EntraRefusal(entraErrors.wrongSecret(name));
  return { app: clientId, proof: '1' };
}

function basicCredentials(encoded: string): readonly (readonly [string, string])[] {
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  try {
    const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
    return [
      ['client_id', decode(id)],
      ['client_secret', decode(secret.join(':'))],
    ];
  } catch {
    throw new EntraRefusal(entraErrors.request());
  }
}
