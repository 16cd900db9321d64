/** Annotations in JSON bodies: `@odata.type`, `@odata.etag`, `subject@odata.type`. */
import type { z } from 'zod';
import { errors } from '../errors.ts';

/**
 * A body by its schema, without the annotations that it may have at every depth; what stands in `untouched` of the
 * outermost object stays as it is. OData readers skip annotations that they do not know, and the official clients send
 * `@odata.type` everywhere.
 */
export function parsedBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  untouched?: string,
): z.ZodSafeParseResult<z.infer<Schema>> {
  // Schemas are strict, so that what they take as it is has no annotation: every message comes by here.
  const asItIs = schema.safeParse(body);
  return asItIs.success ? asItIs : schema.safeParse(withoutAnnotations(body, untouched));
}

function withoutAnnotations(value: unknown, untouched?: string): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => withoutAnnotations(element));
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    if (!name.includes('@')) kept.push([name, name === untouched ? inner : withoutAnnotations(inner)]);
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
