/** A rule for one mailbox strikes all that is about it, however a request names it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { graphAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson } from '../world/tenants.ts';

const BEN = 'ben.carter@alderbyrne.example';
const LENA = 'lena.fischer@alderbyrne.example';
/** bytes of an upload: more than a request takes at once, and no more than a range */
const SIZE = 3 * 1_048_576 + 1;
const busy = { kind: 'refuse', status: 500, code: 'busy' } as const;
const refused = { statusCode: 500, code: 'busy' };

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterEach(() => sandbox.parts.faults.clear());
afterAll(() => sandbox.stop());

const onBen = (): void => sandbox.fault({ service: 'graph', mailbox: BEN, fault: busy });
const get = (path: string) => sandbox.graph().api(path).get();

describe('a rule for one mailbox', () => {
  it.each([
    ['a key in brackets', "/users('{}')/messages"],
    ['a key in brackets, encoded', '/users(%27{}%27)/messages'],
    ['other capitals', '/USERS/{}/messages'],
    ['the user alone', '/users/{}'],
  ])('strikes %s', async (_name, path) => {
    onBen();
    await expect(get(path.replace('{}', BEN))).rejects.toMatchObject(refused);
    await expect(get(path.replace('{}', findPerson(alderByrne, BEN)?.id ?? ''))).rejects.toMatchObject(refused);
    expect(await get(path.replace('{}', LENA))).toBeDefined();
  });

  it('strikes a path with slashes doubled, which the client would not send', async () => {
    onBen();
    const headers = { authorization: `Bearer ${await sandbox.token()}` };
    const status = async (user: string) =>
      (await fetch(`${sandbox.urls.graph}//v1.0//users///${user}//messages`, { headers })).status;
    expect([await status(BEN), await status(LENA)]).toEqual([500, 200]);
  });

  it('strikes /me of the mailbox’s owner, and of nobody else', async () => {
    const as = (account: string) => graphAs(sandbox, { account, scopes: ['User.Read', 'Mail.ReadWrite'] });
    const [ben, lena] = [await as(BEN), await as(LENA)];
    onBen();
    for (const path of ['/me', '/me/messages']) {
      await expect(ben.api(path).get()).rejects.toMatchObject(refused);
      expect(await lena.api(path).get()).toBeDefined();
    }
    const requests = [{ id: '1', method: 'GET', url: '/me/messages' }];
    expect((await ben.api('/$batch').post({ requests })).responses).toMatchObject([{ status: 500 }]);
    expect((await lena.api('/$batch').post({ requests })).responses).toMatchObject([{ status: 200 }]);
  });

  it('leaves /me without a token, and what cannot be read, to the service', async () => {
    onBen();
    for (const [path, status] of [
      ['/v1.0/me', 401],
      ['/uploads/nothing', 405],
      ['/', 400],
    ] as const) {
      expect([path, (await fetch(sandbox.urls.graph + path)).status]).toEqual([path, status]);
    }
  });

  it('strikes an upload into it', async () => {
    const upload = async (user: string): Promise<string> => {
      const { id } = await sandbox.graph().api(`/users/${user}/messages`).post({ subject: 'MMS' });
      const path = `/users/${user}/messages/${id}/attachments/createUploadSession`;
      const AttachmentItem = { attachmentType: 'file', name: 'clip.mp4', size: SIZE };
      return (await sandbox.graph().api(path).post({ AttachmentItem })).uploadUrl;
    };
    const [ben, lena] = [await upload(BEN), await upload(LENA)];
    // no client for Graph sends this: an upload takes no token
    const put = async (url: string) => {
      const range = `bytes 0-${SIZE - 1}/${SIZE}`;
      const headers = { 'content-range': range, 'content-type': 'application/octet-stream' };
      return (await fetch(url, { method: 'PUT', headers, body: new Uint8Array(SIZE) })).status;
    };
    sandbox.fault({ service: 'graph', route: 'PUT /uploads/*', mailbox: BEN, count: 1, fault: busy });
    expect([await put(lena), await put(ben), await put(ben)]).toEqual([201, 500, 201]);
  });

  it('strikes inside a batch by any of these names', async () => {
    onBen();
    const urls = [`/users('${BEN}')/messages`, `//users//${BEN}/messages`, `/users('${LENA}')/messages`];
    const requests = urls.map((url, at) => ({ id: String(at), method: 'GET', url }));
    const { responses } = await sandbox.graph().api('/$batch').post({ requests });
    const statuses = Object.fromEntries(responses.map((one: { id: string; status: number }) => [one.id, one.status]));
    expect(statuses).toEqual({ 0: 500, 1: 500, 2: 200 });
  });
});
