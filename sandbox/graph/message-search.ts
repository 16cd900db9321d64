/** `$filter` over messages: what an index can answer of it, and the conditions on extended properties. */
import { errors } from './errors.ts';
import { canonicalArrayId, canonicalPropertyId, isNamedProperty } from './extended-properties.ts';
import { extendedProperties, messageJson } from './json.ts';
import type { MessageSearch } from './mailbox-store.ts';
import { plainSubject, type Subject, satisfies } from './odata/evaluate.ts';
import type { Filter } from './odata/filter.ts';
import type { MessageRow } from './rows.ts';

const PROPERTIES = 'singleValueExtendedProperties';

/** The most selective index for a filter: every message that satisfies the filter is among those that it finds. */
export function searchFor(filter: Filter): MessageSearch {
  if (filter.kind === 'and') {
    const left = searchFor(filter.left);
    return left.by === 'everything' ? searchFor(filter.right) : left;
  }
  if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path === 'internetMessageId') {
    return typeof filter.value === 'string' ? { by: 'internetMessageId', value: filter.value } : { by: 'everything' };
  }
  if (filter.kind === 'any' && filter.path === PROPERTIES) {
    const { id, value } = propertyCondition(filter.condition, filter.variable);
    const exact =
      value?.kind === 'compare' && value.operator === 'eq' && typeof value.value === 'string' ? value.value : undefined;
    if (exact !== undefined && isNamedProperty(id)) return { by: 'property', id, value: exact };
  }
  return { by: 'everything' };
}

/** Whether a message satisfies a filter. */
export function messageSatisfies(filter: Filter, row: MessageRow): boolean {
  if (filter.kind === 'and') return messageSatisfies(filter.left, row) && messageSatisfies(filter.right, row);
  if (filter.kind === 'or') return messageSatisfies(filter.left, row) || messageSatisfies(filter.right, row);
  if (filter.kind === 'not') return !messageSatisfies(filter.operand, row);
  if (filter.kind !== 'any' || filter.path !== PROPERTIES) {
    return satisfies(filter, plainSubject(messageJson(row, { immutableIds: true })));
  }
  const { id, value } = propertyCondition(filter.condition, filter.variable);
  const property = extendedProperties(row).find((candidate) => candidate.id === id);
  return (
    property !== undefined && (value === undefined || satisfies(value, valueSubject(filter.variable, property.value)))
  );
}

/** The properties that `$expand=singleValueExtendedProperties($filter=id eq '…' or …)` asks for. */
export function propertiesAskedFor(filter: Filter): readonly string[] {
  if (filter.kind === 'or') return [...propertiesAskedFor(filter.left), ...propertiesAskedFor(filter.right)];
  if (
    filter.kind === 'compare' &&
    filter.path === 'id' &&
    filter.operator === 'eq' &&
    typeof filter.value === 'string'
  ) {
    const id = filter.value;
    return [/^\w+Array /.test(id) ? canonicalArrayId(id) : canonicalPropertyId(id)];
  }
  throw errors.invalidFilter();
}

/**
 * Holds the lambdas of a filter against what Exchange can search: extended properties by id, categories, and no lists
 * of recipients.
 * @throws {GraphError} 400 ErrorInvalidUrlQueryFilter
 */
export function checkPropertyConditions(filter: Filter): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkPropertyConditions(filter.left);
    checkPropertyConditions(filter.right);
  } else if (filter.kind === 'not') checkPropertyConditions(filter.operand);
  else if (filter.kind === 'any') {
    if (filter.path === PROPERTIES) propertyCondition(filter.condition, filter.variable);
    else if (filter.path !== 'categories') throw errors.invalidFilter();
  }
}

/** `ep/id eq '…' and ep/value …`: Exchange wants the id by `eq`, and at most one condition on the value. */
function propertyCondition(condition: Filter, variable: string): { id: string; value: Filter | undefined } {
  const parts = condition.kind === 'and' ? [condition.left, condition.right] : [condition];
  const id = parts.find((part) => part.kind === 'compare' && part.path === `${variable}/id` && part.operator === 'eq');
  const value = parts.find((part) => part !== id);
  if (id?.kind !== 'compare' || typeof id.value !== 'string') throw errors.invalidFilter();
  const onValue =
    value === undefined ||
    ((value.kind === 'compare' || value.kind === 'function') && value.path === `${variable}/value`);
  if (!onValue) throw errors.invalidFilter();
  return { id: canonicalPropertyId(id.value), value };
}

function valueSubject(variable: string, value: string): Subject {
  return { read: (path) => (path === `${variable}/value` ? value : undefined) };
}
