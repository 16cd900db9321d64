/** Decides whether a value satisfies a `$filter`. Text is compared without regard to case, as Graph does. */
import { errors } from '../errors.ts';
import type { ComparisonOperator, Filter, Literal } from './filter.ts';

/** What a filter is asked about: `read` gives the value at a path, or undefined when there is no such property. */
export interface Subject {
  read(path: string): unknown;
}

/**
 * Whether `subject` satisfies `filter`.
 * @throws {GraphError} 400 BadRequest when the filter names a property that does not exist
 */
export function satisfies(filter: Filter, subject: Subject): boolean {
  switch (filter.kind) {
    case 'and':
      return satisfies(filter.left, subject) && satisfies(filter.right, subject);
    case 'or':
      return satisfies(filter.left, subject) || satisfies(filter.right, subject);
    case 'not':
      return !satisfies(filter.operand, subject);
    case 'compare':
      return compares(property(subject, filter.path), filter.operator, filter.value);
    case 'in': {
      const value = property(subject, filter.path);
      return filter.values.some((candidate) => compares(value, 'eq', candidate));
    }
    case 'function': {
      const value = property(subject, filter.path);
      if (typeof value !== 'string') return false;
      const [text, part] = [value.toLowerCase(), filter.value.toLowerCase()];
      if (filter.name === 'startswith') return text.startsWith(part);
      return filter.name === 'endswith' ? text.endsWith(part) : text.includes(part);
    }
    case 'any': {
      const values = property(subject, filter.path);
      if (!Array.isArray(values)) throw notFilterable(filter.path);
      return values.some((element: unknown) => satisfies(filter.condition, lambda(filter.variable, element)));
    }
  }
}

/** A subject over a plain object: `a/b` reads `b` of `a`. */
export function plainSubject(value: Readonly<Record<string, unknown>>): Subject {
  return { read: (path) => walk(value, path.split('/')) };
}

function lambda(variable: string, element: unknown): Subject {
  return {
    read: (path) => {
      const [first, ...rest] = path.split('/');
      return first === variable ? walk(element, rest) : undefined;
    },
  };
}

function walk(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (current === null) return null;
    if (typeof current !== 'object') return undefined;
    current = Object.hasOwn(current, name) ? (current as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return current;
}

function property(subject: Subject, path: string): unknown {
  const value = subject.read(path);
  if (value === undefined) throw notFilterable(path);
  return value;
}

function notFilterable(path: string): Error {
  return errors.badRequest(`Invalid filter clause: Could not find a property named '${path}' that can be filtered.`);
}

function compares(actual: unknown, operator: ComparisonOperator, expected: Literal): boolean {
  const order = compare(actual, expected);
  if (operator === 'eq') return order === 0;
  if (operator === 'ne') return order !== 0;
  if (order === undefined) return false;
  if (operator === 'gt') return order > 0;
  if (operator === 'ge') return order >= 0;
  return operator === 'lt' ? order < 0 : order <= 0;
}

/** Negative, zero, positive; undefined where the two cannot be compared. */
function compare(actual: unknown, expected: Literal): number | undefined {
  if (actual === null || expected === null) return actual === expected ? 0 : undefined;
  if (typeof expected === 'object') {
    const instant = typeof actual === 'string' ? Date.parse(actual) : Number.NaN;
    return Number.isNaN(instant) ? undefined : instant - expected.instant;
  }
  if (typeof actual === 'string' && typeof expected === 'string') {
    const [left, right] = [actual.toLowerCase(), expected.toLowerCase()];
    return left === right ? 0 : left < right ? -1 : 1;
  }
  if (typeof actual === 'number' && typeof expected === 'number') return actual - expected;
  return typeof actual === 'boolean' && actual === expected ? 0 : undefined;
}
