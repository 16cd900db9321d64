/** Bodies that are too large, or of no type, get Graph's answer: never a broken connection. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const MESSAGES = '/users/ben.carter@alderbyrne.example/messages';
const MB = 1_048_576;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

/** By hand, for what Microsoft's client cannot send. */
async function post(contentType: string, body: NonNullable<RequestInit['body']>): Promise<unknown> {
  const headers = { authorization: `Bearer ${await sandbox.token()}`, 'content-type': contentType };
  const init = { method: 'POST', headers, body, duplex: 'half' };
  const response = await fetch(`${sandbox.urls.graph}/v1.0${MESSAGES}`, init);
  return [response.status, (await response.json()).error.code];
}

/** Zeros without an announced length; `taken` tells how many bytes were asked for. */
function zeros(bytes: number): { stream: ReadableStream; taken: () => number } {
  let taken = 0;
  const pull = (controller: ReadableStreamDefaultController): void => {
    controller.enqueue(new Uint8Array(MB));
    taken += MB;
    if (taken >= bytes) controller.close();
  };
  return { stream: new ReadableStream({ pull }), taken: () => taken };
}

describe('a body over 4 MB', () => {
  it.each([5, 12])('of %i MB is answered with 413, every time', async (size) => {
    const subject = 'x'.repeat(size * MB);
    for (let time = 1; time <= 20; time += 1) {
      const refused = sandbox.graph().api(MESSAGES).post({ subject });
      await expect(refused, `time ${time}`).rejects.toMatchObject({ statusCode: 413, code: 'BadRequest' });
    }
  });

  it('is answered with 413 where its length is not announced', async () => {
    const answers = await Promise.all([5, 5, 12].map((size) => post('text/plain', zeros(size * MB).stream)));
    expect(answers).toEqual(Array.from({ length: 3 }, () => [413, 'BadRequest']));
  });

  it('is not read for ever, and the sandbox goes on', async () => {
    const { stream, taken } = zeros(Number.POSITIVE_INFINITY);
    const ended = await post('text/plain', stream).catch(() => 'cut');
    expect([[413, 'BadRequest'], 'cut']).toContainEqual(ended);
    expect(taken()).toBeGreaterThan(60 * MB);
    expect(await sandbox.graph().api(MESSAGES).post({ subject: 'next' })).toMatchObject({ subject: 'next' });
  });

  it('is one byte too long where 4 MB are not', async () => {
    expect(await post('application/json', ' '.repeat(4 * MB))).toEqual([400, expect.any(String)]);
    expect(await post('application/json', ' '.repeat(4 * MB + 1))).toEqual([413, 'BadRequest']);
  });
});

it.each(['', ' ', 'nonsense', 'a/b/c'])('a body of the type %j is answered with 415', async (type) => {
  expect(await post(type, '{}')).toEqual([415, expect.any(String)]);
});
