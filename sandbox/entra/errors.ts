/**
 * Entra ID's error answers, with the AADSTS numbers that people search for. Numbers and sentences follow the published
 * list of codes and what people report; where neither tells which of two numbers comes, the likelier one stands here.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
import { randomUUID } from 'node:crypto';

export interface EntraError {
  readonly status: number;
  readonly error: string;
  readonly code: number;
  readonly message: string;
  readonly suberror?: string;
}

const refusal =
  (status: number, error: string) =>
  (code: number, message: string, suberror?: string): EntraError => ({
    status,
    error,
    code,
    message,
    ...(suberror !== undefined && { suberror }),
  });
const invalidRequest = refusal(400, 'invalid_request');
const invalidClient = refusal(401, 'invalid_client');
const invalidGrant = refusal(400, 'invalid_grant');

/** What is wrong with the request as such, before anybody looks at who asks. */
const malformed = {
  missing: (parameter: string): EntraError =>
    invalidRequest(900144, `The request body must contain the following parameter: '${parameter}'.`),
  duplicated: (parameter: string): EntraError =>
    invalidRequest(9000411, `The request is not properly formatted. The parameter '${parameter}' is duplicated.`),
  request: (): EntraError => invalidRequest(9002313, 'Invalid request. Request is malformed or invalid.'),
  onlyPost: (method: string): EntraError =>
    invalidRequest(900561, `The endpoint only accepts POST requests. Received a ${method} request.`),
  unsupportedGrant: (grant: string): EntraError =>
    refusal(400, 'unsupported_grant_type')(70003, `The app requested an unsupported grant type '${grant}'.`),
  /** a form of Entra ID's carries a token of the page that it stood on, which another site's page does not know */
  foreignForm: (): EntraError =>
    refusal(403, 'invalid_request')(165000, 'Invalid Request: The request tokens do not match the user context.'),
  challengeSize: (): EntraError => invalidRequest(501491, 'Invalid size of Code_Challenge parameter.'),
  unknownRedirect: (redirect: string, app: string): EntraError =>
    invalidRequest(
      50011,
      `The redirect URI '${redirect}' specified in the request does not match the redirect URIs configured for the application '${app}'.`,
    ),
  unsupportedValue: (parameter: string): EntraError => invalidRequest(90023, `Unsupported '${parameter}' value.`),
  responseTypeDisabled: (type: string): EntraError =>
    refusal(400, 'unsupported_response_type')(
      type === 'id_token' ? 700054 : 700051,
      `response_type '${type}' is not enabled for the application.`,
    ),
  unsupportedResponseType: (type: string): EntraError =>
    refusal(400, 'unsupported_response_type')(70005, `The app requested an unsupported response type '${type}'.`),
} as const;

const tenants = {
  unknownTenant: (tenant: string): EntraError =>
    invalidRequest(
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    ),
  invalidTenant: (tenant: string): EntraError =>
    invalidRequest(
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    ),
  noTenant: (): EntraError =>
    invalidRequest(
      50059,
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    ),
} as const;

