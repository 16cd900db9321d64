/** At Graph, a fault that had nothing to do anything to does not use its rule up. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import type { Fault } from './fault.ts';

const MESSAGES = '/users/ben.carter@alderbyrne.example/messages';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterEach(() => sandbox.parts.faults.clear());
afterAll(() => sandbox.stop());

const once = (route: string, fault: Fault): void => sandbox.fault({ service: 'graph', route, count: 1, fault });
const counted = () => sandbox.parts.faults.rules().map(({ seen, struck }) => [seen, struck]);
const step = (id: string, url: string) => ({ id, method: 'GET', url });

describe('expire', () => {
  it('waits for a token that is good', async () => {
    const ended = sandbox.graph(alderByrne, { token: await sandbox.token() });
    once('GET *', { kind: 'expire' });
    await expect(ended.api('/users').get()).rejects.toMatchObject({ statusCode: 401 });
    sandbox.parts.faults.clear();

    once('GET *', { kind: 'expire' });
    // the client sends nothing without a token
    expect((await fetch(`${sandbox.urls.graph}/v1.0/users`)).status).toBe(401);
    await expect(ended.api('/users').get()).rejects.toMatchObject({ statusCode: 401 });
    const forged = sandbox.graph(alderByrne, { token: 'e30.e30.e30' });
    await expect(forged.api('/users').get()).rejects.toMatchObject({ statusCode: 401 });
    expect(counted()).toEqual([[3, 0]]);
    await expect(sandbox.graph().api('/users').get()).rejects.toMatchObject({ statusCode: 401 });
    expect(counted()).toEqual([[4, 1]]);
  });

  it('inside a batch ends the token once', async () => {
    for (const _ of [1, 2]) once('GET */messages', { kind: 'expire' });
    const requests = [step('1', MESSAGES), step('2', MESSAGES)];
    const { responses } = await sandbox.graph().api('/$batch').post({ requests });
    expect(responses.map(({ status }: { status: number }) => status)).toEqual([401, 401]);
    expect(counted().map(([, struck]) => struck)).toEqual([1, 0]);
  });
});

describe('duplicate', () => {
  it('waits for a request that is carried out', async () => {
    once('*', { kind: 'duplicate' });
    await expect(sandbox.graph().api(MESSAGES).post({ nonsense: 1 })).rejects.toMatchObject({ statusCode: 400 });
    expect(counted()).toEqual([[1, 0]]);
    await sandbox.graph().api(MESSAGES).post({ subject: 'twice' });
    expect(counted()).toEqual([[2, 1]]);
    expect((await sandbox.graph().api(MESSAGES).filter("subject eq 'twice'").get()).value).toHaveLength(2);
  });

  it('does so inside a batch', async () => {
    once('GET */messages/*', { kind: 'duplicate' });
    const run = (url: string) =>
      sandbox
        .graph()
        .api('/$batch')
        .post({ requests: [step('1', url)] });
    await run(`${MESSAGES}/nothing`);
    expect(counted()).toEqual([[1, 0]]);
    const { id } = await sandbox.graph().api(MESSAGES).post({ subject: 'read' });
    await run(`${MESSAGES}/${id}`);
    expect(counted()).toEqual([[2, 1]]);
  });
});
