/** Ports: which ones an installation on this machine uses, and what to say when one is taken. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { PartError } from './part.ts';
import { listenerOf } from './proc.ts';

/**
 * Each port with the variable that chooses another. `fixed` ones are part of an address that people open or that is
 * registered with Entra ID; the others move to a free port by themselves when theirs is taken.
 */
const PORTS = {
  portal: { variable: 'PORTAL_PORT', standard: 3000, fixed: true },
  workerHealth: { variable: 'WORKER_HEALTH_PORT', standard: 3001, fixed: false },
  sandboxHttp: { variable: 'SANDBOX_HTTP_PORT', standard: 4000, fixed: true },
  sandboxEntra: { variable: 'SANDBOX_ENTRA_PORT', standard: 4443, fixed: true },
  sandboxGraph: { variable: 'SANDBOX_GRAPH_PORT', standard: 4444, fixed: true },
  sandboxTelemessage: { variable: 'SANDBOX_TELEMESSAGE_PORT', standard: 4445, fixed: true },
  sandboxSmtp: { variable: 'SANDBOX_SMTP_PORT', standard: 4446, fixed: false },
  sandboxHooks: { variable: 'SANDBOX_HOOKS_PORT', standard: 4447, fixed: false },
  postgres: { variable: 'POSTGRES_PORT', standard: 5432, fixed: false },
  redis: { variable: 'REDIS_PORT', standard: 6379, fixed: false },
  blob: { variable: 'BLOB_PORT', standard: 10000, fixed: false },
} as const;

type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

const NAMES = Object.keys(PORTS) as PortName[];

/**
 * The demo's ports: the standard ones, or those that the environment names (`PORTAL_PORT=3100`; `PORT` is understood
 * for the portal).
 * @throws PartError with a sentence when a port is no port, or is taken and may not move
 */
export async function demoPorts(environment: Readonly<Record<string, string | undefined>>): Promise<Ports> {
  const entries: [PortName, number][] = [];
  for (const name of NAMES) entries.push([name, await demoPort(name, environment)]);
  return Object.fromEntries(entries) as Record<PortName, number>;
}

async function demoPort(name: PortName, environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  const { variable, standard, fixed } = PORTS[name];
  const chosen = environment[variable] ?? (name === 'portal' ? environment.PORT : undefined);
  const port = chosen ? parsePort(variable, chosen) : standard;
  if (!(await isTaken(port))) return port;
  if (fixed || chosen) throw new PartError(portTakenSentence(port, variable, listenerOf(port)));
  return freePort();
}

/** @throws PartError unless the text is a port */
export function parsePort(variable: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new PartError(`${variable} must be a port from 1 to 65535, not "${text}".`);
}

/** Free ports for every part, so that any number of test runs stand beside each other and beside the demo. */
export async function freePorts(): Promise<Ports> {
  const ports = await Promise.all(NAMES.map(freePort));
  return Object.fromEntries(NAMES.map((name, index) => [name, ports[index]])) as Record<PortName, number>;
}

/** What a person reads who starts the demo while something else uses one of its ports. */
export function portTakenSentence(
  port: number,
  variable: string,
  owner: { readonly pid: number; readonly command: string } | undefined,
): string {
  const by = owner ? `by process ${owner.pid} (${owner.command})` : 'by another program';
  const other = port + 100 < 65_536 ? port + 100 : port - 100;
  return `Port ${port} is taken ${by}. Stop it, or choose another port: ${variable}=${other} npm run demo`;
}

/** True when something on this machine listens on the port, on either loopback address. */
export async function isTaken(port: number): Promise<boolean> {
  const outcomes = await Promise.all(['127.0.0.1', '::1'].map((host) => tryListening(port, host)));
  return outcomes.includes('EADDRINUSE');
}

function tryListening(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/**
 * Below the range that systems give to outgoing connections (from 32,768 on): what is free here does not become the near
 * end of some connection before the part listens on it.
 */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** A port that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (!(await isTaken(port))) return port;
  }
}
