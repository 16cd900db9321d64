import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const BEN = '/users/ben.carter@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterEach(async () => {
  sandbox.parts.faults.clear();
  await fetch(`${sandbox.urls.http}/sandbox/control/limits`, { method: 'DELETE' });
});
afterAll(() => sandbox.stop());

interface Answer {
  readonly id: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: { id?: string; subject?: string; error?: { code: string } };
}

const run = async (requests: unknown): Promise<Map<string, Answer>> => {
  const { responses } = await sandbox.graph().api('/$batch').post({ requests });
  return new Map(responses.map((one: Answer) => [one.id, one]));
};

const json = { 'Content-Type': 'application/json' };
const draft = (id: string, user = LENA, more: object = {}) => ({
  id,
  method: 'POST',
  url: `${user}/messages`,
  headers: json,
  body: { subject: `draft ${id}` },
  ...more,
});
const limits = (change: object) =>
  fetch(`${sandbox.urls.http}/sandbox/control/limits`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change),
  });
const statuses = (answers: Map<string, Answer>) =>
  Object.fromEntries([...answers].map(([id, { status }]) => [id, status]).toSorted());

describe('$batch', () => {
  it('answers every request by itself, in an order of its own', async () => {
    const { responses } = await sandbox
      .graph()
      .api('/$batch')
      .post({
        requests: [draft('a'), { id: 'b', method: 'GET', url: '/users/nobody' }, draft('c')],
      });
    expect(responses.map((one: Answer) => one.id)).not.toEqual(['a', 'b', 'c']);
    expect(statuses(new Map(responses.map((one: Answer) => [one.id, one])))).toEqual({ a: 201, b: 404, c: 201 });
  });

  it('honours the preferences of each request', async () => {
    const answers = await run([
      draft('plain'),
      draft('immutable', LENA, { headers: { ...json, Prefer: 'IdType="ImmutableId"' } }),
    ]);
    const read = async (id: string | undefined) =>
      (
        await sandbox
          .graph()
          .api(`${LENA}/messages/${id}/move`)
          .header('Prefer', 'IdType="ImmutableId"')
          .post({ destinationId: 'inbox' })
      ).id;
    expect(await read(answers.get('immutable')?.body?.id)).toBe(answers.get('immutable')?.body?.id);
    expect(await read(answers.get('plain')?.body?.id)).not.toBe(answers.get('plain')?.body?.id);
  });

  it('waits for dependsOn and gives 424 where that failed', async () => {
    const answers = await run([
      draft('after', LENA, { dependsOn: ['first'] }),
      draft('first'),
      { id: 'fails', method: 'GET', url: '/users/nobody' },
      draft('never', LENA, { dependsOn: ['fails'] }),
      draft('nor', LENA, { dependsOn: ['never'] }),
    ]);
    expect(statuses(answers)).toEqual({ after: 201, fails: 404, first: 201, never: 424, nor: 424 });
  });

  it.each<[string, unknown]>([
    ['21 requests', Array.from({ length: 21 }, (_, index) => draft(String(index)))],
    ['no request', []],
    ['no list', 'x'],
    ['the same id twice', [draft('a'), draft('a')]],
    ['a request without id', [{ method: 'GET', url: '/users' }]],
    ['a body without Content-Type', [draft('a', LENA, { headers: {} })]],
    ['an unknown dependency', [draft('a', LENA, { dependsOn: ['b'] })]],
    ['a circle', [draft('a', LENA, { dependsOn: ['b'] }), draft('b', LENA, { dependsOn: ['a'] })]],
    ['a batch in a batch', [{ id: 'a', method: 'POST', url: '/$batch', headers: json, body: { requests: [] } }]],
  ])('is refused whole with %s', async (_, requests) => {
    await expect(run(requests)).rejects.toMatchObject({ statusCode: 400, code: 'BadRequest' });
  });

  it('runs four at a time whatever the mailboxes: twenty take five rounds', async () => {
    await limits({ latencyMs: 40 });
    const users = alderByrne.people.filter((one) => one.mailbox === 'user').slice(0, 20);
    const started = performance.now();
    const answers = await run(users.map((one, index) => draft(String(index), `/users/${one.id}`)));
    expect([...answers.values()].every((one) => one.status === 201)).toBe(true);
    expect(performance.now() - started).toBeGreaterThan(5 * 40 - 5);
  });
});

