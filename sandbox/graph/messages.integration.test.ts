import type { Message } from '@microsoft/microsoft-graph-types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { kestrelBank } from '../world/tenants.ts';
import { refusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const ITEM = 'String {8ECAC74C-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name AndroidArchiverItemId';

let sandbox: TestSandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  ({ id: folder } = await sandbox.graph().api(`${LENA}/mailFolders`).post({ displayName: 'Android Archiver' }));
});
afterAll(() => sandbox.stop());

const recipient = (name: string, address: string) => ({ emailAddress: { name, address } });

/** An archived text message as the portal writes it. */
const delivered = (item: string, change: object = {}): Message => ({
  subject: 'SMS with Ben Carter',
  body: { contentType: 'text', content: 'See you at 8  🙂\n– Ben' },
  from: recipient('Ben (+1 212 555 0118)', 'ben.carter@alderbyrne.example'),
  toRecipients: [recipient('Lena (+49 176 04069002)', '4917604069002@mobile.invalid')],
  isRead: true,
  internetMessageId: `<${item}@archive.example>`,
  internetMessageHeaders: [{ name: 'x-item-id', value: item }],
  singleValueExtendedProperties: [
    { id: 'Integer 0x0E07', value: '1' },
    { id: 'SystemTime 0x0039', value: '2019-05-01T10:00:00Z' },
    { id: 'SystemTime 0x0E06', value: '2019-05-01T10:00:05Z' },
    { id: 'String 0x001A', value: 'IPM.ExternalData.AndroidArchiver' },
    { id: ITEM, value: item },
  ],
  ...change,
});

const create = (item: string, change?: object, query = '') =>
  sandbox
    .graph()
    .api(`${LENA}/mailFolders/${folder}/messages${query}`)
    .header('Prefer', 'IdType="ImmutableId"')
    .post(delivered(item, change));

describe('a created message', () => {
  it('looks delivered: times and flags from the properties, in its folder, read', async () => {
    const created = await create('delivered-1');
    expect(created).toMatchObject({
      isDraft: false,
      isRead: true,
      sentDateTime: '2019-05-01T10:00:00Z',
      receivedDateTime: '2019-05-01T10:00:05Z',
      parentFolderId: folder,
      internetMessageId: '<delivered-1@archive.example>',
      body: { contentType: 'text', content: 'See you at 8  🙂\n– Ben' },
    });
    expect(created.internetMessageHeaders).toBeUndefined();
  });

  it('shows headers and properties to who asks', async () => {
    const { id } = await create('asked-1');
    const wanted = `singleValueExtendedProperties($filter=id eq '${ITEM}' or id eq 'String 0x001A' or id eq 'Integer 0x0E07')`;
    const message = await sandbox
      .graph()
      .api(`${LENA}/messages/${id}`)
      .select('internetMessageHeaders,subject')
      .expand(wanted)
      .get();
    expect(message.internetMessageHeaders).toEqual([{ name: 'x-item-id', value: 'asked-1' }]);
    expect(message.singleValueExtendedProperties).toEqual([
      { id: 'Integer 0xe07', value: '1' },
      { id: 'String 0x1a', value: 'IPM.ExternalData.AndroidArchiver' },
      { id: ITEM.replace('8ECAC74C', '8ecac74c'), value: 'asked-1' },
    ]);
    expect(message.body).toBeUndefined();
  });

  it('is a draft of now without the flags', async () => {
    const draft = await create('draft-1', { singleValueExtendedProperties: [] });
    expect(draft.isDraft).toBe(true);
    expect(Date.now() - Date.parse(draft.receivedDateTime)).toBeLessThan(60_000);
  });

  it('gets the directory’s name for an address that it knows', async () => {
    const created = await create('names-1');
    expect(created.from.emailAddress).toEqual({ name: 'Ben Carter', address: 'ben.carter@alderbyrne.example' });
    expect(created.toRecipients[0].emailAddress.name).toBe('Lena (+49 176 04069002)');
  });

  it('stays a non-draft whatever a PATCH says', async () => {
    const { id } = await create('patched-1');
    const patched = await sandbox
      .graph()
      .api(`${LENA}/messages/${id}`)
      .patch({
        isRead: false,
        categories: ['Reviewed'],
        singleValueExtendedProperties: [
          { id: 'Integer 0x0E07', value: '8' },
          { id: 'String {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Note', value: 'kept' },
        ],
      });
    expect(patched).toMatchObject({ isDraft: false, isRead: false, categories: ['Reviewed'] });
  });

  it('may share its internetMessageId with another', async () => {
    const [one, two] = [await create('same-1'), await create('same-1')];
    expect(one.id).not.toBe(two.id);
    const filter = `internetMessageId eq '${encodeURIComponent('<same-1@archive.example>')}'`;
    const found = await sandbox.graph().api(`${LENA}/mailFolders/${folder}/messages`).filter(filter).select('id').get();
    expect(found.value).toHaveLength(2);
  });
});

