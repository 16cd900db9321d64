/** The ports of the four listeners, chosen before anything listens. */
import { createServer } from 'node:net';
import type { SandboxSettings } from './settings.ts';

/** Ports with 0 replaced by free ones, since the addresses stand in tokens and documents before anything listens. */
export async function chosenPorts(settings: SandboxSettings): Promise<SandboxSettings['ports']> {
  const { http, entra, graph, telemessage } = settings.ports;
  const [one, two, three, four] = await freePorts(settings.host);
  return {
    http: http || one,
    entra: entra || two,
    graph: graph || three,
    telemessage: telemessage || four,
  };
}

async function freePorts(host: string): Promise<[number, number, number, number]> {
  const held = await Promise.all([holdPort(host), holdPort(host), holdPort(host), holdPort(host)]);
  await Promise.all(held.map(({ release }) => release()));
  const [one, two, three, four] = held;
  return [one.port, two.port, three.port, four.port];
}

function holdPort(host: string): Promise<{ port: number; release: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('the listener has no port'));
      return resolve({ port: address.port, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
