/**
 * What a refusal by Microsoft Graph means: the table of errors of Outlook's and the directory's REST routes, in one
 * place. Pure.
 */
import { z } from 'zod';

/** The three classes of the product: try again, the customer must act, we must look. */
export type FailureKind = 'transient' | 'customer' | 'ours';

export type GraphFailure =
  | 'throttled'
  | 'unavailable'
  | 'unreachable'
  | 'token_refused'
  | 'forbidden'
  | 'blocked_by_policy'
  | 'no_such_user'
  | 'no_mailbox'
  | 'folder_exists'
  | 'item_not_found'
  | 'mailbox_full'
  | 'too_large'
  | 'bad_request'
  | 'dependency_failed'
  | 'bad_answer';

const KIND: Readonly<Record<GraphFailure, FailureKind>> = {
  throttled: 'transient',
  unavailable: 'transient',
  unreachable: 'transient',
  dependency_failed: 'transient',
  token_refused: 'customer',
  forbidden: 'customer',
  blocked_by_policy: 'customer',
  no_such_user: 'customer',
  no_mailbox: 'customer',
  mailbox_full: 'customer',
  too_large: 'customer',
  folder_exists: 'ours',
  item_not_found: 'ours',
  bad_request: 'ours',
  bad_answer: 'ours',
};

export interface GraphErrorDetails {
  readonly failure: GraphFailure;
  /** HTTP status, null where there was no answer */
  readonly status: number | null;
  /** Graph's own code, `ErrorFolderExists` and the like, or a name of ours where there was no answer */
  readonly code: string;
  /** seconds that Graph asked us to wait, where it did */
  readonly retryAfterSeconds: number | null;
  /** Microsoft's id of the request, for a support case */
  readonly requestId: string | null;
  /** true where a write may have happened all the same: look before sending again */
  readonly inDoubt: boolean;
}

/** The only error of the Graph client. Its message carries codes and ids, never content. */
export class GraphError extends Error implements GraphErrorDetails {
  override name = 'GraphError';
  readonly failure: GraphFailure;
  readonly status: number | null;
  readonly code: string;
  readonly retryAfterSeconds: number | null;
  readonly requestId: string | null;
  readonly inDoubt: boolean;
  constructor(details: GraphErrorDetails, message: string) {
    super(message);
    this.failure = details.failure;
    this.status = details.status;
    this.code = details.code;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.requestId = details.requestId;
    this.inDoubt = details.inDoubt;
  }
  get kind(): FailureKind {
    return KIND[this.failure];
  }
}

/** An answer of Graph, alone or inside a batch. Header names in lower case. */
export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const errorBodySchema = z.object({
  error: z.object({
    code: z.string().catch(''),
    message: z.string().catch(''),
    innerError: z.object({ 'request-id': z.string() }).partial().catch({}).optional(),
  }),
});

const FAILURE_BY_CODE: Readonly<Record<string, GraphFailure>> = {
  ErrorFolderExists: 'folder_exists',
  ErrorItemNotFound: 'item_not_found',
  ErrorInvalidUser: 'no_such_user',
  Request_ResourceNotFound: 'no_such_user',
  MailboxNotEnabledForRESTAPI: 'no_mailbox',
  MailboxNotSupportedForRESTAPI: 'no_mailbox',
  // Outlook's routes say this of users without a mailbox and of users that do not exist: both have none.
  ResourceNotFound: 'no_mailbox',
  ErrorQuotaExceeded: 'mailbox_full',
  ErrorMessageSizeExceeded: 'too_large',
  ErrorAttachmentSizeLimitExceeded: 'too_large',
  ErrorAccessDenied: 'forbidden',
  Authorization_RequestDenied: 'forbidden',
  InvalidAuthenticationToken: 'token_refused',
  ApplicationThrottled: 'throttled',
  ErrorServerBusy: 'throttled',
};

const WRITES: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);

/** Whether a method changes something, so that an answer that never came leaves a doubt. */
export function isWrite(method: string): boolean {
  return WRITES.has(method.toUpperCase());
}

/**
 * The error that an answer stands for, null for a success (2xx and 3xx do not come back as errors).
 *
 * @param method of the request, to tell whether a server error leaves a doubt
 * @param now to turn a `Retry-After` date into seconds
 */
