/** The demo in containers, as far as it goes without an engine: its image's files, its settings, its servers. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv as parseFile } from 'node:util';
import { BlobServiceClient } from '@azure/storage-blob';
import { Agent } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseEnv } from '#lib/env.ts';
import { discover } from '#lib/microsoft/discovery.ts';
import { createTransport } from '#lib/microsoft/transport.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { kestrelBank } from '#sandbox/world/tenants.ts';
import { PROJECT } from '../services/place.ts';
import { freePort } from '../services/ports.ts';
import { isInContext } from './dockerfile.ts';
import { takeSteps } from './tree.ts';

const serviceSchema = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
});
const { services } = z
  .object({ services: z.object({ sandbox: serviceSchema, azurite: serviceSchema, portal: serviceSchema }) })
  .parse(parse(readFileSync(join(PROJECT, 'docker-compose.yml'), 'utf8'), { merge: true }));

const around = mkdtempSync(join(tmpdir(), 'compose-demo-'));
const app = join(around, 'app');
const started: ChildProcess[] = [];
type Settings = Readonly<Record<string, string | undefined>>;
let product: Settings;
let beside: Settings;

/** Runs the script in a folder of its own. */
function drawn(folder: string): { product: Settings; beside: Settings } {
  mkdirSync(join(folder, 'sandbox'), { recursive: true });
  cpSync(join(PROJECT, 'sandbox/demo-env.sh'), join(folder, 'sandbox/demo-env.sh'));
  const { status, stderr } = spawnSync('sh', ['sandbox/demo-env.sh'], { cwd: folder, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const read = (name: string): Settings => parseFile(readFileSync(join(folder, name), 'utf8'));
  return { product: read('.env'), beside: read('.env.sandbox') };
}

beforeAll(() => {
  takeSteps(app, { dockerfile: 'sandbox/Dockerfile', ignore: 'sandbox/Dockerfile.dockerignore' }, () => {});
  symlinkSync(join(PROJECT, 'node_modules'), join(app, 'node_modules'));
  ({ product, beside } = drawn(join(around, 'settings')));
});

afterAll(async () => {
  for (const child of started) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
  rmSync(around, { recursive: true, force: true });
});

function start(command: readonly string[], env: Settings): void {
  const [script = '', ...args] = command;
  started.push(
    spawn(process.execPath, [script, ...args], {
      cwd: app,
      env: { ...env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
}

/** Compose's own substitution. */
const filled = (text: string): string => text.replace(/\$\{(\w+):\?[^}]*\}/g, (_, name) => product[name] ?? '');

it('draws settings that the product takes, new ones each time, and leaves what is there', () => {
  const environment = Object.entries(services.portal.environment).map(([name, text]) => [name, filled(text)]);
  const settings = parseEnv({ ...product, ...Object.fromEntries(environment) });
  expect(settings.ORGANIZATIONS).toEqual([alderByrne.id, kestrelBank.id]);
  expect(settings.ENTRA_CLIENT_ID).toBe(portalApp.clientId);
  expect(product.COMPOSE_PROFILES).toBe('demo');
  expect(product.ENTRA_CLIENT_SECRET).toBe(beside.SANDBOX_CLIENT_SECRET);
  const other = drawn(join(around, 'other'));
  for (const name of Object.keys(product).filter((one) => /SECRET|PASSWORD|KEYS|CONNECTION/.test(one))) {
    expect([name, other.product[name] === product[name]]).toEqual([name, false]);
  }
  expect(statSync(join(around, 'settings/.env')).mode & 0o077).toBe(0);
  const again = spawnSync('sh', ['sandbox/demo-env.sh'], { cwd: join(around, 'settings'), encoding: 'utf8' });
  expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('.env is there already')]);
  const ignore = readFileSync(join(PROJECT, 'sandbox/Dockerfile.dockerignore'), 'utf8');
  for (const file of ['.env', '.env.sandbox', '.data/secrets.json']) expect(isInContext(ignore, file)).toBe(false);
  expect(readFileSync(join(PROJECT, '.gitignore'), 'utf8').split('\n')).toContain('.env.sandbox');
});

it('has a sandbox that other containers find by its name, with the secret that was drawn', async () => {
  const ports = { http: await freePort(), entra: await freePort() };
  const tls = join(around, 'trust');
  start(['sandbox/index.ts'], {
    ...services.sandbox.environment,
    ...beside,
    SANDBOX_HOST: '127.0.0.1',
    SANDBOX_DATA: 'memory',
    SANDBOX_TLS_DIR: tls,
    SANDBOX_HTTP_PORT: String(ports.http),
    SANDBOX_ENTRA_PORT: String(ports.entra),
    ...Object.fromEntries(['GRAPH', 'TELEMESSAGE', 'SMTP', 'HOOKS'].map((name) => [`SANDBOX_${name}_PORT`, '0'])),
  });
  await until(async () => (await fetch(`http://127.0.0.1:${ports.http}/`)).ok);
  const dispatcher = new Agent({
    connect: {
      ca: readFileSync(join(tls, 'ca.pem'), 'utf8'),
      lookup: (_name, _options, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    },
  });
  const transport = createTransport({ dispatcher });
  const authority = `https://sandbox:${ports.entra}`;
  const found = await discover(
    { authority, graphUrl: 'https://sandbox:4444', graphScope: '', foreignHosts: [] },
    alderByrne.id,
    transport,
  );
  expect(found.issuer).toBe(`${authority}/${alderByrne.id}/v2.0`);
  // Browsers are not on the containers' network.
  expect(found.authorizationEndpoint).toContain(`http://localhost:${ports.http}/`);
  const ask = async (secret: string) => {
    const form = { grant_type: 'client_credentials', client_id: portalApp.clientId, client_secret: secret };
    return transport(found.tokenEndpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...form, scope: 'https://graph.microsoft.com/.default' }).toString(),
    });
  };
  expect((await ask(product.ENTRA_CLIENT_SECRET ?? '')).status).toBe(200);
  expect((await ask(portalApp.clientSecret)).status).toBe(401);
  await dispatcher.close();
});

it('has a storage that takes the key that was drawn', async () => {
  const port = await freePort();
  const blobs = join(around, 'blobs');
  mkdirSync(blobs);
  const command = (services.azurite.command ?? []).map((word) =>
    word.replace('0.0.0.0', '127.0.0.1').replace('/blobs', blobs),
  );
  expect(existsSync(join(app, command[0] ?? ''))).toBe(true);
  start([...command, '--blobPort', String(port)], beside);
  const connection = product.AZURE_STORAGE_CONNECTION_STRING?.replace('azurite:10000', `127.0.0.1:${port}`) ?? '';
  const container = BlobServiceClient.fromConnectionString(connection).getContainerClient('demo');
  await until(async () => {
    await container.createIfNotExists();
    return true;
  });
  expect(await container.exists()).toBe(true);
});

async function until(answers: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await answers().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error('it did not answer');
}
