import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { refusal } from './refusal.fixture.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const api = (path: string) => sandbox.graph().api(`${LENA}${path}`).header('Prefer', 'IdType="ImmutableId"');
const base64 = (lines: readonly string[]) => Buffer.from(lines.join('\r\n')).toString('base64');
/** A Buffer goes out as it is; the client would write a string as JSON. */
const upload = (content: string, path = '/messages') =>
  api(path).header('Content-Type', 'text/plain').post(Buffer.from(content));

const letter = base64([
  'From: "Ben (+1 212 555 0118)" <ben@mobile.invalid>',
  'To: Lena <lena@mobile.invalid>, Team: one@mobile.invalid, two@mobile.invalid;',
  'Cc: copy@mobile.invalid',
  'Bcc: blind@mobile.invalid',
  'Reply-To: reply@mobile.invalid',
  'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
  'Message-ID: <mime-1@archive.example>',
  'In-Reply-To: <mime-0@archive.example>',
  'Date: Wed, 01 May 2019 10:00:00 +0000',
  'Importance: high',
  'X-Item-Id: item-1',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>Hello</p>',
  '--b',
  'Content-Type: image/png; name=a.png',
  'Content-Disposition: attachment; filename=a.png',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('picture').toString('base64'),
  '--b--',
]);

describe('a message by MIME', () => {
  it('is a draft of now, with all that the MIME says', async () => {
    const created = await upload(letter);
    const party = (address: string, name = address) => ({ emailAddress: { name, address } });
    expect(created).toMatchObject({
      isDraft: true,
      subject: 'Grüße',
      from: party('ben@mobile.invalid', 'Ben (+1 212 555 0118)'),
      toRecipients: [party('lena@mobile.invalid', 'Lena'), party('one@mobile.invalid'), party('two@mobile.invalid')],
      ccRecipients: [party('copy@mobile.invalid')],
      bccRecipients: [party('blind@mobile.invalid')],
      replyTo: [party('reply@mobile.invalid')],
      body: { contentType: 'html' },
      internetMessageId: '<mime-1@archive.example>',
      importance: 'high',
      hasAttachments: true,
    });
    expect(created.body.content).toContain('<p>Hello</p>');
    expect(Date.now() - Date.parse(created.receivedDateTime)).toBeLessThan(60_000);
    const read = await api(`/messages/${created.id}`)
      .select('internetMessageHeaders')
      .expand("attachments,singleValueExtendedProperties($filter=id eq 'String 0x1042')")
      .get();
    expect(read.attachments).toEqual([
      expect.objectContaining({ name: 'a.png', contentType: 'image/png', contentBytes: btoa('picture') }),
    ]);
    expect(read.internetMessageHeaders).toEqual([{ name: 'X-Item-Id', value: 'item-1' }]);
    expect(read.singleValueExtendedProperties).toEqual([{ id: 'String 0x1042', value: '<mime-0@archive.example>' }]);
  });

  it('goes into the folder that is named, as a draft there too', async () => {
    const created = await upload(base64(['Subject: x', '', 'plain']), '/mailFolders/archive/messages');
    const archive = await api('/mailFolders/archive').get();
    expect(created).toMatchObject({ isDraft: true, parentFolderId: archive.id, subject: 'x' });
    expect(created.body).toMatchObject({ contentType: 'text', content: expect.stringContaining('plain') });
  });

  it('may be broken into lines', async () => {
    expect(await refusal(upload(letter.replace(/.{76}/g, '$&\r\n')))).toBe('accepted');
  });

  it.each([
    ['no base64', 'Subject: x'],
    ['base64 that is cut', letter.slice(0, 41)],
    ['JSON', '{"subject":"x"}'],
  ])('is refused when it is %s', async (_, content) => {
    expect(await refusal(upload(content))).toEqual([400, 'ErrorMimeContentInvalidBase64String']);
  });

  it('is refused when its parts nest beyond measure', async () => {
    const levels = Array.from({ length: 300 }, (_, level) => level);
    const nested = levels.flatMap((level) => [`Content-Type: multipart/mixed; boundary=b${level}`, '', `--b${level}`]);
    expect(await refusal(upload(base64([...nested, '', 'x'])))).toEqual([400, 'ErrorMimeContentInvalid']);
  });

  it('is refused where no message is created', async () => {
    const { id } = await upload(letter);
    const patch = api(`/messages/${id}`).header('Content-Type', 'text/plain').patch(Buffer.from(letter));
    expect(await refusal(patch)).toEqual([415, 'BadRequest']);
  });

  it('comes in a batch too', async () => {
    const step = { id: '1', method: 'POST', url: `${LENA}/messages`, headers: { 'Content-Type': 'text/plain' } };
    const { responses } = await sandbox
      .graph()
      .api('/$batch')
      .post({ requests: [{ ...step, body: letter }] });
    expect(responses).toEqual([
      expect.objectContaining({ status: 201, body: expect.objectContaining({ isDraft: true, subject: 'Grüße' }) }),
    ]);
  });
});
