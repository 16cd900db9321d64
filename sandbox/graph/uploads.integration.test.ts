import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const MB = 1_048_576;

let sandbox: TestSandbox;
let message: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  const properties = [{ id: 'Integer 0x0E07', value: '1' }];
  message = (
    await sandbox
      .graph()
      .api(`${LENA}/mailFolders/inbox/messages`)
      .header('Prefer', 'IdType="ImmutableId"')
      .post({ subject: 'MMS', singleValueExtendedProperties: properties })
  ).id;
});
afterAll(() => sandbox.stop());

const open = async (size: number, name = 'clip.mp4'): Promise<string> => {
  const answer = await sandbox
    .graph()
    .api(`${LENA}/messages/${message}/attachments/createUploadSession`)
    .post({
      AttachmentItem: { attachmentType: 'file', name, size, contentType: 'video/mp4' },
    });
  expect(answer).toMatchObject({ nextExpectedRanges: ['0-'], expirationDateTime: expect.any(String) });
  return answer.uploadUrl;
};

const put = (
  url: string,
  bytes: Uint8Array<ArrayBuffer>,
  from: number,
  total: number,
  headers: Record<string, string> = {},
) =>
  fetch(url, {
    method: 'PUT',
    headers: {
      'content-type': 'application/octet-stream',
      'content-range': `bytes ${from}-${from + bytes.length - 1}/${total}`,
      ...headers,
    },
    body: bytes,
  });

const attachments = async () =>
  (await sandbox.graph().api(`${LENA}/messages/${message}/attachments`).select('id,name,size,contentType').get()).value;

describe('an upload session', () => {
  it('takes ranges in order and puts the attachment into a message that is no draft', async () => {
    const content = Buffer.from(randomBytes(7 * MB));
    const url = await open(content.length);
    const first = await put(url, content.subarray(0, 4 * MB), 0, content.length);
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({
      nextExpectedRanges: [String(4 * MB)],
      ExpirationDateTime: expect.any(String),
    });
    expect(await attachments()).toEqual([]);
    const last = await put(url, content.subarray(4 * MB), 4 * MB, content.length);
    expect(last.status).toBe(201);

    const [attachment] = await attachments();
    expect(attachment).toMatchObject({ name: 'clip.mp4', size: content.length, contentType: 'video/mp4' });
    const response = await fetch(`${last.headers.get('location')}/$value`, {
      headers: { authorization: `Bearer ${await sandbox.token()}` },
    });
    const read = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(read).digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
    expect((await put(url, content.subarray(0, MB), 0, content.length)).status).toBe(404);
  });

  it('is refused below 3 MB, and for more than the mailbox takes', async () => {
    const refused = (size: number) =>
      open(size).then(
        () => 'accepted',
        (error: { code: string }) => error.code,
      );
    expect(await refused(3 * MB - 1)).toBe('ErrorAttachmentSizeShouldNotBeLessThanMinimumSize');
    expect(await refused(40 * MB)).toBe('ErrorMessageSizeExceeded');
    expect(await refused(151 * MB)).toBe('ErrorAttachmentSizeLimitExceeded');
  });

  it('refuses what is out of order, does not fit, is too large, or comes with a token', async () => {
    const size = 5 * MB;
    const bytes = new Uint8Array(MB);
    const url = await open(size);
    expect((await put(url, bytes, MB, size)).status).toBe(416);
    expect((await put(url, bytes, 0, size + 1)).status).toBe(400);
    expect((await put(url, bytes, 0, size, { 'content-range': 'nonsense' })).status).toBe(400);
    expect((await put(url, new Uint8Array(4 * MB + 1), 0, size)).status).toBe(413);
    expect((await put(url, bytes, 0, size, { authorization: `Bearer ${await sandbox.token()}` })).status).toBe(401);
    expect((await put(url, bytes, 0, size)).status).toBe(200);
    expect((await put(url, bytes, 0, size)).status).toBe(416);
  });

  it('counts against the bytes that a mailbox takes in five minutes', async () => {
    const url = await open(4 * MB);
    const limits = `${sandbox.urls.http}/sandbox/control/limits`;
    const body = JSON.stringify({ mailboxUploadBytes: MB });
    await fetch(limits, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body });
    const refused = await put(url, new Uint8Array(2 * MB), 0, 4 * MB);
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    await fetch(limits, { method: 'DELETE' });
    expect((await put(url, new Uint8Array(2 * MB), 0, 4 * MB)).status).toBe(200);
  });

  it('ends when it is cancelled', async () => {
    const url = await open(4 * MB);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect((await put(url, new Uint8Array(MB), 0, 4 * MB)).status).toBe(404);
  });
});

describe('a whole attachment', () => {
  const file = { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.jpg', contentType: 'image/jpeg' };

  it('comes inline with the message, or after it, and can be taken away', async () => {
    const contentBytes = Buffer.from('picture').toString('base64');
    const created = await sandbox
      .graph()
      .api(`${LENA}/messages`)
      .post({ subject: 'with', attachments: [{ ...file, isInline: true, contentId: 'p1', contentBytes }] });
    expect(created.hasAttachments, 'inline ones do not count').toBe(false);
    const added = await sandbox
      .graph()
      .api(`${LENA}/messages/${created.id}/attachments`)
      .post({ ...file, name: 'b.jpg', contentBytes });
    const read = await sandbox
      .graph()
      .api(`${LENA}/messages/${created.id}`)
      .select('id')
      .expand('attachments($select=name,isInline,size,microsoft.graph.fileAttachment/contentId)')
      .get();
    expect(read.attachments).toEqual([
      expect.objectContaining({ name: 'a.jpg', contentId: 'p1', isInline: true, size: 7 }),
      expect.objectContaining({ name: 'b.jpg', contentId: null, isInline: false, size: 7 }),
    ]);
    await sandbox.graph().api(`${LENA}/messages/${created.id}/attachments/${added.id}`).delete();
    const left = await sandbox.graph().api(`${LENA}/messages/${created.id}/attachments`).get();
    expect(left.value.map((one: { name: string }) => one.name)).toEqual(['a.jpg']);
    expect(left.value[0].contentBytes).toBe(contentBytes);
  });

  it('of 3 MB needs a session', async () => {
    const post = sandbox
      .graph()
      .api(`${LENA}/messages/${message}/attachments`)
      .post({ ...file, contentBytes: Buffer.alloc(3 * MB).toString('base64') });
    await expect(post).rejects.toMatchObject({ statusCode: 413 });
  });
});
