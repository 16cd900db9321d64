/** Every answer of the sandbox, held against the OpenAPI slices of Microsoft's own metadata. */
import { existsSync, readFileSync } from 'node:fs';
import { type Client, ResponseType } from '@microsoft/microsoft-graph-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Contract } from '../contracts/contract.ts';
import { graphAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson } from '../world/tenants.ts';

const V1 = new URL('../../../shared/contracts/graph-v1.0.openapi.json', import.meta.url);
const BETA = new URL('../../../shared/contracts/graph-beta-exchange-roles.openapi.json', import.meta.url);
const present = existsSync(V1) && existsSync(BETA);
if (!present)
  console.warn('skipped: the contracts of Graph are not in ../shared/contracts, so nothing is held against them');

const LENA = '/users/lena.fischer@alderbyrne.example';
const GRACE = '/users/grace.adeyemi@alderbyrne.example';
const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

type Answer = Record<string, unknown> & { id: string; value: readonly Record<string, unknown>[] };
const answerSchema = z.looseObject({
  id: z.string().default(''),
  value: z.array(z.record(z.string(), z.unknown())).default([]),
});

describe.skipIf(!present)('the answers of Graph', () => {
  let sandbox: TestSandbox;
  let app: Client;
  let person: Client;

  beforeAll(async () => {
    sandbox = await startTestSandbox();
    sandbox.parts.consents.grant(alderByrne.id, [
      'User.Read.All',
      'Mail.ReadWrite',
      'Directory.Read.All',
      'RoleManagement.Read.Exchange',
    ]);
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['Directory.Read.All']);
    app = sandbox.graph();
    person = await graphAs(sandbox, { account: 'grace.adeyemi@alderbyrne.example', scopes: ['User.Read'] });
  });
  afterAll(() => sandbox.stop());

  /** Sends requests to one version of Graph, holds the answers against its contract, gives them back. */
  const caller = (file: URL, version: 'v1.0' | 'beta', expected: 'served' | 'refused' = 'served') => {
    const contract = new Contract(JSON.parse(readFileSync(file, 'utf8')), { unknownInAnswers: 'faults' });
    const tried = new Set<string>();
    const call = async (method: string, path: string, body?: unknown, client: Client = app): Promise<Answer> => {
      const request = client
        .api(path)
        .version(version)
        .header('ConsistencyLevel', 'eventual')
        .responseType(ResponseType.RAW);
      const sent: unknown = await send(request, method, body);
      if (!(sent instanceof Response)) throw new TypeError('the client gave no raw answer');
      const text = await sent.text();
      const answer: unknown = text === '' ? undefined : JSON.parse(text);
      expect(sent.status < 400 ? 'served' : 'refused', `${method} ${path} ${text.slice(0, 300)}`).toBe(expected);
      const [route = ''] = path.split('?');
      const operation = contract.find(method, route);
      if (operation === undefined) throw new RangeError(`${method} ${route} is not in the contract`);
      tried.add(operation.name);
      const faults = contract.answerFaults(operation, { status: sent.status, body: answer });
      expect(faults, `${method} ${path} ${text.slice(0, 300)}`).toEqual([]);
      return answerSchema.parse(answer ?? {});
    };
    return { call, untried: () => contract.operations.filter((name) => !tried.has(name)), contract };
  };

  it('keep to it, on every route of the contract', async () => {
    const { call, untried } = caller(V1, 'v1.0');
    await call('GET', '/users?$top=5&$count=true');
    await call('GET', '/users?$select=id,mail,userPrincipalName,proxyAddresses,userType,accountEnabled');
    await call('GET', LENA);
    await call('GET', '/organization');
    await call('GET', `/organization/${alderByrne.id}`);
    await call('GET', '/me', undefined, person);
    await call('GET', '/me/memberOf', undefined, person);
    await call('GET', '/me/memberOf/microsoft.graph.directoryRole?$count=true', undefined, person);
    await call('GET', `${GRACE}/memberOf`);
    await call('GET', `${GRACE}/transitiveMemberOf/microsoft.graph.directoryRole?$count=true`);
    const { value: roles } = await call('GET', '/directoryRoles?$expand=members');
    await call('GET', `/directoryRoles/${String(roles[0]?.id)}/members`);
    await call('GET', `/directoryRoles(roleTemplateId='${GLOBAL_ADMINISTRATOR}')/members`);
    await call('GET', '/roleManagement/directory/roleAssignments?$expand=principal,roleDefinition&$count=true&$top=1');
    await call('GET', '/roleManagement/directory/roleDefinitions');
    await call('GET', `/roleManagement/directory/roleDefinitions/${GLOBAL_ADMINISTRATOR}`);
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

    expect(untried()).toEqual([]);
  });

  it('keep to it when they refuse', async () => {
    const { call } = caller(V1, 'v1.0', 'refused');
    await call('GET', '/users/nobody');
    await call('GET', '/users?$filter=mail is x');
    await call('GET', '/users/nobody@alderbyrne.example/mailFolders');
    await call('GET', '/me');
    await call('GET', '/directoryRoles/nonsense/members');
    await call('POST', `${LENA}/messages`, { nonsense: true });
    await call('POST', '/$batch', { requests: [] });
  });

  it.each(['user', 'organization'])('have every property of %s that the contract has', async (type) => {
    const { call, contract } = caller(V1, 'v1.0');
    const names = contract.properties(`#/components/schemas/microsoft.graph.${type}`);
    expect(names.length).toBeGreaterThan(20);
    const at = type === 'user' ? GRACE : `/organization/${alderByrne.id}`;
    const answer = await call('GET', `${at}?$select=${names.join(',')}`);
    expect(names.filter((name) => answer[name] === undefined)).toEqual([]);
  });

  it('keep to it in beta, where Exchange roles are', async () => {
    const { call, untried } = caller(BETA, 'beta');
    const roles = '/roleManagement/exchange';
    const { value: definitions } = await call(
      'GET',
      `${roles}/roleDefinitions?$filter=displayName eq 'Mailbox Import Export'`,
    );
    expect(definitions).toHaveLength(1);
    await call('GET', `${roles}/roleDefinitions/${String(definitions[0]?.id)}`);
    const noa = findPerson(alderByrne, 'noa.levi@alderbyrne.example');
    const query = `$filter=principalId eq '/Users/${noa?.id}'&$expand=roleDefinition&$select=id,principalId`;
    const { value: assignments, '@odata.context': context } = await call('GET', `${roles}/roleAssignments?${query}`);
    expect(assignments).toMatchObject([{ principalId: `/Users/${noa?.id}`, roleDefinition: definitions[0] }]);
    expect(context).toBe(
      `${sandbox.urls.graph}/beta/$metadata#roleManagement/exchange/roleAssignments(id,principalId,roleDefinition())`,
    );
    await call('GET', `${roles}/roleAssignments?$top=1`);
    expect(untried()).toEqual([]);
    const refused = caller(BETA, 'beta', 'refused');
    await refused.call('GET', `${roles}/roleDefinitions/00000000-0000-0000-0000-000000000000`);
    await refused.call('GET', `${roles}/roleAssignments?$expand=nonsense`);
  });
});

function send(request: ReturnType<Client['api']>, method: string, body: unknown): Promise<unknown> {
  if (method === 'POST') return request.post(body);
  if (method === 'PATCH') return request.patch(body);
  return method === 'DELETE' ? request.delete() : request.get();
}
