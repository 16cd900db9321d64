/** Graph's error answers: the codes and sentences that the service gives, with the status that goes with each. */

export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The body of an error answer, as `{"error":{"code","message","innerError":{…}}}`. */
export function errorBody(
  code: string,
  message: string,
  ids: { readonly requestId: string; readonly clientRequestId: string; readonly now: Date },
): Record<string, unknown> {
  return {
    error: {
      code,
      message,
      innerError: {
        date: ids.now.toISOString().slice(0, 19),
        'request-id': ids.requestId,
        'client-request-id': ids.clientRequestId,
      },
    },
  };
}

export const errors = {
  badRequest: (message: string) => new GraphError(400, 'BadRequest', message),
  badUrl: () =>
    new GraphError(400, 'BadRequest', 'Invalid URL: it is too long, or a percent-encoding in it is broken.'),
  unknownSegment: (segment: string) =>
    new GraphError(400, 'BadRequest', `Resource not found for the segment '${segment}'.`),
  unreadableJson: () =>
    new GraphError(
      400,
      'BadRequest',
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    ),
  requestBody: (message: string) => new GraphError(400, 'RequestBodyRead', message),
  unknownProperty: (name: string, type: string) =>
    new GraphError(
      400,
      'RequestBodyRead',
      `The property '${name}' does not exist on type '${type}'. Make sure to only use property names that are defined by the type or mark the type as open type.`,
    ),
  invalidPropertySet: (name: string) =>
    new GraphError(400, 'ErrorInvalidPropertySet', `Set action is invalid for property. Property: ${name}.`),
  /** a body that the reader gives up on, such as one with base64 that is none */
  undeserializable: () => new GraphError(400, 'UnableToDeserializePostBody', 'were unable to deserialize '),
  invalidFilter: () =>
    new GraphError(400, 'ErrorInvalidUrlQueryFilter', 'The query filter contains one or more invalid nodes.'),
  /** a token of a page that this service never gave out; mail is paged by `$skip` here. The words are assumed. */
  unreadablePage: () => new GraphError(400, 'ErrorInvalidUrlQuery', "The value of '$skiptoken' is invalid."),
  methodNotAllowed: () =>
    new GraphError(405, 'BadRequest', 'Specified HTTP method is not allowed for the request target.'),
  tooLarge: () => new GraphError(413, 'BadRequest', 'Maximum request length exceeded.'),
  unsupportedMediaType: () =>
    new GraphError(415, 'BadRequest', 'A supported MIME type could not be found that matches the content type.'),
  token: (message: string) =>
    new GraphError(401, 'InvalidAuthenticationToken', message, {
      'www-authenticate':
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    }),
  mailAccessDenied: () =>
    new GraphError(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.'),
  blockedByPolicy: () =>
    new GraphError(
      403,
      'ErrorAccessDenied',
      'Access to OData is disabled: Blocked by tenant configured AppOnly AccessPolicy settings.',
    ),
  directoryAccessDenied: () =>
    new GraphError(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
  noSuchUser: (id: string) =>
    new GraphError(
      404,
      'Request_ResourceNotFound',
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    ),
  invalidUser: (id: string) => new GraphError(404, 'ErrorInvalidUser', `The requested user '${id}' is invalid.`),
  noMailbox: () =>
    new GraphError(
      404,
      'MailboxNotEnabledForRESTAPI',
      'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
    ),
  /** what Graph says of some mailboxes that are not in Exchange Online, guests' and on-premises ones among them */
  mailboxElsewhere: () => new GraphError(404, 'ResourceNotFound', 'Resource could not be discovered.'),
  itemNotFound: () => new GraphError(404, 'ErrorItemNotFound', 'The specified object was not found in the store.'),
  otherMailbox: (id: string) =>
    new GraphError(404, 'ErrorInvalidMailboxItemId', `Item '${id}' doesn't belong to the targeted mailbox.`),
  malformedId: () => new GraphError(400, 'ErrorInvalidIdMalformed', 'Id is malformed.'),
  folderExists: () => new GraphError(409, 'ErrorFolderExists', 'A folder with the specified name already exists.'),
  quotaExceeded: () =>
    new GraphError(
      507,
      'ErrorQuotaExceeded',
      'The process failed to get the correct properties. Mailbox exceeded its quota.',
    ),
  messageTooLarge: () =>
    new GraphError(400, 'ErrorMessageSizeExceeded', 'The message exceeds the maximum supported size.'),
  throttled: (
    limit: 'MailboxConcurrency' | 'RequestsPerMailbox' | 'UploadPerMailbox' | 'RequestsPerApp',
    seconds: number,
  ) =>
    new GraphError(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
      'retry-after': String(seconds),
    }),
} as const;
