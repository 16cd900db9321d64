/** Query options on messages, with the rules that Exchange adds to OData's. */
import { errors, GraphError } from './errors.ts';
import { attachmentEntity, messageEntity } from './mail-entities.ts';
import { checkPropertyConditions, propertiesAskedFor } from './message-search.ts';
import { checkOptions } from './odata/entity.ts';
import type { Filter } from './odata/filter.ts';
import { type Expansion, type QueryOptions, queryOptions } from './odata/query.ts';
import type { GraphRequest } from './request.ts';

/** Documented for messages: from 1 to 1000. */
const MAX_TOP = 1_000;

/**
 * Options of a request for one message.
 * @throws {GraphError} 400
 */
export function messageOptions(request: GraphRequest): QueryOptions {
  const options = queryOptions(request.query, { maxTop: MAX_TOP });
  checkOptions(options, messageEntity);
  for (const expansion of options.expand) checkExpansion(expansion);
  return options;
}

/**
 * Options of a request for a list.
 * @throws {GraphError} 400, InefficientFilter where `$filter` and `$orderby` do not go together
 */
export function listOptions(request: GraphRequest): QueryOptions {
  const options = messageOptions(request);
  if (options.filter) {
    checkPropertyConditions(options.filter);
    checkEfficient(options.filter, options.orderBy);
  }
  return options;
}

function checkExpansion({ name, filter, select }: Expansion): void {
  if (name === 'attachments') {
    checkOptions({ ...NO_OPTIONS, select }, attachmentEntity);
  } else if (name === 'singleValueExtendedProperties' || name === 'multiValueExtendedProperties') {
    if (!filter) throw errors.invalidFilter();
    propertiesAskedFor(filter);
  }
}

const NO_OPTIONS: QueryOptions = {
  select: undefined,
  filter: undefined,
  top: undefined,
  skip: 0,
  count: false,
  expand: [],
  orderBy: [],
  skipToken: undefined,
};

/**
 * What is sorted by must be filtered by, first and in the same order: announced when Graph began to enforce it, and in
 * its documentation of List messages since.
 */
function checkEfficient(filter: Filter, orderBy: QueryOptions['orderBy']): void {
  const filtered = [...new Set(pathsOf(filter))];
  if (orderBy.every(({ path }, index) => filtered[index] === path)) return;
  throw new GraphError(400, 'InefficientFilter', 'The restriction or sort order is too complex for this operation.');
}

function pathsOf(filter: Filter): readonly string[] {
  if (filter.kind === 'not') return pathsOf(filter.operand);
  return 'left' in filter ? [...pathsOf(filter.left), ...pathsOf(filter.right)] : [filter.path];
}