/** How the app proves itself. */
const clients = {
  unknownApp: (app: string, tenant: string): EntraError =>
    refusal(400, 'unauthorized_client')(
      700016,
      `Application with identifier '${app}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`,
    ),
  noProof: (): EntraError =>
    invalidClient(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  wrongSecret: (app: string): EntraError =>
    invalidClient(
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
    ),
  unreadableAssertion: (reason: string): EntraError =>
    invalidClient(50027, `JWT token is invalid or malformed.${reason === '' ? '' : ` ${reason}`}`),
  certificateRefused: (reason: string): EntraError => invalidClient(700027, reason),
  assertionOutOfTime: (now: Date, from: string, to: string): EntraError =>
    invalidClient(
      700024,
      `Client assertion is not within its valid time range. Current time: ${now.toISOString()}, assertion valid from ${from}, expiry time of assertion ${to}.`,
    ),
  assertionAudience: (): EntraError =>
    invalidClient(700023, 'Client assertion audience claim does not match Realm issuer.'),
  assertionIssuer: (): EntraError =>
    invalidClient(700021, "Client assertion application identifier doesn't match 'client_id' parameter."),
} as const;

const scopes = {
  notDefault: (scope: string): EntraError =>
    refusal(400, 'invalid_scope')(
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    ),
  unknownResource: (resource: string, tenant: string): EntraError =>
    refusal(400, 'invalid_resource')(
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
    ),
  invalidScope: (scope: string, reason: string): EntraError =>
    refusal(400, 'invalid_scope')(
      70011,
      `The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope ${scope} is not valid. ${reason}`.trimEnd(),
    ),
  /** an `invalid_client`, though the client is known: that is what Entra ID says */
  unknownScope: (app: string, scope: string, resource: string): EntraError =>
    refusal(400, 'invalid_client')(
      650053,
      `The application '${app}' asked for scope '${scope}' that doesn't exist on the resource '${resource}'. Contact the app vendor.`,
    ),
  notConsented: (app: string, name: string): EntraError =>
    invalidGrant(
      65001,
      `The user or administrator has not consented to use the application with ID '${app}' named '${name}'. Send an interactive authorization request for this user and resource.`,
      'consent_required',
    ),
  declinedConsent: (): EntraError =>
    refusal(400, 'access_denied')(65004, 'User declined to consent to access the app.', 'cancel'),
  adminApprovalNeeded: (name: string): EntraError =>
    refusal(400, 'access_denied')(
      90094,
      `${name} needs permission to access resources in your organization that only an admin can grant. Please ask an admin to grant permission to this app before you can use it.`,
    ),
} as const;

/** Codes, refresh tokens, and the people behind them. */
const grants = {
  spentCode: (): EntraError =>
    invalidGrant(
      54005,
      'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
    ),
  expiredCode: (): EntraError =>
    invalidGrant(
      70008,
      'The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.',
    ),
  expiredRefreshToken: (): EntraError => invalidGrant(700082, 'The refresh token has expired due to inactivity.'),
  /** a code or refresh token that nobody gave out */
  unknownGrant: (): EntraError => invalidGrant(9002313, 'Invalid request. Request is malformed or invalid.'),
  wrongRedirect: (sent: string, asked: string): EntraError =>
    invalidClient(
      500112,
      `The reply address '${sent}' does not match the reply address '${asked}' provided when requesting Authorization code.`,
    ),
  wrongVerifier: (): EntraError =>
    invalidGrant(501481, 'The Code_Verifier does not match the code_challenge supplied in the authorization request.'),
  noSuchPerson: (tenant: string): EntraError =>
    invalidGrant(
      50034,
      `The user account does not exist in the ${tenant} directory. To sign into this application, the account must be added to the directory.`,
    ),
  disabledPerson: (): EntraError => invalidGrant(50057, 'The user account is disabled.'),
  nobodySignedIn: (): EntraError =>
    refusal(400, 'login_required')(50058, 'A silent sign-in request was sent but no user is signed in.'),
} as const;

export const entraErrors = {
  ...malformed,
  ...tenants,
  ...clients,
  ...scopes,
  ...grants,
  throttled: (): EntraError => refusal(429, 'temporarily_unavailable')(90055, 'There are too many incoming requests.'),
  other: (error: string, status: number, detail: string): EntraError => ({
    status,
    error,
    code: 900144,
    message: detail,
  }),
} as const;

/** Who is refused carries the error to where the answer is written. */
export class EntraRefusal extends Error {
  override readonly name = 'EntraRefusal';
  readonly refusal: EntraError;

  constructor(refusal: EntraError) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** `AADSTS…: …` without the ids that an answer adds. */
export function entraSentence(error: EntraError): string {
  return `AADSTS${error.code}: ${error.message}`;
}

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
    error_description: `${entraSentence(error)} Trace ID: ${trace} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [error.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${error.code}`,
    ...(error.suberror !== undefined && { suberror: error.suberror }),
  };
}
