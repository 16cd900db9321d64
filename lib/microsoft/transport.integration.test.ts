import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTransport, NoAnswer, NotSent } from './transport.ts';

let server: Server;
let url: string;
const received: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      received.push(`${request.headers['content-length']} ${text}`);
      if (request.url === '/moved') response.writeHead(302, { location: `${url}elsewhere` });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server.close());

/** As when the process is paused between deciding to send and sending: no timer fires in that time. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('a request that wakes up after its time is not sent', async () => {
  const transport = createTransport();
  const sending = transport(url, { method: 'POST', headers: {}, body: 'too late', notAfter: performance.now() + 20 });
  standStill(60);
  await expect(sending).rejects.toThrow(NotSent);
  expect(received).toEqual([]);
});

it('one without a body is not sent after its time either', async () => {
  const late = createTransport()(url, { method: 'DELETE', headers: {}, notAfter: performance.now() - 1 });
  await expect(late).rejects.toThrow(NotSent);
  expect(received).toEqual([]);
});

it('one in time is sent whole, with its length', async () => {
  const transport = createTransport();
  const body = 'grüße';
  await transport(url, { method: 'POST', headers: {}, body, notAfter: performance.now() + 5_000 });
  expect(received).toEqual([`7 ${body}`]);
});

it('a redirect is an answer, and nobody follows it with what the request carried', async () => {
  const before = received.length;
  const answer = await createTransport()(`${url}moved`, { method: 'GET', headers: { authorization: 'Bearer t' } });
  expect(answer.status).toBe(302);
  expect(received).toHaveLength(before + 1);
});

it('a large one that stands still halfway does not go on after its time', async () => {
  let whole = false;
  let ended: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const slow = createServer((request, response) => {
    request.on('error', () => {});
    request.on('end', () => {
      whole = true;
      response.end('{}');
    });
    request.on('close', () => ended());
    // Nothing is read until the time of the request is over.
    setTimeout(() => request.resume(), 400);
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  try {
    const body = Buffer.alloc(32 * 1024 * 1024);
    const to = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    const sending = createTransport()(to, { method: 'PUT', headers: {}, body, notAfter: performance.now() + 200 });
    await expect(sending).rejects.toThrow(NotSent);
    // On a machine that is busy it may never have been begun.
    await Promise.race([gone, sleep(5_000)]);
    expect(whole).toBe(false);
  } finally {
    slow.close();
  }
});

describe('a body that is handed on as it comes', () => {
  const MB = 1024 * 1024;
  /** Answers with `status`, and with so many megabytes, which it breaks off before the end where it is told so. */
  async function answering(status: number, megabytes: number, breaksOff: boolean, use: (to: string) => Promise<void>) {
    const server = createServer(async (_, response) => {
      response.on('error', () => {}).writeHead(status, { 'content-length': String(megabytes * MB) });
      for (let sent = 0; sent < megabytes - (breaksOff ? 1 : 0); sent++) {
        if (!response.write(Buffer.alloc(MB, 'a'))) await once(response, 'drain');
      }
      if (breaksOff) response.destroy();
      else response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    } finally {
      server.close();
    }
  }
  const get = { method: 'GET', headers: {} };

  it('may be longer than an answer that is kept, and takes no memory for it', async () => {
    const transport = createTransport({ maxAnswerBytes: MB });
    await answering(200, 100, false, async (to) => {
      let bytes = 0;
      let largest = 0;
      const sink = (piece: Uint8Array): void => {
        bytes += piece.byteLength;
        largest = Math.max(largest, piece.byteLength);
      };
      expect(await transport(to, { ...get, sink })).toMatchObject({ status: 200, text: '' });
      expect(bytes).toBe(100 * MB);
      expect(largest).toBeLessThan(2 * MB);
    });
  });

  it('is no whole answer where it breaks off', async () => {
    await answering(200, 3, true, async (to) => {
      await expect(createTransport()(to, { ...get, sink: () => {} })).rejects.toThrow(NoAnswer);
    });
  });

  it('goes into the text where it is a refusal, and what its taker throws comes out as it is', async () => {
    await answering(404, 1, false, async (to) => {
      const sink = () => expect.fail('a refusal was handed on');
      expect((await createTransport()(to, { ...get, sink })).text).toHaveLength(MB);
    });
    await answering(200, 3, false, async (to) => {
      const sink = () => {
        throw new RangeError('enough');
      };
      await expect(createTransport()(to, { ...get, sink })).rejects.toThrow(RangeError);
    });
  });
});