describe('looking up by named property', () => {
  const find = (scope: string, name: string, value: string) =>
    sandbox
      .graph()
      .api(`${LENA}${scope}/messages`)
      .header('Prefer', 'IdType="ImmutableId"')
      .filter(`singleValueExtendedProperties/Any(ep: ep/id eq '${name}' and ep/value eq '${value}')`)
      .select('id')
      .get();

  it('finds the value in any case, the name in its own only', async () => {
    const { id } = await create('Looked-Up-1');
    const inFolder = `/mailFolders/${folder}`;
    expect((await find(inFolder, ITEM, 'lOOKED-uP-1')).value).toEqual([expect.objectContaining({ id })]);
    expect((await find(inFolder, ITEM.replace('8ECAC', '8ecac'), 'looked-up-1')).value).toHaveLength(1);
    expect((await find(inFolder, ITEM.replace('Android', 'android'), 'looked-up-1')).value).toEqual([]);
    expect((await find(inFolder, ITEM, 'looked-up')).value).toEqual([]);
  });

  it('finds in the mailbox what a user moved, by the same immutable id, and not what they deleted', async () => {
    const { id } = await create('moved-1');
    const moved = await sandbox
      .graph()
      .api(`${LENA}/messages/${id}/move`)
      .header('Prefer', 'IdType="ImmutableId"')
      .post({ destinationId: 'archive' });
    expect(moved.id).toBe(id);
    expect((await find(`/mailFolders/${folder}`, ITEM, 'moved-1')).value).toEqual([]);
    expect((await find('', ITEM, 'moved-1')).value).toEqual([expect.objectContaining({ id })]);
    await sandbox.graph().api(`${LENA}/messages/${id}`).delete();
    expect((await find('', ITEM, 'moved-1')).value).toEqual([]);
  });

  it('refuses a condition that Exchange could not search', async () => {
    const filter = "singleValueExtendedProperties/Any(ep: ep/value eq 'x')";
    const asked = sandbox.graph().api(`${LENA}/messages`).filter(filter).get();
    expect(await refusal(asked)).toEqual([400, 'ErrorInvalidUrlQueryFilter']);
  });

  it('does not reach into another mailbox', async () => {
    await create('mine-1');
    const other = await sandbox
      .graph()
      .api('/users/ben.carter@alderbyrne.example/messages')
      .filter(`singleValueExtendedProperties/Any(ep: ep/id eq '${ITEM}' and ep/value eq 'mine-1')`)
      .get();
    expect(other.value).toEqual([]);
  });
});

describe('ids', () => {
  it('change with a move unless they are immutable', async () => {
    const { id: immutable } = await create('ids-1');
    const regular = (await sandbox.graph().api(`${LENA}/messages/${immutable}`).select('id').get()).id;
    expect(regular).not.toBe(immutable);
    const moved = await sandbox.graph().api(`${LENA}/messages/${regular}/move`).post({ destinationId: 'inbox' });
    expect(moved.id).not.toBe(regular);
    expect(await refusal(sandbox.graph().api(`${LENA}/messages/${regular}`).get())).toEqual([404, 'ErrorItemNotFound']);
    expect((await sandbox.graph().api(`${LENA}/messages/${immutable}`).get()).parentFolderId).toBe(
      moved.parentFolderId,
    );
  });

  it('are told apart as malformed and as unknown', async () => {
    expect(await refusal(sandbox.graph().api(`${LENA}/messages/nonsense`).get())).toEqual([
      400,
      'ErrorInvalidIdMalformed',
    ]);
    const { id } = await create('ids-2');
    const elsewhere = sandbox.graph().api(`/users/ben.carter@alderbyrne.example/messages/${id}`).get();
    expect(await refusal(elsewhere)).toEqual([404, 'ErrorInvalidMailboxItemId']);
  });
});

