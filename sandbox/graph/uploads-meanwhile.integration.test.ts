/** What may happen between two ranges of an upload. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const BEN = 'ben.carter@alderbyrne.example';
const MESSAGES = `/users/${BEN}/messages`;
const MB = 1_048_576;
const SIZE = 6 * MB;

const folder = mkdtempSync(join(tmpdir(), 'sandbox-uploads-'));
let now = new Date('2026-11-22T12:00:00Z');
let sandbox: TestSandbox;

const start = async () => {
  sandbox = await startTestSandbox({ data: folder }, () => now);
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
};
beforeAll(start);
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

const api = (path: string) => sandbox.graph().api(path).header('Prefer', 'IdType="ImmutableId"');
const message = async (): Promise<string> => (await api(MESSAGES).post({ subject: 'MMS' })).id;
/** The path of an upload address: after a restart the port is another. */
const open = async (id: string, name = 'clip.mp4', size = SIZE): Promise<string> => {
  const item = { attachmentType: 'file', name, size };
  const session = await api(`${MESSAGES}/${id}/attachments/createUploadSession`).post({ AttachmentItem: item });
  return new URL(session.uploadUrl).pathname;
};
const content = Buffer.from(randomBytes(SIZE));
const half = content.subarray(0, SIZE / 2);

