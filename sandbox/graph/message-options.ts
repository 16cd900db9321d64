/** Query options on messages, with the rules that Exchange adds to OData's. */
import { errors, GraphError } from './errors.ts';
import { attachmentEntity, extendedPropertyEntity, messageEntity } from './mail-entities.ts';
import { mailOptions } from './mail-options.ts';
import { checkPropertyConditions, propertiesAskedFor } from './message-search.ts';
import { checkExpansion } from './odata/entity.ts';
import type { Filter } from './odata/filter.ts';
import type { Expansion, QueryOptions } from './odata/query.ts';
import type { GraphRequest } from './request.ts';

/** Documented for messages: from 1 to 1000. */
const MAX_TOP = 1_000;

/**
 * Options of a request for one message.
 * @throws {GraphError} 400
 */
export function messageOptions(request: GraphRequest): QueryOptions {
  const options = mailOptions(request, messageEntity, MAX_TOP);
  for (const expansion of options.expand) checkExpanded(expansion);
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

function checkExpanded(expansion: Expansion): void {
  const { name, filter } = expansion;
  checkExpansion(expansion, name === 'attachments' ? attachmentEntity : extendedPropertyEntity);
  if (name === 'attachments') return;
  if (!filter) throw name === 'extensions' ? extensionsUnfiltered() : errors.invalidFilter();
  if (name === 'extensions') extensionsAskedFor(filter);
  else propertiesAskedFor(filter);
}

/** Exchange shows extensions by their id only; there are none here, as nothing can make one. */
function extensionsAskedFor(filter: Filter): void {
  if (filter.kind !== 'compare' || filter.path !== 'id' || filter.operator !== 'eq') throw errors.invalidFilter();
}

/** The code is known, the words are not. */
function extensionsUnfiltered(): GraphError {
  const words = 'Expanding extensions requires a filter on their id.';
  return new GraphError(400, 'ErrorGraphExtensionExpandRequiresFilter', words);
}

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
