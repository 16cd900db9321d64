/** Every answer of the sandbox, held against the OpenAPI slice of Microsoft's own metadata. */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Contract } from '../contracts/contract.ts';
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

describe.skipIf(!present)('the answers of Graph', () => {
  let sandbox: TestSandbox;
  let contract: Contract;
  let authorization: string;
  const tried = new Set<string>();

  beforeAll(async () => {
    sandbox = await startTestSandbox();
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    contract = new Contract(JSON.parse(readFileSync(CONTRACT, 'utf8')), { unknownInAnswers: 'faults' });
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
    const operation = contract.find(method, route);
    if (operation === undefined) throw new RangeError(`${method} ${route} is not in the contract`);
    tried.add(operation.name);
    const faults = contract.answerFaults(operation, { status: response.status, body: answer });
    expect(faults, `${method} ${path} ${text.slice(0, 300)}`).toEqual([]);
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

    expect(contract.operations.filter((name) => !tried.has(name))).toEqual(notServedYet);
  });

  it('keep to it when they refuse', async () => {
    await call('GET', '/users/nobody');
    await call('GET', '/users?$filter=mail is x');
    await call('GET', '/users/nobody@alderbyrne.example/mailFolders');
    await call('POST', `${LENA}/messages`, { nonsense: true });
    await call('POST', '/$batch', { requests: [] });
  });
});