export function errorOfAnswer(answer: GraphAnswer, method: string, now: Date): GraphError | null {
  if (answer.status < 400) return null;
  const parsed = errorBodySchema.safeParse(answer.body);
  const error = parsed.success ? parsed.data.error : { code: '', message: '', innerError: undefined };
  const retryAfterSeconds = retryAfterOf(answer.headers, now);
  const failure = failureOf(answer.status, error.code, error.message);
  const requestId = error.innerError?.['request-id'] ?? answer.headers['request-id'] ?? null;
  const details: GraphErrorDetails = {
    failure,
    status: answer.status,
    code: error.code === '' ? `Http${answer.status}` : error.code,
    retryAfterSeconds,
    requestId,
    inDoubt: isWrite(method) && leavesDoubt(answer.status, failure, retryAfterSeconds),
  };
  return new GraphError(
    details,
    `Graph refused: ${details.code} (HTTP ${answer.status}, request ${requestId ?? 'unknown'})`,
  );
}

function failureOf(status: number, code: string, message: string): GraphFailure {
  if (status === 429) return 'throttled';
  if (status === 403 && message.startsWith('Access to OData is disabled')) return 'blocked_by_policy';
  const known = FAILURE_BY_CODE[code];
  if (known !== undefined) return known;
  switch (status) {
    case 401:
      return 'token_refused';
    case 403:
      return 'forbidden';
    case 404:
      return 'item_not_found';
    // Also where its body broke off: a conflict is about a name, and of names only folders have one.
    case 409:
      return 'folder_exists';
    case 413:
      return 'too_large';
    case 424:
      return 'dependency_failed';
    case 507:
      return 'mailbox_full';
    default:
      return status >= 500 || status === 408 ? 'unavailable' : 'bad_request';
  }
}

/**
 * 429 and a 503 that names a time are refusals at the door. Any other server error can come after the work was done:
 * Graph's gateway gives up (502, 504) while Exchange goes on.
 */
function leavesDoubt(status: number, failure: GraphFailure, retryAfterSeconds: number | null): boolean {
  if (failure !== 'unavailable') return false;
  return !(status === 503 && retryAfterSeconds !== null) && status !== 501;
}

/** Longest wait that a header can ask for, in seconds. */
const LONGEST_WAIT_SECONDS = 3600;

/** `Retry-After` in seconds, rounded up, null where absent or unreadable. RFC 9110, 10.2.3. */
export function retryAfterOf(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after');
  if (entry === undefined) return null;
  const value = entry[1].trim();
  const seconds = /^\d+(\.\d+)?$/.test(value)
    ? Math.ceil(Number(value))
    : Math.ceil((Date.parse(value) - now.getTime()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS) : null;
}

/** A request that got no answer at all. `sent` false: the connection was never made. */
export function errorWithoutAnswer(message: string, method: string, sent: boolean): GraphError {
  const details: GraphErrorDetails = {
    failure: 'unreachable',
    status: null,
    code: sent ? 'NoAnswer' : 'NotSent',
    retryAfterSeconds: null,
    requestId: null,
    inDoubt: sent && isWrite(method),
  };
  return new GraphError(details, message);
}

/** A request that is not made, because Graph has asked to be left alone for so many seconds. */
export function errorOfPause(seconds: number): GraphError {
  const details: GraphErrorDetails = {
    failure: 'throttled',
    status: null,
    code: 'Paused',
    retryAfterSeconds: seconds,
    requestId: null,
    inDoubt: false,
  };
  return new GraphError(details, 'Graph has asked for a pause that is not over');
}

/** An answer of 2xx that cannot be understood: whatever was asked for has probably happened. */
export function errorOfUnreadableAnswer(status: number, method: string): GraphError {
  const details: GraphErrorDetails = {
    failure: 'bad_answer',
    status,
    code: 'UnreadableAnswer',
    retryAfterSeconds: null,
    requestId: null,
    inDoubt: isWrite(method),
  };
  return new GraphError(details, `Graph gave an answer that cannot be understood (HTTP ${status})`);
}

/** The body of an answer in the shape that the caller expects. @throws GraphError('bad_answer') */
export function bodyOf<T extends z.ZodType>(answer: GraphAnswer, schema: T): z.infer<T> {
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) throw errorOfUnreadableAnswer(answer.status, 'GET');
  return parsed.data;
}
