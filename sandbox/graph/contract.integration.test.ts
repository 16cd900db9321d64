/** Every answer of the sandbox, held against the OpenAPI slice of Microsoft's own metadata. */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const CONTRACT = new URL('../../../shared/contracts/graph-v1.0.openapi.json', import.meta.url);
const present = existsSync(CONTRACT);
if (!present)
  console.warn('skipped: ../shared/contracts/graph-v1.0.openapi.json is missing, so answers are not held against it');

const LENA = '/users/lena.fischer@alderbyrne.example';
/** Routes of the contract that no part of the product asks for so far. */
const notServedYet = [
  'GET /directoryRoles',
  "GET /directoryRoles(roleTemplateId='{roleTemplateId}')/members",
  'GET /directoryRoles/{directoryRole-id}/members',
  'GET /me',
  'GET /me/memberOf',
  'GET /me/memberOf/microsoft.graph.directoryRole',
  'GET /roleManagement/directory/roleAssignments',
  'GET /roleManagement/directory/roleDefinitions',
  'GET /roleManagement/directory/roleDefinitions/{unifiedRoleDefinition-id}',
  'GET /users/{user-id}/memberOf',
  'GET /users/{user-id}/transitiveMemberOf/microsoft.graph.directoryRole',
];

const schemaShape = z.looseObject({
  $ref: z.string().optional(),
  allOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});
const operationShape = z.looseObject({ responses: z.record(z.string(), z.unknown()).optional() });
const contractShape = z.looseObject({
  // beside the methods a path has `parameters`, which is a list
  paths: z.record(z.string(), z.record(z.string(), z.union([operationShape, z.array(z.unknown())]))),
  components: z.looseObject({ schemas: z.record(z.string(), schemaShape) }),
});

class Contract {
  readonly #document = contractShape.parse(JSON.parse(readFileSync(CONTRACT, 'utf8')));
  readonly #ajv = new Ajv({ strict: false, validateSchema: false, allErrors: true });
  readonly #covered = new Set<string>();

  constructor() {
    // ajv-formats is CommonJS: its function is the default export of the default export
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ ...this.#document, $id: 'graph' });
  }