describe('a message is refused', () => {
  const header = (name: string, value: string) => ({ name, value });
  it.each<[string, object, number, string]>([
    ['with no header in the list', { internetMessageHeaders: [] }, 400, 'InvalidInternetMessageHeaderCollection'],
    [
      'with six headers',
      { internetMessageHeaders: Array.from({ length: 6 }, (_, i) => header(`x-${i}`, 'v')) },
      400,
      'InvalidInternetMessageHeaderCollection',
    ],
    [
      'with a header not beginning x-',
      { internetMessageHeaders: [header('References', 'v')] },
      400,
      'InvalidInternetMessageHeader',
    ],
    [
      'with a header of 996 characters',
      { internetMessageHeaders: [header('x-a', 'v'.repeat(996))] },
      400,
      'InvalidInternetMessageHeader',
    ],
    ['with a number for an address', { toRecipients: [recipient('x', '+12125550101')] }, 400, 'ErrorInvalidRecipients'],
    ['with receivedDateTime in the body', { receivedDateTime: '2019-05-01T10:00:00Z' }, 400, 'ErrorInvalidPropertySet'],
    ['with isDraft in the body', { isDraft: false }, 400, 'ErrorInvalidPropertySet'],
    ['with a property that does not exist', { nonsense: 1 }, 400, 'RequestBodyRead'],
    ['with text where a list belongs', { toRecipients: 'x' }, 400, 'RequestBodyRead'],
    [
      'with a malformed property id',
      { singleValueExtendedProperties: [{ id: 'nonsense', value: 'x' }] },
      400,
      'ErrorInvalidPropertyId',
    ],
    ['with an attachment without type', { attachments: [{ name: 'a', contentBytes: '' }] }, 422, 'UnprocessableType'],
    [
      'with an attachment that is no base64',
      { attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: '*' }] },
      400,
      'UnableToDeserializePostBody',
    ],
  ])('%s', async (_, change, status, code) => {
    expect(await refusal(create('refused', change))).toEqual([status, code]);
  });

  it('when it is no JSON, too long, or of another type', async () => {
    const post = async (body: string, type = 'application/json') => {
      const url = `${sandbox.urls.graph}/v1.0${LENA}/messages`;
      const headers = { authorization: `Bearer ${await sandbox.token()}`, 'content-type': type };
      const response = await fetch(url, { method: 'POST', headers, body });
      return [response.status, (await response.json()).error.code];
    };
    expect(await post('{"subject":')).toEqual([400, 'BadRequest']);
    expect(await post('x', 'application/xml')).toEqual([415, 'BadRequest']);
    expect(await post(JSON.stringify({ subject: 'x'.repeat(4_200_000) }))).toEqual([413, 'BadRequest']);
  });

  it('when the mailbox takes no larger ones', async () => {
    const control = (body: object) =>
      fetch(`${sandbox.urls.http}/sandbox/control/limits`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await control({ messageBytes: 10 });
    expect(await refusal(create('large-1'))).toEqual([400, 'ErrorMessageSizeExceeded']);
    await control({ messageBytes: 36_700_160 });
    expect(await refusal(create('large-1'))).toBe('accepted');
  });
});

describe('a mailbox answers', () => {
  const list = (user: string) =>
    refusal(
      sandbox
        .graph()
        .api(`/users/${encodeURIComponent(user)}/mailFolders`)
        .get(),
    );
  it.each([
    ['henrik.dahl@alderbyrne.example', 'accepted'],
    ['frontdesk@alderbyrne.example', 'accepted'],
    ['yuki.tanaka@alderbyrne.example', [404, 'MailboxNotEnabledForRESTAPI']],
    ['elif.demir_brightwell.example#EXT#@alderbyrne.example', [404, 'ResourceNotFound']],
    ['nobody@alderbyrne.example', [404, 'ErrorInvalidUser']],
    ['amara.mensah@kestrelbank.example', [404, 'ErrorInvalidUser']],
    ['victor.lindqvist@alderbyrne.example', 'accepted'],
  ])('%s: %j', async (user, expected) => expect(await list(user)).toEqual(expected));

  it('nothing can be written to a full one', async () => {
    const post = sandbox
      .graph()
      .api('/users/victor.lindqvist@alderbyrne.example/mailFolders')
      .post({ displayName: 'x' });
    expect(await refusal(post)).toEqual([507, 'ErrorQuotaExceeded']);
  });

  it('not to an app without a mail permission', async () => {
    sandbox.parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    const read = sandbox.graph(kestrelBank).api('/users/amara.mensah@kestrelbank.example/mailFolders').get();
    expect(await refusal(read)).toEqual([403, 'ErrorAccessDenied']);
  });

  it('to an app with RBAC for Applications, inside its scope only', async () => {
    const [amara, felix] = kestrelBank.people;
    sandbox.parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    sandbox.parts.consents.limitMailboxes(kestrelBank.id, [amara?.id ?? '']);
    expect(await refusal(sandbox.graph(kestrelBank).api(`/users/${amara?.id}/mailFolders`).get())).toBe('accepted');
    expect(await refusal(sandbox.graph(kestrelBank).api(`/users/${felix?.id}/mailFolders`).get())).toEqual([
      403,
      'ErrorAccessDenied',
    ]);
    sandbox.parts.consents.limitMailboxes(kestrelBank.id, undefined);
  });
});