const call = async (path: string, init: RequestInit) => {
  const response = await fetch(`${sandbox.urls.graph}${path}`, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
};
const put = (path: string, from: number, bytes: Uint8Array<ArrayBuffer> = half, total = SIZE) =>
  call(path, {
    method: 'PUT',
    headers: { 'content-range': `bytes ${from}-${from + bytes.length - 1}/${total}` },
    body: bytes,
  });
const change = (body: object) =>
  fetch(`${sandbox.urls.http}/sandbox/control/mailboxes/${BEN}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const names = async (id: string) =>
  (await api(`${MESSAGES}/${id}/attachments`).select('name').get()).value.map((one: { name: string }) => one.name);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Runs `work` while what `statement` names cannot be written, as for a process that dies before it. */
async function dying<Result>(statement: string, work: () => Promise<Result>): Promise<Result> {
  const disk = new DatabaseSync(join(folder, 'mailboxes.sqlite'), { timeout: 5_000 });
  try {
    disk.exec(`CREATE TRIGGER dies BEFORE ${statement} BEGIN SELECT RAISE(ABORT, 'died'); END`);
    return await work();
  } finally {
    disk.exec('DROP TRIGGER IF EXISTS dies');
    disk.close();
  }
}

describe('an open upload', () => {
  it.each([
    ['its bytes are counted', 'UPDATE OF received ON graph_upload'],
    ['there is an attachment', 'INSERT ON graph_attachment'],
    ['it ends', 'UPDATE OF attachment ON graph_upload'],
  ])('takes its last range again after a death before %s', async (_, statement) => {
    const id = await message();
    const path = await open(id);
    await put(path, 0);
    const last = () => put(path, SIZE / 2, content.subarray(SIZE / 2));
    expect((await dying(statement, last)).status).toBe(500);
    expect(await names(id)).toEqual([]);
    expect((await last()).status).toBe(201);
    expect(await names(id)).toEqual(['clip.mp4']);
  });

  it.each(['text/x\r\nset-cookie: a=b', 'caf\u00e9/\u0000', 'x', `text/${'x'.repeat(20_000)}`])(
    'gives its content whatever type it was called: %j',
    async (contentType) => {
      const id = await message();
      const item = { attachmentType: 'file', name: 'odd\r\n"\u0000', size: SIZE, contentType };
      const session = await api(`${MESSAGES}/${id}/attachments/createUploadSession`).post({ AttachmentItem: item });
      const path = new URL(session.uploadUrl).pathname;
      await put(path, 0);
      const { headers } = await put(path, SIZE / 2, content.subarray(SIZE / 2));
      const value = `${new URL(headers.get('location') ?? '').pathname}/$value`;
      const authorization = `Bearer ${await sandbox.token()}`;
      const response = await fetch(`${sandbox.urls.graph}${value}`, { headers: { authorization } });
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
      expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(content));
      expect((await api(`${MESSAGES}/${id}/attachments`).select('contentType').get()).value[0].contentType).toBe(
        contentType,
      );
    },
  );

  it('goes on after a restart, and its content is whole', async () => {
    const id = await message();
    const path = await open(id);
    expect((await put(path, 0, content.subarray(0, 4 * MB))).status).toBe(200);
    await sandbox.stop();
    await start();
    const done = await put(path, 4 * MB, content.subarray(4 * MB));
    expect(done.status).toBe(201);

    const authorization = `Bearer ${await sandbox.token()}`;
    const value = new URL(`${done.headers.get('location')}/$value`);
    const read = async () => {
      const response = await fetch(`${sandbox.urls.graph}${value.pathname}`, { headers: { authorization } });
      expect(response.headers.get('content-length')).toBe(String(SIZE));
      return sha256(new Uint8Array(await response.arrayBuffer()));
    };
    expect(await read()).toBe(sha256(content));
    await sandbox.stop();
    await start();
    expect(await read()).toBe(sha256(content));

    const whole = await api(`${MESSAGES}/${id}/attachments`).get();
    expect(sha256(Buffer.from(whole.value[0].contentBytes, 'base64'))).toBe(sha256(content));
    const step = { id: '1', method: 'GET', url: value.pathname.replace('/v1.0', '') };
    const { responses } = await sandbox
      .graph()
      .api('/$batch')
      .post({ requests: [step] });
    expect(sha256(Buffer.from(responses[0].body, 'base64'))).toBe(sha256(content));

    const ben = alderByrne.people.find((one) => one.userPrincipalName === BEN)?.id ?? '';
    const shown = sandbox.parts.mailboxes.attachmentContent(ben, id, whole.value[0].id);
    expect(sha256(shown ?? new Uint8Array())).toBe(sha256(content));
  });

  it('goes on after a range that does not fit, is repeated, overlaps or is out of order', async () => {
    const id = await message();
    const path = await open(id);
    const bare = await call(path, { method: 'PUT', body: half });
    expect([bare.status, bare.body.error.code]).toEqual([400, 'ErrorInvalidContentRange']);
    expect((await put(path, MB)).status).toBe(416);
    expect((await put(path, 0)).body.nextExpectedRanges).toEqual([String(SIZE / 2)]);
    expect((await put(path, 0)).status, 'repeated').toBe(416);
    expect((await put(path, MB)).status, 'overlapping').toBe(416);
    expect((await put(path, SIZE / 2, content.subarray(SIZE / 2))).status).toBe(201);
    expect(await names(id)).toEqual(['clip.mp4']);
  });

  it('answers no GET, and no token', async () => {
    const path = await open(await message());
    const get = await call(path, { method: 'GET' });
    expect([get.status, get.body.error.code]).toEqual([405, 'BadRequest']);
    const headers = { authorization: `Bearer ${await sandbox.token()}` };
    expect((await call(path, { method: 'DELETE', headers })).status).toBe(401);
    expect((await put(path, 0)).status).toBe(200);
  });

  it('ends when it is cancelled, and when its hour is over', async () => {
    const cancelled = await open(await message());
    expect((await call(cancelled, { method: 'DELETE' })).status).toBe(204);
    expect((await call(cancelled, { method: 'DELETE' })).status).toBe(404);
    expect((await put(cancelled, 0)).status).toBe(404);

    const expired = await open(await message());
    expect((await put(expired, 0)).status).toBe(200);
    now = new Date(now.getTime() + 3_600_001);
    expect((await put(expired, SIZE / 2)).status).toBe(404);
  });

  it('waits while the mailbox is full or gone', async () => {
    const id = await message();
    const path = await open(id);
    await change({ kind: 'full' });
    expect((await put(path, 0)).body.error.code).toBe('ErrorQuotaExceeded');
    await change({ kind: 'none' });
    expect((await put(path, 0)).body.error.code).toBe('MailboxNotEnabledForRESTAPI');
    await change({ kind: 'user' });
    expect((await put(path, 0)).status).toBe(200);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['moved', (id) => api(`${MESSAGES}/${id}/move`).post({ destinationId: 'archive' })],
    ['deleted', (id) => api(`${MESSAGES}/${id}`).delete()],
  ])('finds a message that was %s by its immutable id alone', async (_, away) => {
    const moved = await message();
    const regular = (await sandbox.graph().api(`${MESSAGES}/${moved}`).select('id').get()).id;
    const [byImmutable, byRegular] = [await open(moved), await open(regular)];
    await away(moved);
    expect((await put(byRegular, 0)).body.error.code).toBe('ErrorItemNotFound');
    expect((await put(byImmutable, 0)).status).toBe(200);
    expect((await put(byImmutable, SIZE / 2, content.subarray(SIZE / 2))).status).toBe(201);
    expect(await names(moved)).toEqual(['clip.mp4']);
  });

  it('is one of two on the same message, until the message is full', async () => {
    const id = await message();
    const [one, two] = [await open(id, 'one'), await open(id, 'two')];
    expect([(await put(one, 0)).status, (await put(two, 0)).status]).toEqual([200, 200]);
    expect((await put(two, SIZE / 2)).status).toBe(201);
    await change({ messageBytes: SIZE + MB });
    expect((await put(one, SIZE / 2)).body.error.code).toBe('ErrorMessageSizeExceeded');
    await change({ messageBytes: 35 * MB });
    expect((await put(one, SIZE / 2)).status).toBe(201);
    expect((await names(id)).sort()).toEqual(['one', 'two']);
  });

  it('leaves an attachment that can be deleted', async () => {
    const id = await message();
    const path = await open(id);
    await put(path, 0);
    const { headers } = await put(path, SIZE / 2);
    const attachment = headers.get('location')?.split('/').at(-1);
    await api(`${MESSAGES}/${id}/attachments/${attachment}`).delete();
    expect(await names(id)).toEqual([]);
    expect((await api(`${MESSAGES}/${id}`).get()).hasAttachments).toBe(false);
  });
});
