import { ResponseType } from '@microsoft/microsoft-graph-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { wordedRefusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const NOTE = 'String {8ecac74c-d7dc-4f9a-a0ea-a9f7ff0d1d0a} Name Note';

let sandbox: TestSandbox;
let folder: string;
let message: string;

const api = (path: string) => sandbox.graph().api(`${LENA}${path}`).header('Prefer', 'IdType="ImmutableId"');
const file = (name: string, content: string) => ({
  '@odata.type': '#microsoft.graph.fileAttachment',
  name,
  contentType: 'text/plain',
  contentBytes: btoa(content),
});

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  ({ id: folder } = await api('/mailFolders').post({ displayName: 'Queried' }));
  const write = (subject: string, address: string, change: object = {}) =>
    api(`/mailFolders/${folder}/messages`).post({
      subject,
      from: { emailAddress: { address } },
      ...change,
    });
  ({ id: message } = await write('One', 'a@mobile.invalid', {
    isRead: true,
    categories: ['Kept'],
    body: { contentType: 'html', content: '<p>Hello <b>you</b></p>' },
    attachments: [file('b.txt', 'bb'), file('a.txt', 'a')],
    singleValueExtendedProperties: [{ id: NOTE, value: 'note' }],
  }));
  await write('Two', 'b@mobile.invalid', { isRead: false, importance: 'high' });
  await write('Three', 'a@mobile.invalid', {
    isRead: false,
    singleValueExtendedProperties: [{ id: 'Integer 0x0E07', value: '0' }],
  });
});
afterAll(() => sandbox.stop());

/** A list by its raw query, which the client takes as it is. */
const list = (query: string, path = `/mailFolders/${folder}/messages`) => api(`${path}?${query}`).get();
const subjects = async (query: string) =>
  (await list(query)).value.map((one: { subject: string }) => one.subject).sort();

