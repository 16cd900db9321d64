import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { demoPorts, freePort, freePorts, isTaken } from './ports.ts';
import { listenerOf } from './proc.ts';

/** Listens on a free port until the test ends. */
async function occupiedPort(host: string): Promise<number> {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  onTestFinished(() => {
    server.close();
  });
  return port;
}

test.each(['127.0.0.1', '0.0.0.0'])('a port that something uses on %s is taken, by that process', async (host) => {
  const port = await occupiedPort(host);
  expect(await isTaken(port)).toBe(true);
  expect(listenerOf(port)).toMatchObject({ pid: process.pid });
});

test('a free port is not taken', async () => {
  expect(await isTaken(await freePort())).toBe(false);
});

test('a part of an address stays where it is and refuses; a part behind the scenes moves', async () => {
  const taken = String(await occupiedPort('127.0.0.1'));
  const free = await freePorts();
  const chosen = {
    PORTAL_PORT: String(free.portal),
    SANDBOX_HTTP_PORT: String(free.sandboxHttp),
    SANDBOX_ENTRA_PORT: String(free.sandboxEntra),
    SANDBOX_GRAPH_PORT: String(free.sandboxGraph),
    SANDBOX_TELEMESSAGE_PORT: String(free.sandboxTelemessage),
    SANDBOX_SMTP_PORT: String(free.sandboxSmtp),
    SANDBOX_HOOKS_PORT: String(free.sandboxHooks),
    POSTGRES_PORT: String(free.postgres),
    REDIS_PORT: String(free.redis),
    BLOB_PORT: String(free.blob),
    WORKER_HEALTH_PORT: String(free.workerHealth),
  };
  expect(await demoPorts(chosen)).toEqual(free);
  await expect(demoPorts({ ...chosen, PORTAL_PORT: taken })).rejects.toThrow(`Port ${taken} is taken by process`);
  await expect(demoPorts({ ...chosen, POSTGRES_PORT: taken })).rejects.toThrow(/POSTGRES_PORT=/);
});
