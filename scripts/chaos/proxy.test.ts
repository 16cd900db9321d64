import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Line, openLine } from './proxy.ts';

let server: Server;
let line: Line;
let near: Socket;

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  line = await openLine(address.port);
  near = connect({ port: line.port, host: '127.0.0.1' });
  await once(near, 'connect');
});

afterEach(async () => {
  near.destroy();
  await line.close();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
});

async function echo(text: string): Promise<string> {
  near.write(text);
  const [bytes] = await once(near, 'data');
  return String(bytes);
}

it('hands on what goes either way', async () => {
  expect(await echo('one')).toBe('one');
});

it('a cut resets what is open, and the next connection works', async () => {
  await echo('one');
  const reset = once(near, 'error');
  expect(line.cut()).toBe(1);
  const [error] = await reset;
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  near = connect({ port: line.port, host: '127.0.0.1' });
  expect(await echo('two')).toBe('two');
});

it('silence keeps everything back for its time and loses nothing', async () => {
  await echo('one');
  expect(line.silence(300)).toBe(1);
  const began = performance.now();
  expect(await echo('two')).toBe('two');
  expect(performance.now() - began).toBeGreaterThan(250);
});

it('a silence within another ends with the later of the two, and nothing comes twice', async () => {
  await echo('one');
  line.silence(400);
  line.silence(100);
  const began = performance.now();
  near.write('two');
  await setTimeout(200);
  line.silence(400);
  const parts: string[] = [];
  near.on('data', (bytes) => parts.push(String(bytes)));
  while (parts.length === 0) await setTimeout(20);
  expect(performance.now() - began).toBeGreaterThan(550);
  near.write('three');
  while (!parts.join('').endsWith('three')) await setTimeout(20);
  await setTimeout(50);
  expect(parts.join('')).toBe('twothree');
});
