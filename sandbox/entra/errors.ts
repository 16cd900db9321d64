/** Entra ID's error answers of the token endpoint, with the AADSTS numbers that people search for. */
import { randomUUID } from 'node:crypto';

export interface EntraError {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly message: string;
}

export const entraErrors = {
  wrongSecret: (app: string): EntraError => ({
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    message: `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
  }),
  unknownApp: (app: string, tenant: string): EntraError => ({
    status: 400,
    error: 'unauthorized_client',
    code: 700016,
    message: `Application with identifier '${app}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
  }),
  unknownTenant: (tenant: string): EntraError => ({
    status: 400,
    error: 'invalid_request',
    code: 90002,
    message: `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
  }),
  invalidScope: (scope: string): EntraError => ({
    status: 400,
    error: 'invalid_scope',
    code: 1002012,
    message: `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  }),
  unknownResource: (resource: string, tenant: string): EntraError => ({
    status: 400,
    error: 'invalid_resource',
    code: 500011,
    message: `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
  }),
  unsupportedGrant: (): EntraError => ({
    status: 400,
    error: 'unsupported_grant_type',
    code: 70003,
    message: 'The app requested an unsupported grant type.',
  }),
  invalidGrant: (): EntraError => ({
    status: 400,
    error: 'invalid_grant',
    code: 70008,
    message:
      'The provided authorization code or refresh token has expired, was used already, or does not belong to this request.',
  }),
  /** the number and sentence for a tenant that asks too often; a 429 has `Retry-After` */
  throttled: (): EntraError => ({
    status: 429,
    error: 'temporarily_unavailable',
    code: 90055,
    message: 'There are too many incoming requests.',
  }),
  other: (error: string, status: number, detail: string): EntraError => ({
    status,
    error,
    code: 900144,
    message: detail,
  }),
} as const;

/** The JSON body of an error answer. */
export function entraErrorBody(
  error: EntraError,
  now: Date,
  correlationId: string = randomUUID(),
): Record<string, unknown> {
  const trace = randomUUID();
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: error.error,
    error_description: `AADSTS${error.code}: ${error.message} Trace ID: ${trace} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
  };
}
