/** Four requests at once a mailbox, by the service's own limits: a client has to keep to it without any delay set. */
import { type Client, RetryHandlerOptions } from '@microsoft/microsoft-graph-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { ShortestTime } from './shortest-time.ts';

let sandbox: TestSandbox;
/** with one token for all requests: nothing else comes between those that are sent at once */
let client: Client;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  client = sandbox.graph(alderByrne, { token: await sandbox.token() });
});
afterAll(() => sandbox.stop());

const answerSchema = z.object({ responses: z.array(z.object({ status: z.number() })) });

/** A batch of twenty messages for one person; the statuses that came back. */
async function batchFor(name: string): Promise<readonly number[]> {
  const requests = Array.from({ length: 20 }, (_, at) => ({
    id: String(at),
    method: 'POST',
    url: `/users/${name}@alderbyrne.example/messages`,
    headers: { 'Content-Type': 'application/json' },
    body: { subject: `${at}` },
  }));
  const answer = answerSchema.parse(await client.api('/$batch').post({ requests }));
  return answer.responses.map(({ status }) => status);
}

const REFUSED = [429, 'ApplicationThrottled'];

/** How a GET is answered, where the client by itself would wait and try again. */
const once = (path: string): Promise<unknown> =>
  client
    .api(path)
    .middlewareOptions([new RetryHandlerOptions(undefined, 0)])
    .get()
    .then(
      () => 200,
      (error: { statusCode: number; code: string }) => [error.statusCode, error.code],
    );

const created = (statuses: readonly number[]): number => statuses.filter((status) => status === 201).length;

describe('one mailbox', () => {
  it('takes a batch of twenty, four at a time', async () => {
    expect(created(await batchFor('lena.fischer'))).toBe(20);
  });

  it('is held for a time by each request of a batch', async () => {
    const passed = vi.spyOn(ShortestTime.prototype, 'passed');
    await batchFor('lena.fischer');
    expect(passed.mock.calls).toEqual(Array.from({ length: 20 }, () => ['inBatch']));
    passed.mockRestore();
  });

  // Without any delay a busy machine now and then sends the second when the first is done; with one it cannot.
  describe.each([
    ['without a delay, sooner or later', 0],
    ['with one, every time', 200],
  ])('%s', (_, latencyMs) => {
    const times = latencyMs === 0 ? 10 : 3;
    beforeEach(() => sandbox.parts.limits.change({ latencyMs }));
    afterEach(() => sandbox.parts.limits.reset());

    it('refuses what comes beside it with 429, and keeps what it confirmed', async () => {
      const kept = async (): Promise<number> => {
        const answer = await client.api('/users/ben.carter@alderbyrne.example/messages').count(true).get();
        return answer['@odata.count'];
      };
      const seen = new Set<number>();
      for (let time = 1; time <= times; time += 1) {
        const before = await kept();
        const statuses = (await Promise.all([batchFor('ben.carter'), batchFor('ben.carter')])).flat();
        if (latencyMs > 0) expect(new Set(statuses), `time ${time}`).toEqual(new Set([201, 429]));
        for (const status of statuses) seen.add(status);
        expect((await kept()) - before).toBe(created(statuses));
      }
      expect(seen).toEqual(new Set([201, 429]));
    });

    it('answers four requests at once, and not eight', async () => {
      const many = (count: number) =>
        Promise.all(Array.from({ length: count }, () => once('/users/sam.okafor@alderbyrne.example/messages')));
      const beside: unknown[] = [];
      for (let time = 1; time <= times; time += 1) {
        expect(await many(4), `time ${time}`).toEqual([200, 200, 200, 200]);
        const eight = await many(8);
        if (latencyMs > 0) expect(eight, `time ${time}`).toContainEqual(REFUSED);
        beside.push(...eight);
      }
      expect(beside).toContainEqual(REFUSED);
    });
  });

  it('does not mind batches for others', async () => {
    const people = ['grace.adeyemi', 'sam.okafor', 'noa.levi', 'priya.nair'];
    expect((await Promise.all(people.map(batchFor))).map(created)).toEqual([20, 20, 20, 20]);
  });
});

describe('limits of a mailbox', () => {
  const LENA = '/users/lena.fischer@alderbyrne.example';
  afterEach(() => sandbox.parts.limits.reset());

  it('are not for ranges of an upload, whose address is not Graph’s', async () => {
    const size = 3 * 1_048_576;
    const { id } = await client.api(`${LENA}/messages`).post({ subject: 'large' });
    const item = { attachmentType: 'file', name: 'clip.mp4', size };
    const session = client.api(`${LENA}/messages/${id}/attachments/createUploadSession`).post({ AttachmentItem: item });
    const { uploadUrl } = await session;
    sandbox.parts.limits.change({ latencyMs: 1_000 });
    const four = Promise.all(Array.from({ length: 4 }, () => client.api(`${LENA}/messages`).get()));
    await expect.poll(() => once(`${LENA}/messages`)).toEqual(REFUSED);
    const headers = { 'content-range': `bytes 0-${size - 1}/${size}`, 'content-type': 'application/octet-stream' };
    const taken = await fetch(uploadUrl, { method: 'PUT', headers, body: new Uint8Array(size) });
    expect(taken.status, 'beside four requests at once').toBe(201);
    await four;
  });

  it('are not met by names that nobody has', async () => {
    sandbox.parts.limits.change({ mailboxRequests: 1 });
    for (const name of ['nobody', 'nobody', 'no one']) {
      const path = `/users/${encodeURIComponent(name)}@alderbyrne.example/messages`;
      expect(await once(path)).toEqual([404, 'ErrorInvalidUser']);
    }
  });
});
