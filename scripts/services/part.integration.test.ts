import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Part, PartError, type PartPlan, processPart } from './part.ts';
import { freePort } from './ports.ts';
import { acceptsConnection } from './probe.ts';
import { isAlive } from './proc.ts';

const SERVER = `
  const server = require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1');
  if (process.argv[2] === 'stubborn') process.on('SIGTERM', () => {});
  if (process.argv[2] === 'parent') {
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    console.log('child', child.pid);
  }`;

async function part(kind: string, changes: Partial<PartPlan> = {}): Promise<Part & { readonly port: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'part-'));
  const port = await freePort();
  const made = processPart({
    name: 'Server',
    command: process.execPath,
    args: ['-e', SERVER, String(port), kind],
    logFile: join(folder, 'logs/server.log'),
    runFile: join(folder, 'run/server.json'),
    ready: () => acceptsConnection(port),
    readyWithinMs: 20_000,
    ...changes,
  });
  onTestFinished(async () => {
    await made.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...made, port };
}

test('is ready once it answers, and gone once it is stopped', async () => {
  const server = await part('plain');
  await server.start();
  expect(await acceptsConnection(server.port)).toBe(true);
  await server.stop();
  expect(await acceptsConnection(server.port)).toBe(false);
  await server.stop();
});

test('one that does not heed the signal is killed when its time is over', async () => {
  const server = await part('stubborn', { stopWithinMs: 200 });
  await server.start();
  await server.stop();
  expect(await acceptsConnection(server.port)).toBe(false);
});

test('what it started itself ends with it', async () => {
  const server = await part('parent');
  await server.start();
  await vi.waitFor(() => expect(readFileSync(server.logFile, 'utf8')).toMatch(/child \d+/));
  const child = Number(readFileSync(server.logFile, 'utf8').match(/child (\d+)/)?.[1]);
  expect(isAlive(child)).toBe(true);
  await server.stop();
  await vi.waitFor(() => expect(isAlive(child)).toBe(false));
});

test('one that does not start says so with the end of its log', async () => {
  const server = await part('plain', { args: ['-e', 'console.error("no disk left"); process.exit(3)'] });
  const failure = await server.start().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PartError);
  expect(String(failure)).toMatch(/Server did not start\.[\s\S]*no disk left/);
});

test('one that ends by itself is reported, one that was stopped is not', async () => {
  const server = await part('plain');
  const reports: string[] = [];
  server.onUnexpectedExit((description) => reports.push(description));
  await server.start();
  await server.stop();
  expect(reports).toEqual([]);
  await server.start();
  process.kill(server.pid() ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(reports).toHaveLength(1));
  expect(reports[0]).toMatch(/Server ended \(SIGKILL\).*server\.log/);
});

test('nothing outlives a starter that is killed, and the next start finds its port free', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'part-'));
  const port = await freePort();
  const starter = `
    import { processPart } from ${JSON.stringify(join(import.meta.dirname, 'part.ts'))};
    import { acceptsConnection } from ${JSON.stringify(join(import.meta.dirname, 'probe.ts'))};
    const part = processPart({
      name: 'Server', command: process.execPath, args: ['-e', ${JSON.stringify(SERVER)}, '${port}', 'stubborn'],
      logFile: '${folder}/server.log', runFile: '${folder}/run.json', ready: () => acceptsConnection(${port}),
    });
    await part.start();
    console.log('started');
    setInterval(() => {}, 1000);`;
  const starting = spawn(process.execPath, ['--input-type=module-typescript', '-e', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(starting.stdout, 'data');
  const left = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')).pid;
  starting.kill('SIGKILL');
  await once(starting, 'exit');
  expect(isAlive(left)).toBe(true);

  const server = await part('plain', {
    args: ['-e', SERVER, String(port), 'plain'],
    logFile: join(folder, 'server.log'),
    runFile: join(folder, 'run.json'),
    ready: () => acceptsConnection(port),
    stopWithinMs: 200,
  });
  await server.start();
  expect(isAlive(left)).toBe(false);
  await server.stop();
  expect(existsSync(join(folder, 'run.json'))).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});
