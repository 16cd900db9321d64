/** Refusals of Graph's directory side, which has other codes than the mail side. */
import { GraphError } from './errors.ts';

export const directoryErrors = {
  /** what the directory could answer only otherwise, or not at all */
  unsupportedQuery: (message = 'Unsupported Query.') => new GraphError(400, 'Request_UnsupportedQuery', message),
  badRequest: (message: string) => new GraphError(400, 'Request_BadRequest', message),
  pageSize: (top: string) =>
    new GraphError(
      400,
      'Request_UnsupportedQuery',
      `Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`,
    ),
  expiredPage: () =>
    new GraphError(
      400,
      'Directory_ExpiredPageToken',
      'The specified page token value has expired and can no longer be included in your request.',
    ),
  unknownProperty: (
    name: string,
    type: string,
    clause: 'Parsing OData Select and Expand failed' | 'Invalid filter clause' | 'Invalid orderby clause',
  ) =>
    new GraphError(
      400,
      'BadRequest',
      `${clause}: Could not find a property named '${name}' on type 'microsoft.graph.${type}'.`,
    ),
  noCollection: () =>
    new GraphError(
      400,
      'BadRequest',
      'The query specified in the URI is not valid. The requested resource is not a collection. Query options $filter, $orderby, $count, $skip, and $top can be applied only on collections.',
    ),
  needsPerson: () => new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.'),
  invalidId: (id: string) => new GraphError(400, 'Request_BadRequest', `Invalid object identifier '${id}'.`),
} as const;
