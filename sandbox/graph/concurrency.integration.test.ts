/** Four requests at once a mailbox, by the service's own limits: a client has to keep to it without any delay set. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const answerSchema = z.object({ responses: z.array(z.object({ status: z.number() })) });

/** A batch of twenty messages for one person; the statuses that came back. */
async function batchFor(name: string): Promise<readonly number[]> {
  const requests = Array.from({ length: 20 }, (_, at) => ({
    id: String(at),
    method: 'POST',
    url: `/users/${name}@alderbyrne.example/messages`,
    headers: { 'Content-Type': 'application/json' },
    body: { subject: `${at}` },
  }));
  const answer = answerSchema.parse(await sandbox.graph().api('/$batch').post({ requests }));
  return answer.responses.map(({ status }) => status);
}

const created = (statuses: readonly number[]): number => statuses.filter((status) => status === 201).length;

describe('one mailbox', () => {
  it('takes a batch of twenty, four at a time', async () => {
    expect(created(await batchFor('lena.fischer'))).toBe(20);
  });

  it('refuses what comes beside it with 429, and keeps what it confirmed', async () => {
    const before = await sandbox.graph().api('/users/ben.carter@alderbyrne.example/messages').count(true).get();
    const batches = await Promise.all(Array.from({ length: 4 }, () => batchFor('ben.carter')));
    const statuses = new Set(batches.flat());
    expect(statuses).toEqual(new Set([201, 429]));
    const after = await sandbox.graph().api('/users/ben.carter@alderbyrne.example/messages').count(true).get();
    expect(after['@odata.count'] - before['@odata.count']).toBe(created(batches.flat()));
  });

  it('does not mind batches for others', async () => {
    const people = ['grace.adeyemi', 'sam.okafor', 'noa.levi', 'priya.nair'];
    expect((await Promise.all(people.map(batchFor))).map(created)).toEqual([20, 20, 20, 20]);
  });
});
