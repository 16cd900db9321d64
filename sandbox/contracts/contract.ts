/** Holds requests and answers against a service's OpenAPI contract, and names what does not keep to it. */
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { type At, escaped, OpenApiDocument, type Operation, pathValues } from './document.ts';

export interface Request {
  /** below the server's address, percent-encoded, without the query: `/users/x/messages` */
  readonly path: string;
  /** undefined where the address was the service's own, to be followed as it is */
  readonly query: URLSearchParams | undefined;
  /** names in lower case */
  readonly headers: Readonly<Record<string, unknown>>;
  /** undefined: none */
  readonly body: unknown;
  /** the rest of the body never came */
  readonly isCut?: boolean;
}

export interface Answer {
  readonly status: number;
  /** names in lower case; undefined where nobody looked */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** undefined: none; bytes where it is no JSON */
  readonly body: unknown;
}

export interface ContractRules {
  /** schemas by status that answer every operation, beside those that it lists: pointers to media types' schemas */
  readonly everywhere?: Readonly<Record<number, string>>;
  /** whether answers may have properties that the contract does not name; requests never may */
  readonly unknownInAnswers: 'allowed' | 'faults';
}

const JSON_TYPE = 'application/json';
/** Too Early and Too Many Requests; Service Unavailable may leave it open. */
const COME_BACK: ReadonlySet<number> = new Set([425, 429]);

