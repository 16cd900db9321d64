/**
 * For tests: the site over HTTP, every answer held against `contract.openapi.yaml`. A status or a body that the contract
 * does not know fails the test that asked.
 */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterEach, expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { telemessageContract } from '../contracts/telemessage-contract.ts';
import { installFaults } from '../control/fault-hooks.ts';
import { faultRegistry } from '../control/faults.ts';
import { telemessageRefusal } from '../control/refusals.ts';
import type { SandboxSettings } from '../settings.ts';
import { readSettings } from '../settings.ts';
import { type Directory, openDirectory } from '../world/directory.ts';
import { tenants } from '../world/tenants.ts';
import { telemessageRoutes } from './server.ts';
import { type TelemessageSite, telemessageSite } from './site.ts';

const contract = telemessageContract(parse(readFileSync(new URL('contract.openapi.yaml', import.meta.url), 'utf8')));

export const START = Date.UTC(2026, 10, 22, 12);
export const ADMIN = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
export const page = z.object({
  items: z.array(
    z.looseObject({
      id: z.string(),
      archivedTime: z.string(),
      attachments: z.array(z.looseObject({ id: z.string(), size: z.number(), sha256: z.string() })),
    }),
  ),
  nextCursor: z.string().nullable(),
});
export const hour = (offset: number) => new Date(START + offset * 3_600_000).toISOString();

export interface Site {
  readonly app: FastifyInstance;
  readonly faults: ReturnType<typeof faultRegistry>;
  readonly database: DatabaseSync;
  readonly directory: Directory;
  /** what stands behind the routes */
  site(): Promise<TelemessageSite>;
  /** moves the site's clock on */
  pass(ms: number): void;
  /** sends a request, holds the answer against the contract */
  call(
    options: InjectOptions & { url: string },
    token?: string,
  ): Promise<{ status: number; body: unknown; headers: Record<string, unknown>; raw: Buffer }>;
  signIn(credentials?: { username: string; password: string }): Promise<string>;
}

const open: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

export async function startSite(
  change: Partial<SandboxSettings> = {},
  database = new DatabaseSync(':memory:'),
): Promise<Site> {
  let now = START;
  const app = Fastify();
  open.push(app);
  const faults = faultRegistry(1);
  installFaults(app, {
    service: 'telemessage',
    faults,
    refusal: telemessageRefusal,
  });
  const settings = { ...readSettings({ SANDBOX_DATA: 'memory' }), ...change };
  const directory = openDirectory(database, tenants);
  const parts = { settings, directory, database, clock: () => new Date(now) };
  await app.register(telemessageRoutes(parts));

  const call: Site['call'] = async (options, token) => {
    const headers = { ...options.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const method = options.method ?? 'GET';
    const answer = await app.inject({ ...options, headers });
    const [path = ''] = options.url.split('?');
    const operation = contract.find(method, path);
    if (operation === undefined) throw new Error(`the contract has no ${method} ${path}`);
    const isJson = answer.headers['content-type']?.toString().startsWith('application/json') === true;
    const body: unknown = isJson ? answer.json() : null;
    const content = answer.rawPayload.length === 0 ? undefined : isJson ? body : answer.rawPayload;
    expect(contract.answerFaults(operation, { status: answer.statusCode, body: content })).toEqual([]);
    return { status: answer.statusCode, body, headers: answer.headers, raw: answer.rawPayload };
  };
  return {
    app,
    faults,
    database,
    directory,
    site: () => telemessageSite(parts),
    call,
    pass: (ms) => {
      now += ms;
    },
    signIn: async (credentials = ADMIN) => {
      const { body } = await call({ method: 'POST', url: '/v1/sessions', payload: credentials });
      return z.object({ token: z.string() }).parse(body).token;
    },
  };
}

export const itemsUrl = (query: Record<string, string>, kind = 'android-archiver') =>
  `/v1/archives/${kind}/items?${new URLSearchParams({ from: hour(-24), to: hour(-1), ...query })}`;

export async function everything(site: Site, token: string, query: Record<string, string> = {}) {
  const items: z.infer<typeof page>['items'] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await site.call({ url: itemsUrl({ ...query, ...(cursor === '' ? {} : { cursor }) }) }, token);
    const read = page.parse(body);
    items.push(...read.items);
    cursor = read.nextCursor;
  }
  return items;
}