describe('a query for messages is refused', () => {
  const SELECT = 'Parsing OData Select and Expand failed: Could not find a property named';
  it.each([
    ['$select=nonsense', 'BadRequest', `${SELECT} 'nonsense' on type 'microsoft.graph.message'.`],
    ['$select=id,@odata.type', 'BadRequest', `${SELECT} '@odata.type' on type 'microsoft.graph.message'.`],
    ['$expand=nonsense', 'BadRequest', `${SELECT} 'nonsense' on type 'microsoft.graph.message'.`],
    ['$expand=subject', 'BadRequest', `${SELECT} 'subject' on type 'microsoft.graph.message'.`],
    [
      '$expand=attachments($select=contentId)',
      'BadRequest',
      `${SELECT} 'contentId' on type 'microsoft.graph.attachment'.`,
    ],
    [
      '$expand=singleValueExtendedProperties',
      'ErrorInvalidUrlQueryFilter',
      'The query filter contains one or more invalid nodes.',
    ],
    [
      '$filter=isJunk eq true',
      'RequestBroker--ParseUri',
      "Could not find a property named 'isJunk' on type 'microsoft.graph.message'.",
    ],
    [
      "$filter=from/name eq 'x'",
      'RequestBroker--ParseUri',
      "Could not find a property named 'name' on type 'microsoft.graph.message'.",
    ],
    [
      "$filter=toString eq 'x'",
      'RequestBroker--ParseUri',
      "Could not find a property named 'toString' on type 'microsoft.graph.message'.",
    ],
    [
      '$orderby=nonsense',
      'RequestBroker--ParseUri',
      "Could not find a property named 'nonsense' on type 'microsoft.graph.message'.",
    ],
    [
      "$filter=receivedDateTime ge '2026-01-01'",
      'RequestBroker--ParseUri',
      "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThanOrEqual'.",
    ],
    [
      "$filter=isRead eq 'true'",
      'RequestBroker--ParseUri',
      "A binary operator with incompatible types was detected. Found operand types 'Edm.Boolean' and 'Edm.String' for operator kind 'Equal'.",
    ],
    [
      "$filter=toRecipients/any(r:r/emailAddress/address eq 'x')",
      'ErrorInvalidUrlQueryFilter',
      'The query filter contains one or more invalid nodes.',
    ],
    [
      "$filter=categories/any(c:zz eq 'x')",
      'RequestBroker--ParseUri',
      "Could not find a property named 'zz' on type 'microsoft.graph.message'.",
    ],
    [
      "$filter=categories/any(c:c/x eq 'x')",
      'RequestBroker--ParseUri',
      "Could not find a property named 'x' on type 'microsoft.graph.message'.",
    ],
    [
      '$filter=categories/any(c:c gt 5)',
      'RequestBroker--ParseUri',
      "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'GreaterThan'.",
    ],
    [
      `$filter=singleValueExtendedProperties/any(e:e/id eq '${NOTE}' and e/value gt 5)`,
      'RequestBroker--ParseUri',
      "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and 'Edm.Int32' for operator kind 'GreaterThan'.",
    ],
    [
      "$filter=attachments/any(a:a/name eq 'x')",
      'ErrorInvalidUrlQueryFilter',
      'The query filter contains one or more invalid nodes.',
    ],
    ['$expand=extensions', 'ErrorGraphExtensionExpandRequiresFilter', expect.stringContaining('filter')],
    ["$expand=Extensions($filter=contains(id,'x'))", 'ErrorInvalidUrlQueryFilter', expect.stringContaining('nodes')],
    [
      '$expand=attachments($filter=size eq true)',
      'RequestBroker--ParseUri',
      expect.stringContaining("'Edm.Int32' and 'Edm.Boolean'"),
    ],
    [
      `$expand=singleValueExtendedProperties($filter=id eq '${NOTE}';$select=name)`,
      'BadRequest',
      expect.stringContaining("'name'"),
    ],
    ['$skiptoken=x', 'ErrorInvalidUrlQuery', expect.stringContaining('$skiptoken')],
    ['$top=1001', 'BadRequest', expect.stringContaining('$top')],
    ['$top=0', 'BadRequest', expect.stringContaining('$top')],
    ['$nonsense=1', 'BadRequest', expect.stringContaining('$nonsense')],
  ])('%s', async (query, code, words) => {
    expect(await wordedRefusal(list(query))).toEqual([400, code, words]);
    const empty = list(query, '/mailFolders/junkemail/messages');
    expect(await wordedRefusal(empty), 'in an empty folder too').toEqual([400, code, words]);
  });

  it.each([
    ["$filter=from/emailAddress/address eq 'a@mobile.invalid'&$orderby=receivedDateTime desc"],
    ['$filter=isRead eq false and receivedDateTime ge 2000-01-01T00:00:00Z&$orderby=receivedDateTime desc'],
    ['$filter=receivedDateTime ge 2000-01-01T00:00:00Z and isRead eq false&$orderby=isRead,receivedDateTime'],
  ])('%s: sorted by what is not filtered by first', async (query) => {
    expect(await wordedRefusal(list(query))).toEqual([
      400,
      'InefficientFilter',
      'The restriction or sort order is too complex for this operation.',
    ]);
  });
});

