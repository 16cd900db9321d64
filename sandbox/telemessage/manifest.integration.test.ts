import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { administrationAccounts } from './accounts.ts';

const DAY_MS = 86_400_000;

let sandbox: TestSandbox;
/** the site looks at its clock for every entry */
let looks = 0;

beforeAll(async () => {
  sandbox = await startTestSandbox({ itemsPerDay: 1_000_000 }, () => {
    looks += 1;
    return new Date();
  });
});
afterAll(() => sandbox.stop());

it('a manifest is counted no longer than its client waits', async () => {
  const [{ username, password }] = administrationAccounts;
  const signedIn = await fetch(`${sandbox.urls.telemessage}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { token } = z.object({ token: z.string() }).parse(await signedIn.json());
  const to = Date.now() - 120_000;
  const window = { from: new Date(to - 31 * DAY_MS).toISOString(), to: new Date(to).toISOString() };
  const waiting = new AbortController();
  const answer = fetch(
    `${sandbox.urls.telemessage}/v1/archives/android-archiver/manifest?${new URLSearchParams(window)}`,
    { headers: { authorization: `Bearer ${token}` }, signal: waiting.signal },
  );
  await vi.waitFor(() => expect(looks).toBeGreaterThan(10_000), { timeout: 30_000 });
  waiting.abort();
  await expect(answer).rejects.toThrow('aborted');
  await vi.waitFor(
    async () => {
      const before = looks;
      await new Promise((later) => setTimeout(later, 100));
      expect(looks).toBe(before);
    },
    { timeout: 10_000 },
  );
});
