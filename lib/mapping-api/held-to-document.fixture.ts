/** For tests: holds answers to the OpenAPI document, and remembers what of the document was met. */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { z } from 'zod';
import { MAPPING_PATH, type mappingApiDocument } from './openapi.ts';

const responseShape = z.object({
  description: z.string().min(1),
  headers: z.record(z.string(), z.object({ required: z.literal(true), schema: z.looseObject({}) })).optional(),
  content: z.record(z.string(), z.object({ schema: z.object({ $ref: z.string() }) })),
});

export interface HeldToDocument {
  /** @returns the body. Fails where the document does not say what was answered */
  holds(answered: Response): Promise<unknown>;
  /** statuses that were answered, and those that the document has */
  readonly met: ReadonlySet<string>;
  readonly documented: readonly string[];
}

export function heldToDocument(document: ReturnType<typeof mappingApiDocument>): HeldToDocument {
  // Strict: a keyword that JSON Schema does not have is an error, and so is a schema that is none.
  const ajv = new Ajv2020({ strict: true, allErrors: true, coerceTypes: false });
  addFormats.default(ajv);
  const texts = new Ajv2020({ strict: true, coerceTypes: true });
  const operation = document.paths[MAPPING_PATH]?.put;
  if (operation === undefined) throw new Error('the document has no such operation');
  const responses = z.record(z.string(), responseShape).parse(operation.responses);
  const schemas = new Map<string, ValidateFunction>(
    Object.entries(document.components.schemas).map(([name, schema]) => [
      `#/components/schemas/${name}`,
      ajv.compile(schema),
    ]),
  );
  const met = new Set<string>();
  return {
    met,
    documented: Object.keys(responses),
    async holds(answered) {
      const status = String(answered.status);
      const documented = responses[status];
      if (documented === undefined) throw new Error(`the document has no answer of status ${status}`);
      const [type = ''] = (answered.headers.get('content-type') ?? '').split(';');
      const content = documented.content[type];
      if (content === undefined) throw new Error(`the document has no ${type} of status ${status}`);
      for (const [name, { schema }] of Object.entries(documented.headers ?? {})) {
        const validate = texts.compile({ type: 'object', properties: { value: schema }, required: ['value'] });
        expect(validate({ value: answered.headers.get(name) ?? undefined }), `${name} of ${status}`).toBe(true);
      }
      const body: unknown = await answered.json();
      const validate = schemas.get(content.schema.$ref);
      if (validate === undefined) throw new Error(`the document has no ${content.schema.$ref}`);
      validate(body);
      expect(validate.errors ?? [], JSON.stringify(body)).toEqual([]);
      met.add(status);
      return body;
    },
  };
}