describe('messages', () => {
  it.each([
    ["$filter=from/emailAddress/address eq 'A@mobile.invalid'", ['One', 'Three']],
    ['$filter=isRead eq false', ['Three', 'Two']],
    ['$filter=isDraft eq false', ['Three']],
    ['$filter=hasAttachments eq true', ['One']],
    ["$filter=importance eq 'high'", ['Two']],
    ["$filter=startswith(subject,'T')", ['Three', 'Two']],
    ["$filter=categories/any(c:c eq 'Kept')", ['One']],
    ["$filter=categories/any(label:startswith(label,'k'))", ['One']],
    ["$filter=contains(body/content,'Hello')", ['One']],
    ["$filter=startswith(bodyPreview,'hello you')", ['One']],
    ["$filter=flag/startDateTime/dateTime eq 'x'", []],
    ['$filter=flag/startDateTime/dateTime eq null and isRead eq true', ['One']],
    ["$filter=subject eq 'one' or subject eq 'two'", ['One', 'Two']],
    [`$filter=singleValueExtendedProperties/Any(ep: ep/id eq '${NOTE}' and ep/value eq 'note')`, ['One']],
    ['$filter=receivedDateTime ge 2000-01-01T00:00:00Z and isRead eq true&$orderby=receivedDateTime desc', ['One']],
    ['$select=Subject&$filter=isRead eq true', ['One']],
  ])('are found by %s', async (query, expected) => expect(await subjects(query)).toEqual(expected));

  it('keep filter, selection and preference from page to page', async () => {
    const first = await list("$filter=startswith(subject,'T')&$select=subject&$top=1&$count=true");
    expect(first['@odata.count']).toBe(2);
    const second = await sandbox.graph().api(first['@odata.nextLink']).get();
    expect(second.value).toHaveLength(1);
    expect(second['@odata.nextLink']).toBeUndefined();
    const all = [...first.value, ...second.value];
    expect(all.map((one: { subject: string }) => one.subject).sort()).toEqual(['Three', 'Two']);
    for (const one of all) expect(Object.keys(one).sort()).toEqual(['@odata.etag', 'id', 'subject']);
  });

  it('are sorted, counted and paged alike whatever they are sorted by', async () => {
    const first = await list('$orderby=subject desc&$select=subject&$top=2&$count=true');
    expect(first.value.map((one: { subject: string }) => one.subject)).toEqual(['Two', 'Three']);
    expect(first['@odata.count']).toBe(3);
    const second = await sandbox.graph().api(first['@odata.nextLink']).get();
    expect(second.value.map((one: { subject: string }) => one.subject)).toEqual(['One']);
    expect(second['@odata.nextLink']).toBeUndefined();
  });

  it('show of what is expanded what the expansion asks for, by its name in any case', async () => {
    const expanded = async (query: string) => api(`/messages/${message}?$select=id&$expand=${query}`).get();
    const names = ({ attachments }: { attachments: { name: string }[] }) => attachments.map(({ name }) => name);
    expect(names(await expanded("Attachments($select=name;$filter=name eq 'a.txt')"))).toEqual(['a.txt']);
    const { singleValueExtendedProperties } = await expanded(
      `SingleValueExtendedProperties($filter=id eq '${NOTE}';$select=value)`,
    );
    expect(singleValueExtendedProperties).toEqual([{ id: NOTE, value: 'note' }]);
    const [bare, extended] = [
      await expanded('attachments'),
      await expanded("attachments,extensions($filter=id eq 'x')"),
    ];
    expect(extended, 'no message has extensions').toEqual(bare);
  });

  it('are not written by a request that is refused', async () => {
    for (const work of [
      () => api(`/mailFolders/${folder}/messages?$select=nonsense`).post({ subject: 'Refused' }),
      () => api(`/messages/${message}?$select=nonsense`).patch({ subject: 'Refused' }),
      () => api(`/messages/${message}/move?$select=nonsense`).post({ destinationId: 'archive' }),
    ]) {
      expect(await wordedRefusal(work())).toEqual([400, 'BadRequest', expect.stringContaining("'nonsense'")]);
    }
    expect(await subjects('')).toEqual(['One', 'Three', 'Two']);
  });

  it('show extended properties in a list', async () => {
    const { value } = await list(`$select=subject&$expand=singleValueExtendedProperties($filter=id eq '${NOTE}')`);
    const notes = Object.fromEntries(
      value.map((one: { subject: string; singleValueExtendedProperties?: unknown }) => [
        one.subject,
        one.singleValueExtendedProperties,
      ]),
    );
    expect(notes).toEqual({ One: [{ id: NOTE, value: 'note' }], Two: undefined, Three: undefined });
  });
});

