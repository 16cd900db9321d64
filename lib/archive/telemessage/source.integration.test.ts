/** The source against a whole TeleMessage site, the sandbox's, over TLS. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { itemSchema } from '../item.ts';
import { SourceError, type SourceUser } from '../source.ts';
import { keepsTheSourceContract } from '../source-contract.fixture.ts';
import { signIn } from './sign-in.ts';
import { telemessageSource } from './source.ts';

const GOOD = { username: 'archive.admin@alderbyrne.example', password: 'sandbox-archive-1' };
const DAY_MS = 86_400_000;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox?.stop());
afterEach(() => fetch(`${sandbox.http}/sandbox/control/faults`, { method: 'DELETE' }));

const source = (credentials = GOOD, kind = 'android-archiver') =>
  telemessageSource({ baseUrl: sandbox.telemessage, kind, credentials: async () => credentials });

async function fault(rule: object): Promise<void> {
  const answer = await fetch(`${sandbox.http}/sandbox/control/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ service: 'telemessage', ...rule }),
  });
  expect(answer.status).toBe(201);
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  return error instanceof SourceError ? error.failure : `no SourceError: ${String(error)}`;
}

/** The last whole day that has settled. */
async function yesterday() {
  const { settledThrough } = await source().clock();
  const to = new Date(Math.floor(settledThrough.getTime() / DAY_MS) * DAY_MS);
  return { from: new Date(to.getTime() - DAY_MS), to };
}

keepsTheSourceContract(() => ({ open: () => source(), range: yesterday }));

describe('signing in', () => {
  test('tells whose account it is', async () => {
    const signedIn = await signIn({ baseUrl: sandbox.telemessage, ...GOOD });
    expect(signedIn).toMatchObject({ account: { id: 'TM-40117', name: 'Alder & Byrne' }, expiresIn: 1800 });
  });

  test.each([
    ['nobody@alderbyrne.example', 'x', 'invalid_credentials'],
    ['archive.second@alderbyrne.example', 'wrong', 'invalid_credentials'],
    ['archive.suspended@alderbyrne.example', 'sandbox-archive-4', 'suspended'],
    ['archive.pin@alderbyrne.example', 'sandbox-archive-5', 'pin_required'],
  ])('%s: %s', async (username, password, expected) => {
    expect(await failure(source({ username, password }).account())).toBe(expected);
  });
});

describe('registration', () => {
  test('is idempotent by our reference, shows its status, and can be taken back twice', async () => {
    const account = source();
    const first = await account.register('draft-1');
    expect(await account.register('draft-1')).toEqual(first);
    expect((await account.register('draft-2')).id).not.toBe(first.id);
    expect(await account.connectorStatus(first.id)).toMatchObject({
      id: first.id,
      status: 'active',
      devices: expect.any(Number),
    });
    await account.unregister(first.id);
    await account.unregister(first.id);
    expect(await failure(account.connectorStatus(first.id))).toBe('not_found');
  });

  test('needs the kind to be ordered', async () => {
    const basic = source({ username: 'archive.basic@alderbyrne.example', password: 'sandbox-archive-3' });
    expect(await failure(basic.register('draft-3'))).toBe('kind_not_ordered');
  });
});

describe('the feed', () => {
  test('pages through a settled day; what it lists is what the manifest counts', async () => {
    const range = await yesterday();
    const feed = source();
    const ids = new Set<string>();
    let attachmentBytes = 0;
    let cursor: string | null = null;
    do {
      const page = await feed.items(range, cursor, 50);
      for (const raw of page.items) {
        const item = itemSchema.safeParse(raw);
        const id = typeof raw === 'object' && raw !== null && 'id' in raw ? String(raw.id) : '';
        if (item.success && !ids.has(id))
          attachmentBytes += item.data.attachments.reduce((sum, { size }) => sum + size, 0);
        ids.add(id);
      }
      cursor = page.nextCursor;
    } while (cursor !== null);
    const manifest = await feed.manifest(range);
    expect(ids.size).toBe(manifest.count);
    expect(manifest.count).toBeGreaterThan(0);
    expect(attachmentBytes).toBeLessThanOrEqual(manifest.attachmentBytes);
  });

  test('a window beyond what has settled is refused by name, and so is a wrong one', async () => {
    const { now } = await source().clock();
    const later = { from: now, to: new Date(now.getTime() + DAY_MS) };
    expect(await failure(source().items(later, null, 10))).toBe('not_settled');
    const { from, to } = await yesterday();
    expect(await failure(source().items({ from: to, to: from }, null, 10))).toBe('bad_window');
  });

  test('lists registered users over several pages', async () => {
    const users: SourceUser[] = [];
    for await (const user of source().users()) users.push(user);
    expect(users.length).toBeGreaterThan(25);
    expect(new Set(users.map(({ mobile }) => mobile)).size).toBe(users.length);
    expect(users.some(({ email }) => email === null)).toBe(true);
  });

  test('an attachment, from any offset', async () => {
    const range = await yesterday();
    const { items } = await source().items(range, null, 1000);
    const attachment = items
      .flatMap((raw) => itemSchema.safeParse(raw).data?.attachments ?? [])
      .find(({ size }) => size > 1000);
    if (attachment === undefined) throw new Error('the day has no attachment');
    const read = async (offset: number): Promise<Buffer> => {
      const { body, totalSize } = await source().attachment(attachment.id, offset);
      expect(totalSize).toBe(attachment.size);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const whole = await read(0);
    expect(whole.length).toBe(attachment.size);
    expect(await read(777)).toEqual(whole.subarray(777));

    await fault({ route: 'GET /v1/attachments/*', count: 1, fault: { kind: 'reset-before' } });
    expect(await failure(read(0))).toBe('unreachable');
    expect(await failure(source().attachment('no-such-attachment', 0))).toBe('not_found');
  });
});

describe('troubles', () => {
  test('throttling names its wait', async () => {
    await fault({ route: 'GET /v1/archives/*', count: 1, fault: { kind: 'throttle', retryAfter: 40 } });
    await expect(source().clock()).rejects.toMatchObject({ failure: 'throttled', retryAfterSeconds: 40 });
  });

  test('a broken answer is unreachable, and the next call works', async () => {
    const feed = source();
    await fault({ route: 'GET /v1/archives/*', count: 1, fault: { kind: 'truncate' } });
    expect(await failure(feed.clock())).toBe('unreachable');
    await expect(feed.clock()).resolves.toBeDefined();
  });

  test('a 401 in mid-session is answered by one new sign-in', async () => {
    const feed = source();
    await feed.clock();
    const expired = { kind: 'refuse', status: 401, code: 'SESSION_EXPIRED' };
    await fault({ route: 'GET /v1/archives/*', count: 1, fault: expired });
    await expect(feed.clock()).resolves.toBeDefined();
  });
});
