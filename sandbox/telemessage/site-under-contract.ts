/**
 * For tests: the site over HTTP, every answer held against `contract.openapi.yaml`. A status or a body that the contract
 * does not know fails the test that asked.
 */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterEach, expect } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { installFaults } from '../control/fault-hooks.ts';
import { faultRegistry } from '../control/faults.ts';
import type { SandboxSettings } from '../settings.ts';
import { readSettings } from '../settings.ts';
import { tenants } from '../world/tenants.ts';
import { telemessageRoutes } from './server.ts';

/** The part of an OpenAPI document that says what is answered. */
const answerSchema = z.object({ $ref: z.string().optional(), content: z.record(z.string(), z.unknown()).optional() });
const operation = z.object({ responses: z.record(z.string(), answerSchema) });
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.union([operation, z.array(z.unknown())]))),
  components: z.looseObject({ responses: z.record(z.string(), answerSchema) }),
});
const contract = document.parse(parse(readFileSync(new URL('contract.openapi.yaml', import.meta.url), 'utf8')));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(contract, 'contract');

const pointer = (...steps: string[]): string =>
  `contract#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

/** the contract: these can answer every call */
const EVERYWHERE: Readonly<Record<number, string>> = { 401: 'Error', 403: 'Error', 429: 'Throttled', 503: 'Throttled' };

/** What `method path` may answer with `status`, as a validator of the body; null for an answer without a JSON schema. */
function validatorFor(method: string, path: string, status: number): ValidateFunction | null {
  const fits = (template: string): boolean => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const template = Object.keys(contract.paths).find(fits) ?? '';
  const answers = operation.safeParse(contract.paths[template]?.[method.toLowerCase()]).data?.responses;
  const general = EVERYWHERE[status];
  const own = answers?.[status];
  const shared = own === undefined ? general : /^#\/components\/responses\/(\w+)$/.exec(own.$ref ?? '')?.[1];
  const answer = shared === undefined ? own : contract.components.responses[shared];
  if (answers === undefined || answer === undefined)
    throw new Error(`the contract has no ${status} for ${method} ${path}`);
  if (answer.content?.['application/json'] === undefined) return null;
  const steps =
    shared === undefined
      ? ['paths', template, method.toLowerCase(), 'responses', String(status)]
      : ['components', 'responses', shared];
  return ajv.compile({ $ref: pointer(...steps, 'content', 'application/json', 'schema') });
}

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
    refusal: ({ status, code }) => ({ status, body: { resultCode: 400, resultDescription: code } }),
  });
  const settings = { ...readSettings({ SANDBOX_DATA: 'memory' }), ...change };
  await app.register(telemessageRoutes({ settings, tenants, database, clock: () => new Date(now) }));

  const call: Site['call'] = async (options, token) => {
    const headers = { ...options.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const method = options.method ?? 'GET';
    const answer = await app.inject({ ...options, headers });
    const [path = ''] = options.url.split('?');
    const validate = validatorFor(method, path, answer.statusCode);
    const body: unknown = answer.headers['content-type']?.toString().startsWith('application/json')
      ? answer.json()
      : null;
    if (validate !== null) expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
    return { status: answer.statusCode, body, headers: answer.headers, raw: answer.rawPayload };
  };
  return {
    app,
    faults,
    database,
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