describe('folders', () => {
  it('are found by name, ten to a page', async () => {
    const all = await sandbox.graph().api(`${LENA}/mailFolders`).count(true).get();
    expect(all['@odata.count']).toBe(9);
    const three = await sandbox.graph().api(`${LENA}/mailFolders`).top(3).get();
    expect(three.value).toHaveLength(3);
    const rest = await sandbox.graph().api(three['@odata.nextLink']).get();
    expect(rest.value).toHaveLength(3);
    const found = await sandbox.graph().api(`${LENA}/mailFolders`).filter("displayName eq 'Android Archiver'").get();
    expect(found.value.map((one: { id: string }) => one.id)).toEqual([folder]);
  });

  it('clash by name in any case, with children of their own', async () => {
    const post = (path: string, displayName: string) => sandbox.graph().api(`${LENA}${path}`).post({ displayName });
    expect(await refusal(post('/mailFolders', 'ANDROID archiver'))).toEqual([409, 'ErrorFolderExists']);
    const child = await post(`/mailFolders/${folder}/childFolders`, 'Android Archiver');
    expect(child.parentFolderId).toBe(folder);
    const children = await sandbox.graph().api(`${LENA}/mailFolders/${folder}/childFolders`).get();
    expect(children.value).toHaveLength(1);
  });

  it('count what lies in them', async () => {
    const before = await sandbox.graph().api(`${LENA}/mailFolders/${folder}`).get();
    await create('counted-1', { isRead: false });
    const after = await sandbox.graph().api(`${LENA}/mailFolders/${folder}`).get();
    expect(after.totalItemCount - before.totalItemCount).toBe(1);
    expect(after.unreadItemCount - before.unreadItemCount).toBe(1);
  });
});

describe('a list of messages', () => {
  it('pages newest first and filters by time', async () => {
    const { id } = await sandbox.graph().api(`${LENA}/mailFolders`).post({ displayName: 'Paged' });
    for (let day = 1; day <= 12; day += 1) {
      const time = `2026-03-${String(day).padStart(2, '0')}T00:00:00Z`;
      const properties = [
        { id: 'Integer 0x0E07', value: '1' },
        { id: 'SystemTime 0x0E06', value: time },
      ];
      await sandbox
        .graph()
        .api(`${LENA}/mailFolders/${id}/messages`)
        .post(delivered(`day-${day}`, { singleValueExtendedProperties: properties }));
    }
    const days = (page: { value: { receivedDateTime: string }[] }) =>
      page.value.map((one) => Number(one.receivedDateTime.slice(8, 10)));
    const first = await sandbox
      .graph()
      .api(`${LENA}/mailFolders/${id}/messages`)
      .select('receivedDateTime')
      .count(true)
      .get();
    expect(days(first)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    expect(first['@odata.count']).toBe(12);
    expect(days(await sandbox.graph().api(first['@odata.nextLink']).get())).toEqual([2, 1]);
    const filtered = sandbox
      .graph()
      .api(`${LENA}/mailFolders/${id}/messages`)
      .filter('receivedDateTime ge 2026-03-04T00:00:00Z and receivedDateTime lt 2026-03-06T00:00:00Z');
    expect(days(await filtered.orderby('receivedDateTime asc').get())).toEqual([4, 5]);
  });
});
