/** The ports of the listeners, chosen before anything listens. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { SandboxSettings } from './settings.ts';

/** Ports with 0 replaced by free ones, since the addresses stand in tokens and documents before anything listens. */
export async function chosenPorts(settings: SandboxSettings): Promise<SandboxSettings['ports']> {
  const names = Object.keys(settings.ports) as (keyof SandboxSettings['ports'])[];
  const held = await Promise.all(names.map(() => holdPort(settings.host)));
  await Promise.all(held.map(({ release }) => release()));
  const chosen = { ...settings.ports };
  for (const [index, name] of names.entries()) chosen[name] = settings.ports[name] || (held[index]?.port ?? 0);
  return chosen;
}

/**
 * Below the range that systems give to outgoing connections (from 32,768 on): what is free here does not become the near
 * end of some connection before it is listened on.
 */
const [LOWEST, HIGHEST] = [20_000, 32_000];

async function holdPort(host: string): Promise<{ port: number; release: () => Promise<void> }> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    const server = createServer();
    const held = await new Promise<boolean>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
      );
      server.listen({ port, host, exclusive: true }, () => resolve(true));
    });
    if (held) return { port, release: () => new Promise((done) => server.close(() => done())) };
  }
}
