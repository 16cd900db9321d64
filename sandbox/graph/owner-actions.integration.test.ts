/** What the owner of a mailbox does with what was written there, and what a client finds afterwards. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { refusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const BEN = '/users/ben.carter@alderbyrne.example';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const api = (path: string) => sandbox.graph().api(path).header('Prefer', 'IdType="ImmutableId"');
const folderNamed = (displayName: string, parent = '/mailFolders') => api(`${LENA}${parent}`).post({ displayName });
const messageIn = (folder: string, subject: string) =>
  api(`${LENA}/mailFolders/${folder}/messages`).post({ subject, internetMessageId: `<${subject}@archive.example>` });
/** ids of the messages that a list shows for a subject */
const found = async (scope: string, subject: string) => {
  const { value } = await api(`${LENA}${scope}/messages`).filter(`subject eq '${subject}'`).select('id').get();
  return value.map((one: { id: string }) => one.id);
};

describe('the owner of a mailbox', () => {
  it('moves a message: it is in the whole mailbox, not in the folder', async () => {
    const folder = await folderNamed('Moved from');
    const { id } = await messageIn(folder.id, 'moved');
    await api(`${LENA}/messages/${id}/move`).post({ destinationId: 'archive' });
    expect(await found(`/mailFolders/${folder.id}`, 'moved')).toEqual([]);
    expect(await found('/mailFolders/archive', 'moved')).toEqual([id]);
    expect(await found('', 'moved')).toEqual([id]);
    expect(await refusal(api(`${LENA}/mailFolders/${folder.id}/messages/${id}`).get())).toEqual([
      404,
      'ErrorItemNotFound',
    ]);
  });

  it('deletes a message: it is in no list, and in the recoverable items', async () => {
    const folder = await folderNamed('Deleted from');
    const { id } = await messageIn(folder.id, 'deleted');
    await api(`${LENA}/messages/${id}`).delete();
    for (const scope of ['', `/mailFolders/${folder.id}`, '/mailFolders/deleteditems']) {
      expect(await found(scope, 'deleted')).toEqual([]);
    }
    expect(await found('/mailFolders/recoverableitemsdeletions', 'deleted')).toEqual([id]);
  });

  it('deletes a folder: it lies in Deleted Items with its messages, until it is deleted there', async () => {
    const folder = await folderNamed('Thrown away');
    const child = await folderNamed('Below', `/mailFolders/${folder.id}/childFolders`);
    const { id } = await messageIn(child.id, 'thrown');
    await api(`${LENA}/mailFolders/${folder.id}`).delete();
    const deleted = await api(`${LENA}/mailFolders/deleteditems`).get();
    expect((await api(`${LENA}/mailFolders/${folder.id}`).get()).parentFolderId).toBe(deleted.id);
    expect(await found('', 'thrown')).toEqual([id]);

    await api(`${LENA}/mailFolders/${folder.id}`).delete();
    for (const gone of [folder.id, child.id]) {
      expect(await refusal(api(`${LENA}/mailFolders/${gone}`).get())).toEqual([404, 'ErrorItemNotFound']);
    }
    expect(await found('', 'thrown')).toEqual([]);
    expect(await found('/mailFolders/recoverableitemsdeletions', 'thrown')).toEqual([id]);
  });

  it('renames a folder: its id and its messages stay, its old name is free', async () => {
    const folder = await folderNamed('Before');
    const { id } = await messageIn(folder.id, 'renamed');
    await api(`${LENA}/mailFolders/${folder.id}`).patch({ displayName: 'After' });
    expect(await found(`/mailFolders/${folder.id}`, 'renamed')).toEqual([id]);
    expect((await folderNamed('Before')).id).not.toBe(folder.id);
    const clash = api(`${LENA}/mailFolders/${folder.id}`).patch({ displayName: 'BEFORE' });
    expect(await refusal(clash)).toEqual([409, 'ErrorFolderExists']);
  });
});

describe('ids of another mailbox', () => {
  it('belong to no other, alone and in a batch', async () => {
    const folder = await folderNamed('Hers');
    const { id } = await messageIn(folder.id, 'hers');
    const attachments = `${BEN}/messages/${id}/attachments`;
    const [otherMailbox, paths] = [
      [404, 'ErrorInvalidMailboxItemId'],
      [`${BEN}/messages/${id}`, `${BEN}/mailFolders/${folder.id}`, attachments],
    ];
    for (const path of paths) expect(await refusal(api(path).get())).toEqual(otherMailbox);
    const requests = paths.map((url, index) => ({ id: String(index), method: 'GET', url }));
    const { responses } = await sandbox.graph().api('/$batch').post({ requests });
    for (const { status, body } of responses) expect([status, body.error.code]).toEqual(otherMailbox);
  });

  it('and malformed ones are told apart everywhere', async () => {
    const requests = [
      `${LENA}/messages/nonsense`,
      `${LENA}/messages/nonsense/attachments`,
      `${LENA}/mailFolders/nonsense/messages`,
      `${LENA}/mailFolders/AAMkAGAA`,
    ].map((url, index) => ({ id: String(index), method: 'GET', url }));
    const { responses } = await sandbox.graph().api('/$batch').post({ requests });
    for (const { status, body } of responses) {
      expect([status, body.error.code]).toEqual([400, 'ErrorInvalidIdMalformed']);
    }
  });

  it('are regular in a batch unless the request in it prefers otherwise', async () => {
    const { id } = await messageIn('inbox', 'regular');
    const get = { method: 'GET', url: `${LENA}/messages/${id}?$select=id` };
    const prefer = { Prefer: 'IdType="ImmutableId"' };
    const { responses } = await sandbox
      .graph()
      .api('/$batch')
      .header('Prefer', prefer.Prefer)
      .post({
        requests: [
          { id: 'regular', ...get },
          { id: 'immutable', ...get, headers: prefer },
        ],
      });
    const ids = Object.fromEntries(responses.map((one: { id: string; body: { id: string } }) => [one.id, one.body.id]));
    expect(ids.immutable).toBe(id);
    expect(ids.regular).not.toBe(id);
  });
});