describe('throttling', () => {
  it('refuses what is at once in one mailbox, single requests of a batch, and not the other mailboxes', async () => {
    await limits({ mailboxConcurrency: 3, latencyMs: 20 });
    const answers = await run([...['1', '2', '3', '4'].map((id) => draft(id)), draft('other', BEN)]);
    expect(statuses(answers)).toEqual({ 1: 201, 2: 201, 3: 201, 4: 429, other: 201 });
    const refused = answers.get('4');
    expect(refused?.body?.error?.code).toBe('ApplicationThrottled');
    expect(Number(refused?.headers?.['Retry-After'])).toBeGreaterThanOrEqual(1);
  });

  it('counts requests and bytes per mailbox', async () => {
    const user = `/users/priya.nair@alderbyrne.example`;
    await limits({ mailboxRequests: 3 });
    expect(statuses(await run(['1', '2', '3', '4', '5'].map((id) => draft(id, user))))).toEqual({
      1: 201,
      2: 201,
      3: 201,
      4: 429,
      5: 429,
    });
    await limits({ mailboxRequests: 10_000, mailboxUploadBytes: 1_000 });
    const large = draft('large', '/users/sam.okafor@alderbyrne.example', { body: { subject: 'x'.repeat(800) } });
    expect((await run([large])).get('large')?.status).toBe(201);
    expect((await run([large])).get('large')?.status).toBe(429);
    expect((await run([draft('small', BEN)])).get('small')?.status).toBe(201);
  });

  it('counts a user by object id and by principal name as one mailbox', async () => {
    const marcus = alderByrne.people.find((one) => one.givenName === 'Marcus');
    await limits({ mailboxRequests: 1 });
    const answers = await run([
      draft('by-id', `/users/${marcus?.id}`),
      draft('by-upn', `/users/${marcus?.userPrincipalName}`),
    ]);
    expect([...answers.values()].map((one) => one.status).toSorted()).toEqual([201, 429]);
  });

  it('holds the app to its requests in a second', async () => {
    await limits({ appRequests: 2 });
    const answers = await run(['1', '2', '3', '4'].map((id) => draft(id, BEN)));
    expect([...answers.values()].filter((one) => one.status === 429).length).toBeGreaterThanOrEqual(1);
  });
});

describe('faults in a batch', () => {
  const strike = (fault: Parameters<TestSandbox['fault']>[0]['fault'], more: object = {}) =>
    sandbox.fault({ service: 'graph', route: 'POST /v1.0/users/*/messages', fault, ...more });
  const written = async (subject: string) => {
    const found = await sandbox.graph().api(`${BEN}/messages`).filter(`subject eq '${subject}'`).get();
    return found.value.length;
  };
  const send = (subject: string) => run([draft('1', BEN, { body: { subject } })]);

  it('strike one mailbox and leave the others', async () => {
    strike({ kind: 'throttle', retryAfter: 7 }, { mailbox: 'ben.carter@alderbyrne.example' });
    const answers = await run([draft('ben', BEN), draft('lena')]);
    expect(answers.get('lena')?.status).toBe(201);
    expect(answers.get('ben')).toMatchObject({ status: 429, headers: { 'Retry-After': '7' } });
  });

  it('can succeed without saying so', async () => {
    strike({ kind: 'no-answer' }, { count: 1 });
    expect((await send('silent')).get('1')?.status).toBe(504);
    expect(await written('silent')).toBe(1);
  });

  it('can refuse without doing', async () => {
    strike({ kind: 'refuse', status: 503, code: 'ServiceUnavailable' }, { count: 1 });
    expect((await send('refused')).get('1')).toMatchObject({
      status: 503,
      body: { error: { code: 'ServiceUnavailable' } },
    });
    expect(await written('refused')).toBe(0);
    expect((await send('refused')).get('1')?.status).toBe(201);
  });

  it('can do later what was given up', async () => {
    strike({ kind: 'commit-late', ms: 1_500 }, { count: 1 });
    expect((await send('late')).get('1')?.status).toBe(504);
    expect(await written('late')).toBe(0);
    await expect.poll(() => written('late'), { timeout: 10_000 }).toBe(1);
  });

  it('strike the same requests for the same seed', async () => {
    const pattern = async () => {
      sandbox.parts.faults.clear();
      strike({ kind: 'refuse', status: 500, code: 'x' }, { rate: 0.4 });
      const answers = await run(Array.from({ length: 20 }, (_, index) => draft(String(index).padStart(2, '0'))));
      return statuses(answers);
    };
    const first = await pattern();
    expect(await pattern()).toEqual(first);
    expect(new Set(Object.values(first))).toEqual(new Set([201, 500]));
  });
});
