import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { wordedRefusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const NOTE = 'String {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Note';
const TAGS = 'StringArray {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Tags';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const api = (path: string) => sandbox.graph().api(`${LENA}${path}`).header('Prefer', 'IdType="ImmutableId"');
const party = (address: string) => ({ emailAddress: { name: address, address } });
const draft = (change: object = {}) => api('/messages').post({ subject: 'Draft', ...change });
const delivered = (change: object = {}) =>
  api('/mailFolders/inbox/messages').post({
    subject: 'Delivered',
    body: { contentType: 'text', content: 'as it was' },
    singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '1' }],
    ...change,
  });

/** What only a draft may change. */
const draftOnly: readonly [string, object][] = [
  ['subject', { subject: 'Changed' }],
  ['body', { body: { contentType: 'HTML', content: '<p>Changed</p>' } }],
  ['from', { from: party('a@mobile.invalid') }],
  ['sender', { sender: party('a@mobile.invalid') }],
  ['toRecipients', { toRecipients: [party('a@mobile.invalid')] }],
  ['ccRecipients', { ccRecipients: [party('a@mobile.invalid')] }],
  ['bccRecipients', { bccRecipients: [party('a@mobile.invalid')] }],
  ['replyTo', { replyTo: [party('a@mobile.invalid')] }],
  ['internetMessageId', { internetMessageId: '<changed@archive.example>' }],
];

describe('a draft', () => {
  it('takes every property that its author may change', async () => {
    const { id } = await draft({ toRecipients: [party('b@mobile.invalid')] });
    await api(`/messages/${id}`).patch(Object.assign({}, ...draftOnly.map(([, change]) => change)));
    expect(await api(`/messages/${id}`).get()).toMatchObject({
      subject: 'Changed',
      body: { contentType: 'html', content: '<p>Changed</p>' },
      bodyPreview: 'Changed',
      from: party('a@mobile.invalid'),
      sender: party('a@mobile.invalid'),
      toRecipients: [party('a@mobile.invalid')],
      ccRecipients: [party('a@mobile.invalid')],
      bccRecipients: [party('a@mobile.invalid')],
      replyTo: [party('a@mobile.invalid')],
      internetMessageId: '<changed@archive.example>',
      isDraft: true,
    });
  });

  it('is found by its new internetMessageId', async () => {
    const { id } = await draft({ internetMessageId: '<before@archive.example>' });
    await api(`/messages/${id}`).patch({ internetMessageId: '<after@archive.example>' });
    const find = async (value: string) =>
      (
        await api('/messages')
          .filter(`internetMessageId eq '${encodeURIComponent(value)}'`)
          .get()
      ).value.length;
    expect([await find('<before@archive.example>'), await find('<after@archive.example>')]).toEqual([0, 1]);
  });

  it('keeps what a PATCH does not name', async () => {
    const { id } = await draft({ body: { contentType: 'text', content: 'kept' }, importance: 'high' });
    expect(await api(`/messages/${id}`).patch({ subject: 'New' })).toMatchObject({
      subject: 'New',
      body: { contentType: 'text', content: 'kept' },
      importance: 'high',
    });
  });
});