  /** Operations that nothing was asked of. */
  untried(): readonly string[] {
    return Object.entries(this.#document.paths)
      .flatMap(([path, operations]) =>
        Object.entries(operations).flatMap(([method, operation]) =>
          Array.isArray(operation) ? [] : [`${method.toUpperCase()} ${path}`],
        ),
      )
      .filter((operation) => !this.#covered.has(operation))
      .toSorted();
  }

  /** The faults of an answer; empty when it keeps to the contract. */
  faults(method: string, path: string, status: number, body: unknown): readonly string[] {
    const template = Object.keys(this.#document.paths).find((one) => fits(one, path));
    if (template === undefined) return [`${path} is not in the contract`];
    const operation = this.#document.paths[template]?.[method.toLowerCase()];
    if (!operation || Array.isArray(operation)) return [`${method} ${template} is not in the contract`];
    this.#covered.add(`${method} ${template}`);
    if (status >= 400) return this.#check('#/components/schemas/microsoft.graph.ODataErrors.ODataError', body);
    if (!(String(status) in (operation.responses ?? {}))) return [`${method} ${template} does not answer ${status}`];
    if (status === 204) return [];
    const pointer = `#/paths/${escapePointer(template)}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
    return [...this.#check(pointer, body), ...this.#unknownNames(this.#at(pointer), body, template)];
  }

  #check(pointer: string, body: unknown): readonly string[] {
    const validate = this.#ajv.compile({ $ref: `graph${pointer}` });
    return validate(body) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }

  #at(pointer: string): unknown {
    return pointer
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (value, key) =>
          z.record(z.string(), z.unknown()).parse(value)[
            decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
          ],
        this.#document,
      );
  }

  /** Names that Microsoft's metadata does not know, which JSON Schema lets pass. */
  #unknownNames(schema: unknown, body: unknown, where: string): readonly string[] {
    if (Array.isArray(body)) {
      const { items } = this.#resolved(schema);
      return body.flatMap((one, index) => this.#unknownNames(items, one, `${where}[${index}]`));
    }
    if (typeof body !== 'object' || body === null) return [];
    // where the contract says "attachment", an answer says which kind
    const kind = '@odata.type' in body && typeof body['@odata.type'] === 'string' ? body['@odata.type'] : undefined;
    const known = this.#properties(kind ? { $ref: kind.replace('#', '#/components/schemas/') } : schema);
    if (known.size === 0) return [];
    return Object.entries(body).flatMap(([name, value]) => {
      if (name.includes('@')) return [];
      return known.has(name)
        ? this.#unknownNames(known.get(name), value, `${where}/${name}`)
        : [`${where}: ${name} is no property`];
    });
  }

  #resolved(schema: unknown): z.infer<typeof schemaShape> {
    const shape = schemaShape.parse(schema ?? {});
    return shape.$ref === undefined ? shape : this.#resolved(this.#at(shape.$ref));
  }

  #properties(schema: unknown): Map<string, unknown> {
    const { properties = {}, allOf = [], anyOf = [] } = this.#resolved(schema);
    return new Map([
      ...[...allOf, ...anyOf].flatMap((part) => [...this.#properties(part)]),
      ...Object.entries(properties),
    ]);
  }
}

function fits(template: string, path: string): boolean {
  const [left, right] = [template.split('/'), path.split('/')];
  return left.length === right.length && left.every((part, index) => part.startsWith('{') || part === right[index]);
}

function escapePointer(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}

describe.skipIf(!present)('the answers of Graph', () => {
  let sandbox: TestSandbox;
  let contract: Contract;
  let authorization: string;

  beforeAll(async () => {
    sandbox = await startTestSandbox();
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    contract = new Contract();
    authorization = `Bearer ${await sandbox.token()}`;
  });
  afterAll(() => sandbox.stop());

  /** Sends a request, holds the answer against the contract, gives the answer back. */
  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown> & { id: string }> => {
    const response = await fetch(`${sandbox.urls.graph}/v1.0${path}`, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    const [route = ''] = path.split('?');
    expect(contract.faults(method, route, response.status, answer), `${method} ${path} ${text.slice(0, 300)}`).toEqual(
      [],
    );
    return z.looseObject({ id: z.string().default('') }).parse(answer ?? {});
  };

  it('keep to it, on every route that the sandbox serves', async () => {
    await call('GET', '/users?$top=5&$count=true');
    await call('GET', '/users?$select=id,mail,userPrincipalName,proxyAddresses,userType,accountEnabled');
    await call('GET', LENA);
    await call('GET', '/organization');
    await call('GET', `/organization/${alderByrne.id}`);
    await call('GET', `${LENA}/mailFolders?$count=true&$top=2`);
    const folder = await call('POST', `${LENA}/mailFolders`, { displayName: 'Contract' });
    await call('POST', `${LENA}/mailFolders/${folder.id}/childFolders`, { displayName: 'Child' });
    await call('GET', `${LENA}/mailFolders/${folder.id}/childFolders`);
    await call('PATCH', `${LENA}/mailFolders/${folder.id}`, { displayName: 'Contract 2' });
    await call('GET', `${LENA}/mailFolders/${folder.id}`);

    const recipient = { emailAddress: { name: 'A', address: 'a@b.example' } };
    const file = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.txt', contentBytes: 'aGVsbG8=' };
    const content = {
      subject: 's',
      body: { contentType: 'html', content: '<p>x</p>' },
      from: recipient,
      toRecipients: [recipient],
      internetMessageHeaders: [{ name: 'x-a', value: 'b' }],
      attachments: [file],
      singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '1' }],
    };
    await call('POST', `${LENA}/messages`, content);
    const message = await call('POST', `${LENA}/mailFolders/${folder.id}/messages`, content);
    const messages = `${LENA}/messages/${message.id}`;
    await call('GET', `${LENA}/messages?$top=1`);
    await call('GET', `${LENA}/mailFolders/${folder.id}/messages?$count=true`);
    await call('GET', `${LENA}/mailFolders/${folder.id}/messages/${message.id}`);
    await call('GET', `${messages}?$select=internetMessageHeaders,isRead`);
    await call('GET', `${messages}?$expand=attachments,singleValueExtendedProperties($filter=id eq 'Integer 0x0E07')`);
    await call('PATCH', messages, { isRead: true });
    const added = await call('POST', `${messages}/attachments`, file);
    await call('POST', `${LENA}/mailFolders/${folder.id}/messages/${message.id}/attachments`, file);
    await call('GET', `${messages}/attachments`);
    await call('GET', `${LENA}/mailFolders/${folder.id}/messages/${message.id}/attachments`);
    await call('GET', `${messages}/attachments/${added.id}`);
    await call('DELETE', `${messages}/attachments/${added.id}`);
    const session = { AttachmentItem: { attachmentType: 'file', name: 'b', size: 4_000_000 } };
    await call('POST', `${messages}/attachments/createUploadSession`, session);
    await call(
      'POST',
      `${LENA}/mailFolders/${folder.id}/messages/${message.id}/attachments/createUploadSession`,
      session,
    );
    const moved = await call('POST', `${messages}/move`, { destinationId: 'inbox' });
    await call('DELETE', `${LENA}/messages/${moved.id}`);
    await call('DELETE', `${LENA}/mailFolders/${folder.id}`);
    await call('POST', '/$batch', { requests: [{ id: '1', method: 'GET', url: '/organization' }] });

    expect(contract.untried()).toEqual(notServedYet);
  });

  it('keep to it when they refuse', async () => {
    await call('GET', '/users/nobody');
    await call('GET', '/users?$filter=mail is x');
    await call('GET', '/users/nobody@alderbyrne.example/mailFolders');
    await call('POST', `${LENA}/messages`, { nonsense: true });
    await call('POST', '/$batch', { requests: [] });
  });
});
