/** `$filter` over messages: what an index can answer of it, and the conditions on extended properties. */
import { errors } from './errors.ts';
import { canonicalArrayId, canonicalPropertyId, isNamedProperty } from './extended-properties.ts';
import { BODY_PROPERTIES, extendedProperties, messageProperty } from './message-json.ts';
import type { MessageSearch } from './message-store.ts';
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
    return satisfies(filter, messageSubject(row));
  }
  const { id, value } = propertyCondition(filter.condition, filter.variable);
  const property = extendedProperties(row).find((candidate) => candidate.id === id);
  return (
    property !== undefined && (value === undefined || satisfies(value, valueSubject(filter.variable, property.value)))
  );
}

/** Whether a filter reads the body of a message, which is the most of it. */
export function readsBody(filter: Filter): boolean {
  if (filter.kind === 'not') return readsBody(filter.operand);
  if ('left' in filter) return readsBody(filter.left) || readsBody(filter.right);
  return BODY_PROPERTIES.has(filter.path.split('/')[0] ?? '');
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
 * Holds the conditions on extended properties against what Exchange can search: by id, and by one value.
 * @throws {GraphError} 400 ErrorInvalidUrlQueryFilter
 */
export function checkPropertyConditions(filter: Filter): void {
  if (filter.kind === 'and' || filter.kind === 'or') {
    checkPropertyConditions(filter.left);
    checkPropertyConditions(filter.right);
  } else if (filter.kind === 'not') checkPropertyConditions(filter.operand);
  else if (filter.kind === 'any' && filter.path === PROPERTIES) propertyCondition(filter.condition, filter.variable);
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

/** What a message has not, of the names that it could have, is null. */
function messageSubject(row: MessageRow): Subject {
  return {
    read: (path) => {
      const [name = ''] = path.split('/', 1);
      return plainSubject({ [name]: messageProperty(row, name) }).read(path) ?? null;
    },
  };
}

function valueSubject(variable: string, value: string): Subject {
  return { read: (path) => (path === `${variable}/value` ? value : undefined) };
}
