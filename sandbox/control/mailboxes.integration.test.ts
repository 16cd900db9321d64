import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';

const BEN = '/users/ben.carter@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const change = (mailbox: string, body: unknown) =>
  fetch(`${sandbox.urls.http}/sandbox/control/mailboxes/${encodeURIComponent(mailbox)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const write = () =>
  sandbox
    .graph()
    .api(`${BEN}/messages`)
    .post({ subject: 'x', body: { contentType: 'text', content: 'twenty characters...' } })
    .then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );

describe('a mailbox', () => {
  it('loses its licence, gets it back, and fills up, while the sandbox runs', async () => {
    expect(await write()).toBe('accepted');
    await change('ben.carter@alderbyrne.example', { kind: 'none' });
    expect(await write()).toBe('MailboxNotEnabledForRESTAPI');
    await change('ben.carter@alderbyrne.example', { kind: 'onPremises' });
    expect(await write()).toBe('ResourceNotFound');
    await change('ben.carter@alderbyrne.example', { kind: 'full' });
    expect(await write()).toBe('ErrorQuotaExceeded');
    await change('ben.carter@alderbyrne.example', { kind: 'user' });
    expect(await write()).toBe('accepted');
  });

  it('has a message size of its own', async () => {
    await change('ben.carter@alderbyrne.example', { messageBytes: 10 });
    expect(await write()).toBe('ErrorMessageSizeExceeded');
    await change('ben.carter@alderbyrne.example', { messageBytes: null });
    expect(await write()).toBe('accepted');
  });

  it('is not changed by nonsense', async () => {
    expect((await change('nobody@alderbyrne.example', { kind: 'none' })).status).toBe(404);
    expect((await change('ben.carter@alderbyrne.example', { kind: 'nonsense' })).status).toBe(400);
    expect((await change('ben.carter@alderbyrne.example', { messageBytes: 1e9 })).status).toBe(400);
  });
});
