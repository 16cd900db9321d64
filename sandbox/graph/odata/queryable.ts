/**
 * What the directory can filter and sort by. Some of it only as an advanced query, that is with the header
 * `ConsistencyLevel: eventual` and `$count=true`.
 *
 * @see https://learn.microsoft.com/graph/aad-advanced-queries
 */
import { directoryErrors } from '../directory-errors.ts';
import type { GraphError } from '../errors.ts';
import type { EntitySet } from './entity-set.ts';
import type { Filter } from './filter.ts';
import type { QueryOptions } from './query.ts';

export interface QueryableProperties {
  readonly filter: readonly string[];
  readonly advancedFilter?: readonly string[];
  /** those that `endsWith` takes, as an advanced query */
  readonly endsWith?: readonly string[];
  readonly sort?: readonly string[];
  readonly advancedSort?: readonly string[];
}

/** @throws {GraphError} 400 where the directory could not answer the query, or only as an advanced one */
export function refuseUnsupported(set: EntitySet, options: QueryOptions, advanced: boolean): void {
  if (options.filter) checkFilter(set, options.filter, advanced, new Set());
  if (options.orderBy.length > 0 && options.filter && !advanced) {
    throw directoryErrors.unsupportedQuery('Sorting not supported for current query.');
  }
  const { sort = [], advancedSort = [] } = set.queryable;
  for (const { path } of options.orderBy) {
    requireProperty(set, path, 'Invalid orderby clause');
    if (!has(sort, path) && !(advanced && has(advancedSort, path))) {
      throw directoryErrors.unsupportedQuery(`Unsupported sort property '${path}' for '${resourceName(set)}'.`);
    }
  }
}

/** `variables` are the names that lambdas around this part gave to their elements. */
function checkFilter(set: EntitySet, filter: Filter, advanced: boolean, variables: ReadonlySet<string>): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      checkFilter(set, filter.left, advanced, variables);
      checkFilter(set, filter.right, advanced, variables);
      return;
    case 'not':
      if (!advanced) throw directoryErrors.unsupportedQuery();
      checkFilter(set, filter.operand, advanced, variables);
      return;
    case 'any':
      checkPath(set, filter.path, advanced, variables);
      checkFilter(set, filter.condition, advanced, new Set([...variables, filter.variable]));
      return;
    case 'function':
      checkPath(set, filter.path, advanced, variables);
      checkFunction(set, filter, advanced, variables);
      return;
    case 'compare': {
      checkPath(set, filter.path, advanced, variables);
      const negated = filter.operator === 'ne' || filter.value === null;
      if (negated && !advanced) throw directoryErrors.unsupportedQuery();
      return;
    }
    case 'in':
      checkPath(set, filter.path, advanced, variables);
  }
}

function checkFunction(
  set: EntitySet,
  filter: Extract<Filter, { kind: 'function' }>,
  advanced: boolean,
  variables: ReadonlySet<string>,
): void {
  if (filter.name === 'startswith') return;
  if (filter.name === 'contains' || !advanced) throw directoryErrors.unsupportedQuery();
  const { endsWith = [] } = set.queryable;
  if (!variables.has(filter.path) && !has(endsWith, filter.path)) throw unfilterable(set, filter.path);
}

function checkPath(set: EntitySet, path: string, advanced: boolean, variables: ReadonlySet<string>): void {
  const [first = ''] = path.split('/');
  if (variables.has(first)) return;
  requireProperty(set, first, 'Invalid filter clause');
  const { filter, advancedFilter = [] } = set.queryable;
  if (!has(filter, first) && !(advanced && has(advancedFilter, first))) throw unfilterable(set, first);
}

function requireProperty(
  set: EntitySet,
  name: string,
  clause: 'Invalid filter clause' | 'Invalid orderby clause',
): void {
  if (!has(set.properties, name)) throw directoryErrors.unknownProperty(name, set.type, clause);
}

function unfilterable(set: EntitySet, name: string): GraphError {
  return directoryErrors.unsupportedQuery(
    `Unsupported or invalid query filter clause specified for property '${name}' of resource '${resourceName(set)}'.`,
  );
}

/** The directory's own name of a type: `User`. */
function resourceName({ type }: EntitySet): string {
  return `${type.slice(0, 1).toUpperCase()}${type.slice(1)}`;
}

function has(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}
