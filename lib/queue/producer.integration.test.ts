import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redisConnection } from './connection.ts';
import { openProducer } from './producer.ts';

/** Takes connections and never says a word. */
let silent: Server;
const sockets = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('while Redis says nothing the first job is waited for, and no other', async () => {
  const { port } = silent.address() as AddressInfo;
  const organizationId = '00000000-0000-4000-8000-000000000001';
  const producer = openProducer(redisConnection(`redis://127.0.0.1:${port}`), 'test');
  const began = performance.now();
  for (let shard = 0; shard < 32; shard++) await producer.enqueue('deliver', { organizationId, shard });
  // One by one they would be 160 seconds.
  expect(performance.now() - began).toBeLessThan(60_000);
  await producer.close();
});
