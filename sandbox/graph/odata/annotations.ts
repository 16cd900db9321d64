/** Annotations in JSON bodies: `@odata.type`, `@odata.etag`, `subject@odata.type`. */
import { errors } from '../errors.ts';

/**
 * The value without annotations, at every depth; what stands in `untouched` of the outermost object stays as it is.
 * OData readers skip annotations that they do not know, and the official clients send `@odata.type` everywhere. A value
 * that has none comes back itself.
 */
export function withoutAnnotations(value: unknown, untouched?: string): unknown {
  return isAnnotated(value, untouched) ? copied(value, untouched) : value;
}

function isAnnotated(value: unknown, untouched?: string): boolean {
  if (Array.isArray(value)) return value.some((element) => isAnnotated(element));
  if (!isRecord(value)) return false;
  // every message comes by here: pairs of names and values would be made for each of its objects
  for (const name of Object.keys(value)) {
    if (name.includes('@') || (name !== untouched && isAnnotated(value[name]))) return true;
  }
  return false;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function copied(value: unknown, untouched?: string): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => copied(element));
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    if (!name.includes('@')) kept.push([name, name === untouched ? inner : copied(inner)]);
  }
  return Object.fromEntries(kept);
}

/**
 * Holds the `@odata.type` of a body, where it has one, against the type that the route takes.
 * @throws {GraphError} 400 for another type
 */
export function checkType(value: unknown, type: string): void {
  if (typeof value !== 'object' || value === null || !('@odata.type' in value)) return;
  const name = value['@odata.type'];
  if (typeof name === 'string' && name.replace(/^#/, '').toLowerCase() === type.toLowerCase()) return;
  throw errors.requestBody(
    `A type named '${String(name).slice(0, 100)}' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.`,
  );
}
