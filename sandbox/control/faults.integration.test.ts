import { GraphError } from '@microsoft/microsoft-graph-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const BEN = '/users/ben.carter@alderbyrne.example';

let sandbox: TestSandbox;
let token: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  token = await sandbox.token();
});
afterEach(() => sandbox.parts.faults.clear());
afterAll(() => sandbox.stop());

const control = (path: string, method = 'GET', body?: unknown) =>
  fetch(`${sandbox.urls.http}/sandbox/control/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

const strike = async (fault: object): Promise<void> => {
  const response = await control('faults', 'POST', { service: 'graph', route: 'POST *', count: 1, fault });
  expect(response.status).toBe(201);
};

const messages = () => sandbox.graph(alderByrne, { retries: false, token }).api(`${BEN}/messages`);

/** One POST, without a retry. */
const send = (subject: string): Promise<{ subject: string }> => messages().post({ subject });

/** The same below Microsoft's client, which does not tell how a connection ended: what came of it. */
const cut = async (subject: string, signal?: AbortSignal): Promise<Response> => {
  const response = await fetch(`${sandbox.urls.graph}/v1.0${BEN}/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject }),
    ...(signal && { signal }),
  });
  await response.text();
  return response;
};

const written = async (subject: string): Promise<number> =>
  (await messages().filter(`subject eq '${subject}'`).get()).value.length;

describe('a fault on a whole request', () => {
  it('refuse: nothing is done', async () => {
    await strike({ kind: 'refuse', status: 503, code: 'ServiceUnavailable' });
    await expect(send('refuse')).rejects.toMatchObject({
      statusCode: 503,
      code: 'ServiceUnavailable',
      message: 'Refused by a fault rule of the sandbox.',
    });
    expect(await written('refuse')).toBe(0);
    expect(await send('refuse')).toMatchObject({ subject: 'refuse' });
  });

  it('throttle: with the seconds to wait', async () => {
    await strike({ kind: 'throttle', retryAfter: 11 });
    const refused = await send('throttle').then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ statusCode: 429, code: 'ApplicationThrottled' });
    expect(refused).toMatchObject({ message: 'Application is over its MailboxConcurrency limit.' });
    expect(refused instanceof GraphError && refused.headers?.get('retry-after')).toBe('11');
  });

  it('reset-before: the connection is cut and nothing is done', async () => {
    await strike({ kind: 'reset-before' });
    await expect(cut('before')).rejects.toThrow();
    expect(await written('before')).toBe(0);
  });

  it('reset-after: it is done, and the connection is cut', async () => {
    await strike({ kind: 'reset-after' });
    await expect(cut('after')).rejects.toThrow();
    expect(await written('after')).toBe(1);
  });

  it('commit-late: the connection is cut, and it is done later', async () => {
    await strike({ kind: 'commit-late', ms: 1_500 });
    await expect(cut('late')).rejects.toThrow();
    expect(await written('late')).toBe(0);
    await expect.poll(() => written('late'), { timeout: 10_000 }).toBe(1);
  });

  it('no-answer: it is done, and the client waits until it gives up', async () => {
    await strike({ kind: 'no-answer' });
    await expect(cut('silent', AbortSignal.timeout(2_000))).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    expect(await written('silent')).toBe(1);
  });

  it('answer-late: it is done before the answer comes', async () => {
    await strike({ kind: 'answer-late', ms: 400 });
    const answer = send('slow');
    await expect.poll(() => written('slow'), { timeout: 10_000 }).toBe(1);
    expect(await answer).toMatchObject({ subject: 'slow' });
  });

  it('truncate: it is done, and half of the answer comes', async () => {
    await strike({ kind: 'truncate' });
    await expect(cut('half')).rejects.toThrow();
    expect(await written('half')).toBe(1);
  });

  it('delay: it is done and answered', async () => {
    await strike({ kind: 'delay', ms: 50 });
    expect(await send('delayed')).toMatchObject({ subject: 'delayed' });
  });
});

describe('the control API', () => {
  it('lists and removes rules', async () => {
    await strike({ kind: 'delay', ms: 1 });
    const { rules } = await (await control('faults')).json();
    expect(rules).toMatchObject([{ service: 'graph', route: 'POST *', seen: 0, struck: 0 }]);
    expect((await control(`faults/${rules[0].id}`, 'DELETE')).status).toBe(204);
    expect((await control(`faults/${rules[0].id}`, 'DELETE')).status).toBe(404);
    expect(await (await control('faults')).json()).toEqual({ rules: [] });
  });

  it('takes a scenario in place of all rules, or nothing of it', async () => {
    await strike({ kind: 'delay', ms: 1 });
    const scenario = [
      { service: 'graph', route: 'GET *', rate: 0.5, fault: { kind: 'delay', ms: 1 } },
      { service: 'telemessage', fault: { kind: 'stall' } },
    ];
    const set = await control('faults', 'PUT', { rules: scenario });
    expect([set.status, await set.json()]).toEqual([
      200,
      { rules: scenario.map((one) => expect.objectContaining({ ...one, seen: 0, struck: 0 })) },
    ]);
    const never = { service: 'entra', fault: { kind: 'duplicate' } };
    const refused = await control('faults', 'PUT', { rules: [scenario[0], never] });
    expect(refused.status).toBe(400);
    expect((await refused.json()).error).toContain('rules[1]');
    expect((await (await control('faults')).json()).rules).toMatchObject(scenario);
  });

  it('refuses a rule that can never strike, and says what would', async () => {
    const response = await control('faults', 'POST', { service: 'entra', fault: { kind: 'duplicate' } });
    expect(response.status).toBe(400);
    expect((await response.json()).error).toContain('duplicate means nothing to Entra ID, which takes refuse, ');
  });

  it('refuses a rule for a mailbox that nobody has', async () => {
    const rule = { service: 'graph', mailbox: 'nobody@alderbyrne.example', fault: { kind: 'stall' } };
    const sentence = 'Nobody has this object id, user principal name or address.';
    for (const [method, body] of [
      ['POST', rule],
      ['PUT', { rules: [rule] }],
    ] as const) {
      const refused = await control('faults', method, body);
      expect([refused.status, (await refused.json()).error]).toEqual([400, expect.stringContaining(sentence)]);
    }
    for (const mailbox of ['M.Ruiz@alderbyrne-group.example', alderByrne.people[0]?.id]) {
      expect((await control('faults', 'POST', { ...rule, mailbox })).status).toBe(201);
    }
  });

  it('refuses a rule that it cannot read, with a sentence', async () => {
    const response = await control('faults', 'POST', { service: 'graph', fault: { kind: 'nonsense' } });
    expect(response.status).toBe(400);
    expect((await response.json()).error).toContain('kind');
  });

  it('strikes Entra’s token endpoint too', async () => {
    await control('faults', 'POST', {
      service: 'entra',
      route: 'POST */token',
      count: 1,
      fault: { kind: 'refuse', status: 503, code: 'temporarily_unavailable' },
    });
    await expect(sandbox.token()).rejects.toMatchObject({ errorCode: 'temporarily_unavailable', status: 503 });
  });

  it('answers to this machine’s names only', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const url = new URL('/sandbox/control/faults', sandbox.urls.http);
      request(url, { headers: { host: 'attacker.example' } }, (response) => resolve(response.statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });

  it('empties the mailboxes and forgets consents on reset', async () => {
    await send('to be forgotten');
    expect((await control('reset', 'POST')).status).toBe(204);
    sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    expect(await written('to be forgotten')).toBe(0);
  });
});
