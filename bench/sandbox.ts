/**
 * How much the sandbox bears: messages that its Graph accepts in a second in `$batch`, and the memory that 100,000 of
 * them take, beside a bare server that only parses and hashes. `npm run bench:sandbox`, or with a number of messages:
 * `npm run bench:sandbox -- 20000`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { serverTls } from '#sandbox/tls.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { PROJECT } from '../scripts/services/place.ts';
import { freePort } from '../scripts/services/ports.ts';
import { batches, type Target } from './graph-messages.ts';
import { type Measured, report } from './report.ts';

const COUNT = z.coerce
  .number()
  .int()
  .min(20)
  .parse(process.argv[2] ?? 100_000);
/** batches under way at once; each mailbox in one of them, as Graph's rules want it */
const IN_FLIGHT = 8;

const folder = mkdtempSync(join(tmpdir(), 'bench-sandbox-'));
const tlsFolder = join(folder, 'tls');
const { caPath } = await serverTls(tlsFolder, new Date());
setDefaultCACertificates([...getCACertificates('default'), readFileSync(caPath, 'utf8')]);
const dispatcher = new Agent({ connections: IN_FLIGHT });
const tokenSchema = z.object({ access_token: z.string() });
const folderSchema = z.object({ id: z.string() });
const batchSchema = z.object({ responses: z.array(z.object({ status: z.number() })) });

interface Server {
  readonly child: ChildProcess;
  readonly url: string;
  readonly token: string;
  readonly targets: readonly Target[];
}

async function bareServer(): Promise<Server> {
  const child = spawn(process.execPath, ['bench/bare-server.ts', tlsFolder], {
    cwd: PROJECT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await firstLine(child);
  return { child, url: line, token: 'none', targets: [{ user: 'somebody', folder: 'inbox' }] };
}

/** What a server says when it listens. @throws {Error} where it ends before */
async function firstLine(child: ChildProcess): Promise<string> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('a server ended before it listened');
  });
  const said = once(child.stdout ?? child, 'data').then(([line]) => String(line).trim());
  return Promise.race([said, ended]);
}

async function sandbox(change: Readonly<Record<string, string>>): Promise<Server> {
  const [http, entra, graph, telemessage] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const child = spawn(
    process.execPath,
    [...(process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter(Boolean), 'sandbox/index.ts'],
    {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        NODE_ENV: 'production',
        SANDBOX_HTTP_PORT: String(http),
        SANDBOX_ENTRA_PORT: String(entra),
        SANDBOX_GRAPH_PORT: String(graph),
        SANDBOX_TELEMESSAGE_PORT: String(telemessage),
        SANDBOX_TLS_DIR: tlsFolder,
        SANDBOX_LIMITS_SCALE: '100000',
        ...change,
      },
    },
  );
  await firstLine(child);
  await send(`http://localhost:${http}/sandbox/control/consents/${alderByrne.id}`, 'PUT', '{}');
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: portalApp.clientId,
    client_secret: portalApp.clientSecret,
    scope: 'https://graph.microsoft.com/.default',
  });
  const answer = await request(`https://localhost:${entra}/${alderByrne.id}/oauth2/v2.0/token`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  const token = tokenSchema.parse(await answer.body.json()).access_token;
  const url = `https://localhost:${graph}`;
  // shared mailboxes and odd ones would do as well; these are enough
  const owners = alderByrne.people.filter((person) => person.mailbox === 'user');
  const targets = await Promise.all(owners.map((owner) => archiveFolder(url, token, owner.id)));
  return { child, url, token, targets };
}

async function archiveFolder(url: string, token: string, user: string): Promise<Target> {
  const body = JSON.stringify({ displayName: 'Android Archiver' });
  const made = await send(`${url}/v1.0/users/${user}/mailFolders`, 'POST', body, token);
  return { user, folder: folderSchema.parse(made).id };
}

async function send(url: string, method: 'POST' | 'PUT', body: string, token?: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await request(url, { dispatcher, method, headers, body });
  const said = await answer.body.json();
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${JSON.stringify(said)}`);
  return said;
}

/** Sends all messages, so many batches at a time. Bodies are made beforehand in rounds: the client costs little. */
async function write(server: Server, count: number): Promise<{ seconds: number }> {
  let seconds = 0;
  const source = batches(server.targets, count);
  for (;;) {
    const round = Array.from({ length: 500 }, () => source.next()).flatMap((one) => (one.done ? [] : [one.value]));
    if (round.length === 0) return { seconds };
    const started = performance.now();
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => drain(server, round)));
    seconds += (performance.now() - started) / 1_000;
  }
}

async function drain(server: Server, round: string[]): Promise<void> {
  for (let body = round.shift(); body !== undefined; body = round.shift()) {
    const { responses } = batchSchema.parse(await send(`${server.url}/v1.0/$batch`, 'POST', body, server.token));
    const refused = responses.find(({ status }) => status !== 201);
    if (refused) throw new Error(`a message was answered with ${refused.status}`);
  }
}

/** Resident memory of a process in MB. Linux only. */
function residentMb(pid: number | undefined): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(line) / 1_024;
}

async function measure(name: string, start: () => Promise<Server>): Promise<Measured> {
  const server = await start();
  try {
    await write(server, 2_000);
    await sleep(500);
    const before = residentMb(server.child.pid);
    const { seconds } = await write(server, COUNT);
    await sleep(500);
    const grown = ((residentMb(server.child.pid) - before) * 100_000) / COUNT;
    return {
      name,
      perSecond: COUNT / seconds,
      more: { 'µs a message': ((seconds * 1e6) / COUNT).toFixed(0), 'MB more for 100,000': grown.toFixed(0) },
    };
  } finally {
    server.child.kill();
    await once(server.child, 'exit');
  }
}

try {
  const rows = [
    await measure('a bare server', bareServer),
    await measure('sandbox, in memory, hashes only', () =>
      sandbox({ SANDBOX_DATA: 'memory', SANDBOX_KEEP_BODIES: 'no' }),
    ),
    await measure('sandbox, in memory', () => sandbox({ SANDBOX_DATA: 'memory' })),
    await measure('sandbox, on disk', () => sandbox({ SANDBOX_DATA: join(folder, 'state') })),
  ];
  report(`${COUNT.toLocaleString('en')} messages in $batch, ${IN_FLIGHT} batches of 20 at a time`, 'messages', rows);
} finally {
  await dispatcher.close();
  rmSync(folder, { recursive: true, force: true });
}
