/** A SIEM collects the audit log by itself: who may, nothing missed, nothing twice, and every answer as documented. */
import { randomUUID } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { AUDIT_LOG_PATH, mappingApiDocument } from '../mapping-api/openapi.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import { type AuditWorld, auditWorld } from './chain.fixture.ts';
import { type CollectParts, collectAuditLog } from './collect.ts';
import { linkEntries } from './link-entries.ts';

const SIEM = randomUUID();
const document = mappingApiDocument('https://portal.example');
const documented = document.paths[AUDIT_LOG_PATH].get;
const ajv = addFormats.default(new Ajv2020({ strict: true }));
const isEntry = ajv.compile(document.components.schemas.AuditEntry);
const isProblem = ajv.compile(document.components.schemas.Problem);

let world: AuditWorld;
let parts: CollectParts;
let caller: AppCaller | CallerRefusal;
beforeAll(async () => {
  world = await auditWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  caller = { organizationId: world.organizationId, appId: randomUUID(), objectId: SIEM, roles: ['Audit.Read'] };
  parts = {
    pool: world.pool,
    callerOf: async () => caller,
    limits: allowing(600),
    noted: new Map([[`${world.organizationId} ${SIEM}`, new Date().toISOString().slice(0, 10)]]),
    addressOf: () => '203.0.113.9',
    log: world.log,
    now: () => new Date(),
  };
});

/** Refusals are noted once; calls are allowed so many times. What counts in Redis has tests of its own. */
function allowing(calls: number): CollectParts['limits'] {
  const left = { 'audit-collect': calls, 'refusal-noted': 1 };
  return {
    take: async (name) => {
      if (name !== 'audit-collect' && name !== 'refusal-noted') throw new RangeError(name);
      left[name] -= 1;
      return left[name] >= 0 ? { allowed: true } : { allowed: false, retryAfterSeconds: 600 };
    },
  };
}

const lineSchema = z.object({
  action: z.string(),
  detail: z.looseObject({ comment: z.string().optional() }),
  chain: z.object({ place: z.string(), code: z.string() }),
});

interface Collected {
  readonly status: number;
  readonly lines: z.infer<typeof lineSchema>[];
  readonly next: string;
  readonly headers: Headers;
}

/** A call, whose answer is held to the document. */
async function collect(query = ''): Promise<Collected> {
  const answered = await collectAuditLog(parts, new Request(`https://portal.example${AUDIT_LOG_PATH}${query}`));
  const { status, headers } = answered;
  expect(Object.keys(documented.responses)).toContain(String(status));
  const text = await answered.text();
  if (status !== 200) {
    expect(isProblem(JSON.parse(text)), text).toBe(true);
    return { status, headers, lines: [], next: '' };
  }
  expect(headers.get('content-type')).toBe('application/x-ndjson');
  const link = headers.get('link') ?? '';
  const pattern = documented.responses['200'].headers.Link.schema.pattern;
  expect(link).toMatch(new RegExp(pattern));
  const lines = text
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
  for (const line of lines) expect(isEntry(line), JSON.stringify(isEntry.errors)).toBe(true);
  return { status, headers, lines: z.array(lineSchema).parse(lines), next: /<(.*)>/.exec(link)?.[1] ?? '' };
}

it('goes on where it was, over entries that others write meanwhile: each once, in the order of the chain', async () => {
  await world.write('1', '2', '3', '4', '5');
  await linkEntries(world.pool, world.keys);
  const places: string[] = [];
  const comments: (string | undefined)[] = [];
  let next = '?limit=2';
  for (let call = 0; call < 6; call += 1) {
    const answered = await collect(next);
    places.push(...answered.lines.map(({ chain }) => chain.place));
    comments.push(...answered.lines.map(({ detail }) => detail.comment));
    next = answered.next;
    if (call === 1) await world.write('6');
    // Not linked yet: it has no place, and is not given out before it has one.
    if (call === 3) await linkEntries(world.pool, world.keys);
  }
  expect(comments).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(places).toEqual(['1', '2', '3', '4', '5', '6']);
  const { rows } = await world.pool.query<{ mac: Buffer }>('SELECT mac FROM audit_link WHERE seq = 3');
  expect((await collect('?after=2&limit=1')).lines[0]?.chain.code).toBe(rows[0]?.mac.toString('hex'));
  // Nothing new is an answer, too, from which it goes on.
  const { lines, next: same } = await collect(next);
  expect(lines).toEqual([]);
  expect(same).toBe(next);
});

it('passes over what was purged', async () => {
  await world.write('gone', 'stays');
  await linkEntries(world.pool, world.keys);
  const { rows } = await world.pool.query<{ seq: string }>('SELECT max(seq)::text AS seq FROM audit_link');
  const last = Number(rows[0]?.seq);
  await world.tamper(`DELETE FROM audit_entry WHERE detail->>'comment' = 'gone'`);
  const { lines, next } = await collect(`?after=${last - 2}&limit=1`);
  expect(lines).toEqual([]);
  expect((await collect(next)).lines.map(({ detail }) => detail.comment)).toEqual(['stays']);
});

it('is in the log itself, once a day for each program', async () => {
  const noted = async () => {
    const { rows } = await world.pool.query<{ client_address: string }>(
      `SELECT client_address FROM audit_entry WHERE action = 'audit.collected' AND actor = $1`,
      [SIEM],
    );
    return rows.map((row) => row.client_address);
  };
  parts = { ...parts, noted: new Map() };
  for (let call = 0; call < 3; call += 1) expect((await collect()).status).toBe(200);
  expect(await noted()).toEqual(['203.0.113.9']);
  parts = { ...parts, now: () => new Date(Date.now() + 24 * 60 * 60_000) };
  for (let call = 0; call < 3; call += 1) await collect();
  expect(await noted()).toHaveLength(2);
});

it('is for programs with Audit.Read, of their organization; a refusal is noted', async () => {
  for (const [refusal, status] of [
    ['no_token', 401],
    ['invalid_token', 401],
    ['not_an_application', 403],
    ['unreachable', 503],
  ] as const) {
    caller = refusal;
    expect((await collect()).status).toBe(status);
  }
  const principal = randomUUID();
  for (const roles of [[], ['Mapping.Propose'], ['DataConnectors.Auditor'], ['audit.read']]) {
    caller = { organizationId: world.organizationId, appId: randomUUID(), objectId: principal, roles };
    expect((await collect()).status).toBe(403);
  }
  const { rows } = await world.pool.query(
    `SELECT result, detail->>'permission' AS permission FROM audit_entry WHERE actor = $1`,
    [principal],
  );
  expect(rows).toEqual([{ result: 'refused', permission: 'audit.read' }]);

  const organizationId = randomUUID();
  await world.pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Other')`, [organizationId]);
  caller = { organizationId, appId: randomUUID(), objectId: SIEM, roles: ['Audit.Read'] };
  expect((await collect()).lines).toEqual([]);
});

it('says what is wrong with a call, and ends a flood', async () => {
  for (const query of [
    '?after=x',
    '?after=-1',
    '?after=01',
    '?limit=0',
    '?limit=5001',
    '?from=1',
    `?after=${'9'.repeat(19)}`,
  ])
    expect((await collect(query)).status, query).toBe(400);
  parts = { ...parts, limits: allowing(1) };
  expect((await collect()).status).toBe(200);
  const { status, headers } = await collect();
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('600');
});
