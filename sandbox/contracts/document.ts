/** An OpenAPI 3.0 document, as far as checking requests and answers against it goes. */
import { z } from 'zod';

const schemaShape = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  allOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});
const parameterShape = z.looseObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().default(false),
});
const contentShape = z.record(z.string(), z.looseObject({}));
const bodyShape = z.looseObject({ required: z.boolean().default(false), content: contentShape });
const answerShape = z.looseObject({
  content: contentShape.optional(),
  headers: z.record(z.string(), z.looseObject({})).default({}),
});
const operationShape = z.looseObject({
  parameters: z.array(z.unknown()).default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()),
});
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const documentShape = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

const componentsShape = z.looseObject({
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

/** A part of the document with the JSON pointer at which it stands: `#/paths/…`. */
export interface At<T> {
  readonly pointer: string;
  readonly value: T;
}

export interface Operation {
  /** `GET /users/{user-id}` */
  readonly name: string;
  readonly method: string;
  readonly template: string;
  readonly parameters: readonly At<z.infer<typeof parameterShape>>[];
  readonly body: At<z.infer<typeof bodyShape>> | undefined;
  /** by status, or by `4XX` for a range */
  readonly answers: ReadonlyMap<string, At<z.infer<typeof answerShape>>>;
}

export class OpenApiDocument {
  readonly root: z.infer<typeof documentShape>;
  readonly operations: readonly Operation[];

  /** @throws {z.ZodError} where this is no OpenAPI document */
  constructor(content: unknown) {
    this.root = documentShape.parse(content);
    this.operations = Object.entries(this.root.paths).flatMap(([template, item]) =>
      METHODS.filter((method) => method in item).map((method) => this.#operation(template, method)),
    );
  }

  find(method: string, path: string): Operation | undefined {
    return this.operations.find((one) => one.method === method && fits(one.template, path));
  }

  /** What stands at a pointer, a reference followed to where it leads. */
  resolve(pointer: string): At<unknown> {
    const value = pointer
      .slice(2)
      .split('/')
      .reduce<unknown>((part, step) => inside(part, unescaped(step)), this.root);
    return this.#followed({ pointer, value });
  }

  /** The properties that a schema names, those of its bases included; empty where it names none. */
  properties(schema: unknown): ReadonlyMap<string, unknown> {
    const { properties = {}, allOf = [], anyOf = [] } = this.schema(schema);
    return new Map([
      ...[...allOf, ...anyOf].flatMap((part) => [...this.properties(part)]),
      ...Object.entries(properties),
    ]);
  }

  /** Whether there is a schema of this name in the document's components. */
  hasSchema(name: string): boolean {
    return componentsShape.safeParse(this.root).data?.components.schemas[name] !== undefined;
  }

  schema(schema: unknown): z.infer<typeof schemaShape> {
    return schemaShape.parse(this.#followed({ pointer: '#', value: schema ?? {} }).value);
  }

  #followed(part: At<unknown>): At<unknown> {
    const reference = z.looseObject({ $ref: z.string() }).safeParse(part.value);
    return reference.success ? this.resolve(reference.data.$ref) : part;
  }

  #operation(template: string, method: string): Operation {
    const path = `#/paths/${escaped(template)}`;
    const own = operationShape.parse(this.resolve(`${path}/${method}`).value);
    const shared = z.array(z.unknown()).parse(this.root.paths[template]?.parameters ?? []);
    const parameter = (pointer: string) => {
      const found = this.resolve(pointer);
      return { pointer: found.pointer, value: parameterShape.parse(found.value) };
    };
    const body = own.requestBody === undefined ? undefined : this.resolve(`${path}/${method}/requestBody`);
    return {
      name: `${method.toUpperCase()} ${template}`,
      method: method.toUpperCase(),
      template,
      parameters: [
        ...shared.map((_, index) => parameter(`${path}/parameters/${index}`)),
        ...own.parameters.map((_, index) => parameter(`${path}/${method}/parameters/${index}`)),
      ],
      body: body && { pointer: body.pointer, value: bodyShape.parse(body.value) },
      answers: new Map(
        Object.keys(own.responses).map((status) => {
          const found = this.resolve(`${path}/${method}/responses/${escaped(status)}`);
          return [status, { pointer: found.pointer, value: answerShape.parse(found.value) }];
        }),
      ),
    };
  }
}

/** The values of a template's `{placeholders}` in a path that fits it, decoded where they can be. */
export function pathValues(template: string, path: string): ReadonlyMap<string, string> {
  const parts = path.split('/');
  return new Map(
    template.split('/').flatMap((part, index) => {
      const name = /\{(.+)\}/.exec(part)?.[1];
      const value = expressionOf(part).exec(parts[index] ?? '')?.[1];
      return name === undefined ? [] : [[name, decoded(value ?? '')] as const];
    }),
  );
}

/** What is no encoding is taken as it was sent: it is the service's to refuse. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** One step of a JSON pointer, as it is written in a URI fragment. */
export function escaped(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function inside(part: unknown, key: string): unknown {
  return Array.isArray(part) ? part[Number(key)] : z.record(z.string(), z.unknown()).parse(part)[key];
}

function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

function fits(template: string, path: string): boolean {
  const [left, right] = [template.split('/'), path.split('/')];
  return left.length === right.length && left.every((part, index) => expressionOf(part).test(right[index] ?? ''));
}

/** What matches a segment of a template: `{id}`, or a key in parentheses, `roles(templateId='{id}')`. */
function expressionOf(part: string): RegExp {
  const literals = part.split(/\{[^}]*\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('(.+)')}$`);
}
