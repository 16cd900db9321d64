import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const BEN = 'ben.carter@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

async function act(message: string, action: string, body?: unknown): Promise<number> {
  const { status } = await fetch(
    `${sandbox.urls.http}/sandbox/control/mailboxes/${BEN}/messages/${message}/${action}`,
    {
      method: 'POST',
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    },
  );
  return status;
}

/** How many messages Graph finds in the mailbox, and whether it finds this one by id. */
async function seen(message: string, folder = '') {
  const api = sandbox.graph();
  const { value } = await api.api(`/users/${BEN}${folder}/messages`).get();
  const byId = await api
    .api(`/users/${BEN}/messages/${message}`)
    .header('Prefer', 'IdType="ImmutableId"')
    .get()
    .then(
      () => 'found',
      (error: { code: string }) => error.code,
    );
  return [value.length, byId];
}

describe('a message, as its owner treats it', () => {
  it('is deleted in two steps and purged in a third', async () => {
    const { id } = await sandbox
      .graph()
      .api(`/users/${BEN}/messages`)
      .header('Prefer', 'IdType="ImmutableId"')
      .post({ subject: 'x' });
    expect(await act(id, 'move', { folder: 'archive' })).toBe(204);
    expect(await seen(id, '/mailFolders/archive')).toEqual([1, 'found']);
    expect(await act(id, 'move', { folder: 'Nowhere' })).toBe(400);
    expect(await act(id, 'purge')).toBe(409);
    expect(await act(id, 'delete')).toBe(204);
    expect(await seen(id, '/mailFolders/deleteditems')).toEqual([1, 'found']);
    expect(await act(id, 'purge')).toBe(409);
    expect(await act(id, 'delete')).toBe(204);
    expect(await seen(id)).toEqual([0, 'found']);
    expect(await act(id, 'delete')).toBe(409);
    expect(await act(id, 'purge')).toBe(204);
    expect(await seen(id)).toEqual([0, 'ErrorItemNotFound']);
    expect(await act(id, 'purge')).toBe(404);
  });
});
