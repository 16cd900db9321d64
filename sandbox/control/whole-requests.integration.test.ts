import { type Client, ResponseType, RetryHandlerOptions } from '@microsoft/microsoft-graph-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson } from '../world/tenants.ts';
import type { Fault } from './fault.ts';

const ADDRESS = 'ben.carter@alderbyrne.example';
const BEN = `/users/${ADDRESS}`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterEach(() => sandbox.parts.faults.clear());
afterAll(() => sandbox.stop());

const once = (fault: Fault, route = `POST *${BEN}/messages`): void =>
  sandbox.fault({ service: 'graph', route, count: 1, fault });

const written = async (subject: string): Promise<number> => {
  const { value } = await sandbox.graph().api(`${BEN}/messages`).filter(`subject eq '${subject}'`).get();
  return value.length;
};

/** The answer as it came: where the client by itself would throw, or wait and try again. */
const get = (path: string, client: Client): Promise<Response> =>
  client
    .api(path)
    .middlewareOptions([new RetryHandlerOptions(undefined, 0)])
    .responseType(ResponseType.RAW)
    .get();

const step = (id: string, subject: string) => ({
  id,
  method: 'POST',
  url: `${BEN}/messages`,
  headers: { 'Content-Type': 'application/json' },
  body: { subject },
});

const batch = async (
  requests: readonly object[],
  client: Client = sandbox.graph(),
): Promise<Record<string, { status: number; body: { error?: { code: string } } }>> => {
  const { responses } = await client.api('/$batch').post({ requests });
  return Object.fromEntries(responses.map((one: { id: string }) => [one.id, one]));
};

describe('expire at Graph', () => {
  it('ends the token for good; a new one works', async () => {
    const client = sandbox.graph(alderByrne, { token: await sandbox.token() });
    expect((await get('/users?$top=1', client)).status).toBe(200);
    once({ kind: 'expire' }, 'GET *');
    for (let time = 0; time < 2; time += 1) {
      const refused = await get('/users?$top=1', client);
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(await refused.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
    }
    expect((await get('/users?$top=1', sandbox.graph())).status).toBe(200);
  });

  it('does the same inside a batch, for what follows in it too', async () => {
    const client = sandbox.graph(alderByrne, { token: await sandbox.token() });
    once({ kind: 'expire' });
    const later = { ...step('2', 'behind the end'), dependsOn: ['0'] };
    const answers = await batch([{ id: '0', method: 'GET', url: BEN }, step('1', 'expired in a batch'), later], client);
    expect([answers['0']?.status, answers['1']?.status, answers['2']?.status]).toEqual([200, 401, 401]);
    expect(answers['1']?.body.error?.code).toBe('InvalidAuthenticationToken');
    expect((await get('/users?$top=1', client)).status).toBe(401);
    expect(await written('expired in a batch')).toBe(0);
    expect(await written('behind the end')).toBe(0);
  });
});

describe('duplicate at Graph', () => {
  it('carries a request out twice and gives the second answer', async () => {
    once({ kind: 'duplicate' });
    const { id } = await sandbox.graph().api(`${BEN}/messages`).post({ subject: 'twice' });
    const { value } = await sandbox.graph().api(`${BEN}/messages`).filter("subject eq 'twice'").get();
    expect(value).toHaveLength(2);
    expect(value.map((one: { id: string }) => one.id)).toContain(id);
  });

  it('does so inside a batch, and with a batch as a whole', async () => {
    once({ kind: 'duplicate' });
    const answers = await batch([step('1', 'twice in a batch'), step('2', 'once')]);
    expect([answers['1']?.status, answers['2']?.status]).toEqual([201, 201]);
    expect((await written('twice in a batch')) + (await written('once'))).toBe(3);
    once({ kind: 'duplicate' }, 'POST */$batch');
    await batch([step('1', 'batch twice')]);
    expect(await written('batch twice')).toBe(2);
  });
});

describe('an answer that is lost inside a batch', () => {
  it.each<[string, Fault, number, number]>([
    ['reset-before', { kind: 'reset-before' }, 504, 0],
    ['reset-after', { kind: 'reset-after' }, 504, 1],
    ['no-answer', { kind: 'no-answer' }, 504, 1],
    ['truncate', { kind: 'truncate' }, 504, 1],
    ['stall', { kind: 'stall' }, 504, 1],
    ['answer-late', { kind: 'answer-late', ms: 50 }, 201, 1],
  ])('%s', async (name, fault, status, count) => {
    once(fault);
    expect((await batch([step('1', `in a batch: ${name}`)]))['1']?.status).toBe(status);
    expect(await written(`in a batch: ${name}`)).toBe(count);
  });

  it('commit-late: says 504 at once, and it is done later', async () => {
    once({ kind: 'commit-late', ms: 1_000 });
    expect((await batch([step('1', 'late in a batch')]))['1']?.status).toBe(504);
    expect(await written('late in a batch')).toBe(0);
    await expect.poll(() => written('late in a batch'), { timeout: 10_000 }).toBe(1);
  });
});

describe('a rule for one mailbox', () => {
  const principalName = 'mateo.ruiz@alderbyrne.example';
  const id = findPerson(alderByrne, principalName)?.id ?? '';

  it.each([
    ['its address, the request its id', principalName, id],
    ['its id, the request its address', id, 'MATEO.ruiz%40alderbyrne.example'],
    ['another address of it, the request its id', 'M.Ruiz@alderbyrne-group.example', id],
  ])('names %s', async (_name, mailbox, user) => {
    sandbox.fault({ service: 'graph', mailbox, fault: { kind: 'refuse', status: 503, code: 'x' } });
    const client = sandbox.graph(alderByrne, { token: await sandbox.token() });
    expect((await get(`/users/${user}/messages`, client)).status).toBe(503);
    expect((await get('/users/grace.adeyemi@alderbyrne.example/messages', client)).status).toBe(200);
  });
});

describe('a refusal by rule', () => {
  it('carries Graph’s ids', async () => {
    once({ kind: 'refuse', status: 503, code: 'ServiceUnavailable' }, 'GET *');
    const response = await fetch(`${sandbox.urls.graph}/v1.0/users`, { headers: { 'client-request-id': 'mine' } });
    const { error } = await response.json();
    const guid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(response.headers.get('request-id')).toEqual(guid);
    expect(response.headers.get('client-request-id')).toBe('mine');
    expect(error.innerError).toMatchObject({
      'request-id': response.headers.get('request-id'),
      'client-request-id': 'mine',
    });
  });
});