describe('preferences', () => {
  const get = async (prefer: string) => {
    const request = sandbox.graph().api(`${LENA}/messages/${message}`).header('Prefer', prefer);
    const response: Response = await request.responseType(ResponseType.RAW).get();
    return { applied: response.headers.get('preference-applied'), body: (await response.json()).body };
  };

  it('are named when they are heeded', async () => {
    expect(await get('outlook.body-content-type="text", IdType="ImmutableId"')).toEqual({
      applied: 'IdType="ImmutableId", outlook.body-content-type="text"',
      body: { contentType: 'text', content: expect.stringMatching(/^Hello\s+you$/) },
    });
    expect(await get('respond-async')).toEqual({
      applied: null,
      body: { contentType: 'html', content: '<p>Hello <b>you</b></p>' },
    });
  });
});

describe('attachments', () => {
  const attachments = (query: string) => list(query, `/messages/${message}/attachments`);

  it('show what every kind has, and what files have by a cast', async () => {
    const { value } = await attachments('$select=name,microsoft.graph.fileAttachment/contentBytes');
    expect(value.map((one: { name: string }) => one.name)).toEqual(['b.txt', 'a.txt']);
    expect(value[0]).toMatchObject({ '@odata.type': '#microsoft.graph.fileAttachment', contentBytes: btoa('bb') });
    expect((await attachments('$select=name')).value[0].contentBytes).toBeUndefined();
    expect((await attachments('')).value[1].contentBytes).toBe(btoa('a'));
  });

  it.each(['contentBytes', 'contentId', 'contentLocation', 'nonsense', '@odata.type'])(
    'refuse %s in $select',
    async (name) => {
      const words = `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type 'microsoft.graph.attachment'.`;
      expect(await wordedRefusal(attachments(`$select=${name}`))).toEqual([400, 'BadRequest', words]);
    },
  );

  it('page, sort and filter', async () => {
    const first = await attachments('$select=name&$top=1&$count=true&$orderby=name');
    expect([first['@odata.count'], first.value[0].name]).toEqual([2, 'a.txt']);
    const second = await sandbox.graph().api(first['@odata.nextLink']).get();
    expect(second.value.map((one: { name: string }) => one.name)).toEqual(['b.txt']);
    expect((await attachments('$filter=size eq 2')).value).toHaveLength(1);
    expect((await attachments('$expand=microsoft.graph.itemAttachment/item')).value).toHaveLength(2);
    expect(await wordedRefusal(attachments('$skiptoken=x'))).toEqual([400, 'ErrorInvalidUrlQuery', expect.any(String)]);
  });

  it.each([
    ['microsoft.graph.itemAttachment', { item: { '@odata.type': 'microsoft.graph.message' } }, 400, 'BadRequest'],
    ['microsoft.graph.referenceAttachment', {}, 400, 'BadRequest'],
    ['microsoft.graph.nonsense', {}, 400, 'RequestBodyRead'],
    ['microsoft.graph.fileAttachment', { contentBytes: 5 }, 400, 'RequestBodyRead'],
    ['microsoft.graph.fileAttachment', { nonsense: 5, contentBytes: '' }, 400, 'RequestBodyRead'],
    ['microsoft.graph.fileAttachment', { contentBytes: 'x' }, 400, 'UnableToDeserializePostBody'],
  ])('refuse %s with %j', async (type, change, status, code) => {
    const post = api(`/messages/${message}/attachments`).post({ '@odata.type': `#${type}`, name: 'x', ...change });
    expect(await wordedRefusal(post)).toEqual([status, code, expect.any(String)]);
  });

  it('give their content whatever type they were called', async () => {
    const post = { ...file('odd', 'odd'), contentType: 'text/\u20ac\u0000' };
    const { id } = await api(`/messages/${message}/attachments`).post(post);
    const content = api(`/messages/${message}/attachments/${id}/$value`).responseType(ResponseType.TEXT).get();
    expect(await content).toBe('odd');
    await api(`/messages/${message}/attachments/${id}`).delete();
  });

  it('refuse 3 MB in a message as they do beside it', async () => {
    const contentBytes = Buffer.alloc(3 * 1_048_576).toString('base64');
    const post = api('/messages').post({ attachments: [{ ...file('large', ''), contentBytes }] });
    expect(await wordedRefusal(post)).toEqual([413, 'BadRequest', expect.any(String)]);
  });
});