export class Contract {
  readonly #document: OpenApiDocument;
  readonly #rules: ContractRules;
  readonly #bodies: Ajv;
  /** what stands in an address or a header is text, whatever its type */
  readonly #texts: Ajv;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(content: unknown, rules: ContractRules) {
    this.#document = new OpenApiDocument(content);
    this.#rules = rules;
    this.#bodies = validatorOf(this.#document.root, false);
    this.#texts = validatorOf(this.#document.root, true);
  }

  /** `GET /users/{user-id}` for each operation. */
  get operations(): readonly string[] {
    return this.#document.operations.map(({ name }) => name).toSorted();
  }

  /** Names of the properties that bodies of a schema have, by its pointer: `#/components/schemas/user`. */
  properties(pointer: string): readonly string[] {
    return [...this.#document.properties({ $ref: pointer }).keys()].filter((name) => !name.includes('@'));
  }

  /** The operation of a path; undefined where the contract has none. */
  find(method: string, path: string): Operation | undefined {
    return this.#document.find(method, path);
  }

  /** What is wrong with a request; empty when it keeps to the contract. */
  requestFaults(operation: Operation, request: Request): readonly string[] {
    const { body, isCut = false } = request;
    return [...this.#parameterFaults(operation, request), ...(isCut ? [] : this.#requestBodyFaults(operation, body))];
  }

  /** Whether the contract has an answer of this status to an operation. */
  knowsStatus(operation: Operation, status: number): boolean {
    return this.#answer(operation, status) !== undefined || this.#rules.everywhere?.[status] !== undefined;
  }

  /** What is wrong with an answer; empty when it keeps to the contract. */
  answerFaults(operation: Operation, given: Answer): readonly string[] {
    const { status, body, headers } = given;
    const answer = this.#answer(operation, status);
    const everywhere = this.#rules.everywhere?.[status];
    if (answer === undefined) {
      return everywhere === undefined ? [`no answer has status ${status}`] : this.#fits(this.#bodies, everywhere, body);
    }
    const headerFaults = headers === undefined ? [] : this.#headerFaults(answer, status, headers);
    if (headerFaults.length > 0) return headerFaults;
    if (status === 204 && body !== undefined) return ['a 204 has no body'];
    if (answer.value.content === undefined) return [];
    if (body === undefined) return ['the body is missing'];
    if (!(JSON_TYPE in answer.value.content)) return body instanceof Uint8Array ? [] : ['the body is no bytes'];
    const schema = schemaOf(answer);
    return [
      ...this.#fits(this.#bodies, schema, body),
      ...(this.#rules.unknownInAnswers === 'faults' ? this.#unknown({ $ref: schema }, body, '') : []),
    ];
  }

  #answer({ answers }: Operation, status: number): ReturnType<Operation['answers']['get']> {
    return answers.get(String(status)) ?? answers.get(`${String(status)[0]}XX`);
  }

  /** Every header that an answer declares is there; when to come back, only where the status says that one should. */
  #headerFaults(
    { pointer, value }: NonNullable<ReturnType<Operation['answers']['get']>>,
    status: number,
    headers: Readonly<Record<string, unknown>>,
  ): readonly string[] {
    return Object.keys(value.headers).flatMap((name) => {
      const sent = headers[name.toLowerCase()];
      if (sent === undefined) return name === 'Retry-After' && !COME_BACK.has(status) ? [] : [`${name} is missing`];
      const schema = `${pointer}/headers/${escaped(name)}/schema`;
      return this.#fits(this.#texts, schema, sent).map((fault) => at(name, fault));
    });
  }

  #parameterFaults(operation: Operation, { path, query, headers }: Request): readonly string[] {
    const inPath = pathValues(operation.template, path);
    const declared = operation.parameters.flatMap(({ pointer, value: { name, in: place, required } }) => {
      if (place === 'query' && query === undefined) return [];
      const sent = { path: inPath.get(name), query: query?.get(name), header: headers[name.toLowerCase()] }[place];
      if (sent === undefined || sent === null) return required ? [`${name} is missing`] : [];
      return this.#fits(this.#texts, `${pointer}/schema`, sent).map((fault) => at(name, fault));
    });
    const names = operation.parameters.flatMap(({ value }) => (value.in === 'query' ? [value.name] : []));
    const others = [...(query?.keys() ?? [])].filter((name) => !names.includes(name));
    return [...declared, ...others.map((name) => `${name} is no parameter`)];
  }

  #requestBodyFaults({ body: declared }: Operation, body: unknown): readonly string[] {
    if (declared === undefined) return body === undefined ? [] : ['there is no body in the contract'];
    if (body === undefined) return declared.value.required ? ['the body is missing'] : [];
    const schema = schemaOf(declared);
    return [...this.#fits(this.#bodies, schema, body), ...this.#unknown({ $ref: schema }, body, '')];
  }

  #fits(ajv: Ajv, schema: string, value: unknown): readonly string[] {
    const key = `${ajv === this.#texts} ${schema}`;
    const validate = this.#validators.get(key) ?? ajv.compile({ properties: { value: { $ref: `contract${schema}` } } });
    this.#validators.set(key, validate);
    if (validate({ value })) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) =>
      at(instancePath.slice('/value'.length), message ?? ''),
    );
  }

  /** Names that the contract does not have, which JSON Schema lets pass. */
  #unknown(schema: unknown, value: unknown, where: string): readonly string[] {
    if (Array.isArray(value)) {
      const { items } = this.#document.schema(schema);
      return value.flatMap((one, index) => this.#unknown(items, one, `${where}/${index}`));
    }
    if (typeof value !== 'object' || value === null) return [];
    // Where the contract says "attachment", a body says which kind.
    const kind = '@odata.type' in value && typeof value['@odata.type'] === 'string' ? value['@odata.type'] : undefined;
    const name = kind?.replace('#', '');
    if (name !== undefined && !this.#document.hasSchema(name)) return [`${where} is of the kind ${name}`.trimStart()];
    const actual = name === undefined ? undefined : `#/components/schemas/${escaped(name)}`;
    const known = this.#document.properties(actual === undefined ? schema : { $ref: actual });
    const faults = actual === undefined ? [] : this.#fits(this.#bodies, actual, value);
    if (known.size === 0) return faults;
    return [
      ...faults.map((fault) => at(where, fault)),
      ...Object.entries(value).flatMap(([name, one]) => {
        if (name.includes('@')) return [];
        return known.has(name)
          ? this.#unknown(known.get(name), one, `${where}/${name}`)
          : [`${where}/${name} is no property`];
      }),
    ];
  }
}

/** A fault that was found somewhere inside of `where`. */
function at(where: string, fault: string): string {
  return fault.startsWith('/') ? `${where}${fault}` : `${where} ${fault}`.trimStart();
}

function schemaOf({ pointer }: At<unknown>): string {
  return `${pointer}/content/${escaped(JSON_TYPE)}/schema`;
}

function validatorOf(root: Readonly<Record<string, unknown>>, coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true, coerceTypes });
  // ajv-formats is CommonJS: its function is the default export of the default export
  addFormats.default(ajv);
  // The package's own pattern for base64 overflows the stack with a video.
  ajv.addFormat('byte', (text: string) => text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text));
  ajv.addSchema({ ...root, $id: 'contract' });
  return ajv;
}
