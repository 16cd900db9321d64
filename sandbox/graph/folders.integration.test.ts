/** Folders that clash, and the one that is no place for folders. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { parseFolderId } from './ids.ts';
import { refusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const api = (path: string) => sandbox.graph().api(`${LENA}${path}`).header('Prefer', 'IdType="ImmutableId"');
const make = (displayName: string, path = '/mailFolders') => api(path).post({ displayName });

describe('a deleted folder', () => {
  it('gets a name that is free in Deleted Items, whatever its siblings are called', async () => {
    const before = await make('A');
    await api(`/mailFolders/${before.id}`).delete();
    const twin = await make('A');
    for (const number of [1, parseFolderId(twin.id)]) await make(`A (${number})`);
    await api(`/mailFolders/${twin.id}`).delete();
    const third = await make('a');
    await api(`/mailFolders/${third.id}`).delete();

    const { value } = await api('/mailFolders/deleteditems/childFolders').select('displayName').get();
    expect(value.map((one: { displayName: string }) => one.displayName)).toEqual(['A', 'A (1)', 'a (2)']);
    expect(value.map((one: { id: string }) => one.id)).toEqual([before.id, twin.id, third.id]);
  });
});

describe('the recoverable items', () => {
  it('clash with no folder of the owner’s, and have no parent', async () => {
    expect(await refusal(make('Deletions'))).toBe('accepted');
    expect((await api('/mailFolders/recoverableitemsdeletions').get()).parentFolderId).toBeNull();
  });

  it('take no folders', async () => {
    const path = '/mailFolders/recoverableitemsdeletions/childFolders';
    expect(await refusal(make('Hidden away', path))).toEqual([403, 'ErrorAccessDenied']);
  });
});

describe('a message in the recoverable items', () => {
  const file = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: 'eA==' };
  const session = { AttachmentItem: { attachmentType: 'file', name: 'clip', size: 4_000_000 } };

  it('answers by its immutable id on every route, and by the id that it had on none', async () => {
    const { id } = await api('/mailFolders/inbox/messages').post({ subject: 'Gone', attachments: [file] });
    const regular = (await sandbox.graph().api(`${LENA}/messages/${id}`).select('id').get()).id;
    await api(`/messages/${id}`).delete();
    const work = (name: string) => [
      () => api(`/messages/${name}`).get(),
      () => api(`/messages/${name}`).patch({ isRead: true }),
      () => api(`/messages/${name}/attachments`).get(),
      () => api(`/messages/${name}/attachments`).post(file),
      () => api(`/messages/${name}/attachments/createUploadSession`).post(session),
      () => api(`/messages/${name}/move`).post({ destinationId: 'inbox' }),
    ];
    for (const one of work(regular)) expect(await refusal(one()), String(one)).toEqual([404, 'ErrorItemNotFound']);
    for (const one of work(id)) expect(await refusal(one()), String(one)).toBe('accepted');
    expect((await api('/messages').get()).value.map((one: { id: string }) => one.id)).toEqual([id]);
  });
});

describe('names of folders', () => {
  it('clash in any case, in every script', async () => {
    await make('\u00c4rger');
    expect(await refusal(make('\u00e4rger'))).toEqual([409, 'ErrorFolderExists']);
    const other = await make('Other');
    expect(await refusal(api(`/mailFolders/${other.id}`).patch({ displayName: '\u00c4RGER' }))).toEqual([
      409,
      'ErrorFolderExists',
    ]);
    expect((await api(`/mailFolders/${other.id}`).patch({ displayName: 'OTHER' })).displayName).toBe('OTHER');
  });
});

describe('damaged ids', () => {
  it('are malformed, and never those of something else', async () => {
    const folder = await make('Named');
    const { id } = await api(`/mailFolders/${folder.id}/messages`).post({ subject: 'x' });
    for (const path of [`/messages/${id}`, `/mailFolders/${folder.id}`]) {
      for (const damage of ['!!', '==', '%20', 'A']) {
        expect(await refusal(api(`${path}${damage}`).get()), damage).toEqual([400, 'ErrorInvalidIdMalformed']);
      }
    }
  });
});