describe('folders', () => {
  it.each([
    ['$select=isRead', 'BadRequest', /'isRead' on type 'microsoft.graph.mailFolder'/],
    ['$expand=nonsense', 'BadRequest', /'nonsense' on type 'microsoft.graph.mailFolder'/],
    ['$filter=totalItemCount eq true', 'RequestBroker--ParseUri', /'Edm.Int32' and 'Edm.Boolean'/],
    ["$filter=name eq 'x'", 'RequestBroker--ParseUri', /'name' on type 'microsoft.graph.mailFolder'/],
    ["$filter=childFolders/any(c:c/id eq 'x')", 'ErrorInvalidUrlQueryFilter', /invalid nodes/],
    ['$expand=messages', 'BadRequest', /'messages'/],
    ["$expand=singleValueExtendedProperties($filter=id eq 'Integer 0x1')", 'BadRequest', /'singleValue/],
    ['$expand=childFolders($select=nonsense)', 'BadRequest', /'nonsense'/],
    ['$expand=childFolders($filter=totalItemCount eq true)', 'RequestBroker--ParseUri', /'Edm.Boolean'/],
    ['$expand=childFolders($top=1)', 'BadRequest', /unknown query option/],
    ['$skiptoken=x', 'ErrorInvalidUrlQuery', /skiptoken/],
  ])('refuse %s', async (query, code, words) => {
    expect(await wordedRefusal(list(query, '/mailFolders'))).toEqual([400, code, expect.stringMatching(words)]);
  });

  it('are hidden unless asked for, and show their children to who expands them', async () => {
    const hidden = await api(`/mailFolders/${folder}/childFolders`).post({ displayName: 'Hidden', isHidden: true });
    await api(`/mailFolders/${folder}/childFolders`).post({ displayName: 'Seen' });
    const names = async (query: string) =>
      (await list(query, `/mailFolders/${folder}/childFolders`)).value.map(
        (one: { displayName: string }) => one.displayName,
      );
    expect(await names('')).toEqual(['Seen']);
    expect(await names('includeHiddenFolders=true')).toEqual(['Hidden', 'Seen']);
    expect(await names('includeHiddenFolders=true&$orderby=displayName desc')).toEqual(['Seen', 'Hidden']);
    const expanded = await api(`/mailFolders/${folder}?$expand=childFolders($select=displayName)`).get();
    expect(expanded.childFolders).toEqual([expect.objectContaining({ displayName: 'Seen' })]);
    const filtered = await api(`/mailFolders/${folder}?$expand=ChildFolders($filter=displayName eq 'Other')`).get();
    expect(filtered.childFolders).toEqual([]);
    expect(await wordedRefusal(api(`/mailFolders/${hidden.id}`).patch({ isHidden: false }))).toEqual([
      400,
      'ErrorInvalidPropertySet',
      expect.any(String),
    ]);
  });

  it('that Graph knows by name and this mailbox has not are not found', async () => {
    expect(await wordedRefusal(api('/mailFolders/clutter').get())).toEqual([
      404,
      'ErrorItemNotFound',
      expect.any(String),
    ]);
    expect(await wordedRefusal(api('/mailFolders/nonsense').get())).toEqual([
      400,
      'ErrorInvalidIdMalformed',
      expect.any(String),
    ]);
    expect(await api('/mailFolders/SentItems').get()).toMatchObject({ displayName: 'Sent Items' });
  });
});
