import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTransport, NotSent } from './transport.ts';

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

it('one in time is sent whole, with its length', async () => {
  const transport = createTransport();
  const body = 'grüße';
  await transport(url, { method: 'POST', headers: {}, body, notAfter: performance.now() + 5_000 });
  expect(received).toEqual([`7 ${body}`]);
});