describe('what is no draft', () => {
  it.each(draftOnly)('refuses %s', async (_, change) => {
    const { id } = await delivered();
    const patch = api(`/messages/${id}`).patch({ isRead: true, ...change });
    expect(await wordedRefusal(patch)).toEqual([400, 'ErrorInvalidPropertySet', 'Message is not draft.']);
    expect(await api(`/messages/${id}`).get()).toMatchObject({ subject: 'Delivered', isRead: true });
  });

  it('takes marks and extended properties, and gives them back', async () => {
    const { id } = await delivered();
    const marks = {
      isRead: false,
      importance: 'low',
      categories: ['Reviewed'],
      inferenceClassification: 'other',
      isReadReceiptRequested: true,
      isDeliveryReceiptRequested: true,
      flag: {
        flagStatus: 'flagged',
        startDateTime: { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' },
        dueDateTime: { dateTime: '2026-01-02T00:00:00', timeZone: 'UTC' },
      },
    };
    const properties = {
      singleValueExtendedProperties: [{ id: NOTE, value: 'seen' }],
      multiValueExtendedProperties: [{ id: TAGS, value: ['a', 'b'] }],
    };
    expect(await api(`/messages/${id}`).patch({ ...marks, ...properties })).toMatchObject(marks);
    const read = await api(`/messages/${id}`)
      .select('id')
      .expand(
        `singleValueExtendedProperties($filter=id eq '${NOTE}'),multiValueExtendedProperties($filter=id eq '${TAGS}')`,
      )
      .get();
    expect(read).toMatchObject(properties);
  });

  it('takes flags and times in a PATCH, and is what it was', async () => {
    const before = await delivered();
    await api(`/messages/${before.id}`).patch({
      singleValueExtendedProperties: [
        { id: 'Integer 0x0E07', value: '8' },
        { id: 'SystemTime 0x0E06', value: '2001-01-01T00:00:00Z' },
        { id: 'SystemTime 0x0039', value: '2001-01-01T00:00:00Z' },
      ],
    });
    const { isDraft, receivedDateTime, sentDateTime } = before;
    expect(await api(`/messages/${before.id}`).get()).toMatchObject({ isDraft, receivedDateTime, sentDateTime });
  });
});

describe('a PATCH is refused', () => {
  it.each<[string, object, string, RegExp]>([
    ['receivedDateTime', { receivedDateTime: '2019-05-01T10:00:00Z' }, 'ErrorInvalidPropertySet', /receivedDateTime/],
    ['isDraft', { isDraft: false }, 'ErrorInvalidPropertySet', /isDraft/],
    ['attachments', { attachments: [] }, 'ErrorInvalidPropertySet', /attachments/],
    ['a property that does not exist', { nonsense: 1 }, 'RequestBodyRead', /'nonsense' does not exist on type/],
    ['text for a boolean', { isRead: 'yes' }, 'RequestBodyRead', /'yes' to the expected type 'Edm.Boolean'/],
    ['a list for an object', { flag: [] }, 'RequestBodyRead', /'StartArray' node .* 'StartObject' node was expected/],
    ['no such importance', { importance: 'urgent' }, 'RequestBodyRead', /'urgent'/],
    [
      'due without start',
      { flag: { flagStatus: 'flagged', dueDateTime: { dateTime: '2026-01-01T00:00:00', timeZone: 'UTC' } } },
      'ErrorInvalidArgument',
      /StartDateTime/,
    ],
    [
      'a value that is no list',
      { multiValueExtendedProperties: [{ id: TAGS, value: 'a' }] },
      'RequestBodyRead',
      /'StartArray' node was expected/,
    ],
    [
      'a single id with many values',
      { multiValueExtendedProperties: [{ id: NOTE, value: ['a'] }] },
      'ErrorInvalidPropertyId',
      /PropertyId/,
    ],
    [
      'a time before 1601',
      { singleValueExtendedProperties: [{ id: 'SystemTime 0x3008', value: '1600-01-01T00:00:00Z' }] },
      'ErrorInvalidExtendedPropertyValue',
      /1600/,
    ],
    [
      'another type',
      { '@odata.type': '#microsoft.graph.event', isRead: true },
      'RequestBodyRead',
      /microsoft.graph.event/,
    ],
  ])('with %s', async (_, change, code, message) => {
    const { id } = await draft();
    expect(await wordedRefusal(api(`/messages/${id}`).patch(change))).toEqual([
      400,
      code,
      expect.stringMatching(message),
    ]);
  });

  it('when the message would be larger than the mailbox takes', async () => {
    const { id } = await draft();
    const control = (body: object) =>
      fetch(`${sandbox.urls.http}/sandbox/control/limits`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await control({ messageBytes: 1_000 });
    const patch = (content: string) => wordedRefusal(api(`/messages/${id}`).patch({ body: { content } }));
    expect(await patch('x'.repeat(1_000))).toEqual([400, 'ErrorMessageSizeExceeded', expect.any(String)]);
    expect(await patch('x'.repeat(500))).toBe('accepted');
    await control({ messageBytes: 36_700_160 });
  });
});

describe('a body from an official client', () => {
  it('may carry annotations everywhere', async () => {
    const annotated = (address: string) => ({
      '@odata.type': '#microsoft.graph.recipient',
      emailAddress: { '@odata.type': '#microsoft.graph.emailAddress', name: 'A', address },
    });
    const created = await draft({
      '@odata.type': '#microsoft.graph.message',
      '@odata.etag': 'W/"x"',
      body: { '@odata.type': '#microsoft.graph.itemBody', contentType: 'Text', content: 'annotated' },
      toRecipients: [annotated('a@mobile.invalid')],
      importance: 'High',
    });
    expect(created).toMatchObject({
      body: { contentType: 'text', content: 'annotated' },
      toRecipients: [{ emailAddress: { name: 'A', address: 'a@mobile.invalid' } }],
      importance: 'high',
    });
  });
});

describe('the size of a message', () => {
  it('counts subject, parties, headers and properties', async () => {
    const control = (messageBytes: number) =>
      fetch(`${sandbox.urls.http}/sandbox/control/limits`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messageBytes }),
      });
    await control(2_000);
    const long = 'x'.repeat(900);
    const parts: object[] = [
      { subject: long.repeat(3) },
      { toRecipients: [{ emailAddress: { name: long.repeat(3), address: 'a@mobile.invalid' } }] },
      { internetMessageHeaders: ['x-a', 'x-b', 'x-c'].map((name) => ({ name, value: long })) },
      { singleValueExtendedProperties: [{ id: NOTE, value: long.repeat(3) }] },
    ];
    for (const part of parts) {
      expect(await wordedRefusal(draft(part))).toEqual([400, 'ErrorMessageSizeExceeded', expect.any(String)]);
    }
    expect(await wordedRefusal(draft({ subject: long }))).toBe('accepted');
    await control(36_700_160);
  });
});
