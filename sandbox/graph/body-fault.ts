/** What is wrong with a JSON body, in the words of the OData reader that stands in front of Exchange. */
import type { z } from 'zod';
import { errors, type GraphError } from './errors.ts';

/** Properties of a type that exist and that nobody can set, next to those that its schema takes. */
export interface BodyType {
  /** `microsoft.graph.message` */
  readonly name: string;
  readonly readOnly: ReadonlySet<string>;
}

/** JSON node kinds as the reader names them. */
function nodeKind(value: unknown): 'StartArray' | 'StartObject' | 'PrimitiveValue' {
  if (Array.isArray(value)) return 'StartArray';
  return typeof value === 'object' && value !== null ? 'StartObject' : 'PrimitiveValue';
}

const EXPECTED_NODE: Readonly<Record<string, 'StartArray' | 'StartObject'>> = {
  array: 'StartArray',
  object: 'StartObject',
};

const EDM_TYPE: Readonly<Record<string, string>> = {
  string: 'Edm.String',
  boolean: 'Edm.Boolean',
  number: 'Edm.Int64',
  int: 'Edm.Int64',
};

/** zod's first finding as the refusal that Graph gives to the same fault: 400, except where a property says more. */
export function bodyFault(error: z.ZodError, input: unknown, type: BodyType): GraphError {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    if (issue.path.length === 0 && type.readOnly.has(name)) return errors.invalidPropertySet(name);
    return errors.unknownProperty(name, type.name);
  }
  const value = valueAt(input, issue?.path ?? []);
  const expected = issue?.code === 'invalid_type' ? issue.expected : undefined;
  const node = EXPECTED_NODE[expected ?? ''];
  if (value === undefined && issue !== undefined && issue.path.length > 0) {
    return errors.requestBody(`The property '${issue.path.map(String).join('/')}' is required.`);
  }
  if (node !== undefined || nodeKind(value) !== 'PrimitiveValue') {
    return errors.requestBody(
      `An unexpected '${nodeKind(value)}' node was found when reading from the JSON reader. A '${node ?? 'PrimitiveValue'}' node was expected.`,
    );
  }
  const wanted = EDM_TYPE[expected ?? ''] ?? type.name;
  return errors.requestBody(`Cannot convert the literal '${shortened(value)}' to the expected type '${wanted}'.`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(key))?.[1];
  }
  return value;
}

function shortened(value: unknown): string {
  return String(value).slice(0, 100);
}
