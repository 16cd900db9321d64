import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const BEN = '/users/ben.carter@alderbyrne.example';

let sandbox: TestSandbox;
let authorization: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  authorization = `Bearer ${await sandbox.token()}`;
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

/** One POST, without a retry: undefined when the connection was cut. */
const send = (subject: string, signal?: AbortSignal) =>
  fetch(`${sandbox.urls.graph}/v1.0${BEN}/messages`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ subject }),
    ...(signal && { signal }),
  });

const cut = (work: Promise<Response>) =>
  work
    .then((response) => response.text())
    .then(
      () => false,
      () => true,
    );

const written = async (subject: string): Promise<number> => {
  const filter = encodeURIComponent(`subject eq '${subject}'`);
  const response = await fetch(`${sandbox.urls.graph}/v1.0${BEN}/messages?$filter=${filter}`, {
    headers: { authorization },
  });
  return (await response.json()).value.length;
};

describe('a fault on a whole request', () => {
  it('refuse: nothing is done', async () => {
    await strike({ kind: 'refuse', status: 503, code: 'ServiceUnavailable' });
    const response = await send('refuse');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'ServiceUnavailable' } });
    expect(await written('refuse')).toBe(0);
    expect((await send('refuse')).status).toBe(201);
  });

  it('throttle: with the seconds to wait', async () => {
    await strike({ kind: 'throttle', retryAfter: 11 });
    const response = await send('throttle');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '11']);
  });

  it('reset-before: the connection is cut and nothing is done', async () => {
    await strike({ kind: 'reset-before' });
    expect(await cut(send('before'))).toBe(true);
    expect(await written('before')).toBe(0);
  });

  it('reset-after: it is done, and the connection is cut', async () => {
    await strike({ kind: 'reset-after' });
    expect(await cut(send('after'))).toBe(true);
    expect(await written('after')).toBe(1);
  });

  it('commit-late: the connection is cut, and it is done later', async () => {
    await strike({ kind: 'commit-late', ms: 1_500 });
    expect(await cut(send('late'))).toBe(true);
    expect(await written('late')).toBe(0);
    await expect.poll(() => written('late'), { timeout: 10_000 }).toBe(1);
  });

  it('no-answer: it is done, and the client waits until it gives up', async () => {
    await strike({ kind: 'no-answer' });
    await expect(send('silent', AbortSignal.timeout(2_000))).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    expect(await written('silent')).toBe(1);
  });

  it('answer-late: it is done before the answer comes', async () => {
    await strike({ kind: 'answer-late', ms: 400 });
    const answer = send('slow');
    await expect.poll(() => written('slow'), { timeout: 10_000 }).toBe(1);
    expect((await answer).status).toBe(201);
  });

  it('truncate: it is done, and half of the answer comes', async () => {
    await strike({ kind: 'truncate' });
    expect(await cut(send('half'))).toBe(true);
    expect(await written('half')).toBe(1);
  });

  it('delay: it is done and answered', async () => {
    await strike({ kind: 'delay', ms: 50 });
    expect((await send('delayed')).status).toBe(201);
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
    const url = `${sandbox.urls.entra}/${alderByrne.id}/oauth2/v2.0/token`;
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' });
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
