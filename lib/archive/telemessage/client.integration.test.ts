import { afterEach, describe, expect, test } from 'vitest';
import { SourceError } from '../source.ts';
import { json, type ScriptedSite, scriptedSite } from './scripted-site.fixture.ts';
import { type TeleMessageSourceSettings, telemessageSource } from './source.ts';

const sites: ScriptedSite[] = [];
afterEach(async () => {
  await Promise.all(sites.splice(0).map((site) => site.stop()));
});

async function site(...script: Parameters<typeof scriptedSite>): Promise<ScriptedSite> {
  const started = await scriptedSite(...script);
  sites.push(started);
  return started;
}

const source = (baseUrl: string, more: Partial<TeleMessageSourceSettings> = {}) =>
  telemessageSource({
    baseUrl,
    kind: 'android-archiver',
    credentials: async () => ({ username: 'u', password: 'p' }),
    ...more,
  });

async function failure(promise: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof SourceError) return error;
  throw new Error(`expected a SourceError, got ${String(error)}`);
}

const clock = {
  now: '2026-11-20T10:00:00.000Z',
  settledThrough: '2026-11-20T09:59:00.000Z',
  earliestRetained: '2026-08-22T00:00:00.000Z',
};

describe('answers that no site should give', () => {
  test('no JSON and another shape are bad answers, too large is its own failure, without a word of the content', async () => {
    const texts = [
      '<html>secret text</html>',
      '{"items":"secret text"}',
      '{"items":[],"nextCursor":"secret text',
      '[]',
      'null',
    ];
    const { baseUrl } = await site((_, response, time) => response.end(texts[time - 1]));
    const range = { from: new Date(0), to: new Date(1) };
    for (const _ of texts) {
      const error = await failure(source(baseUrl).items(range, null, 10));
      expect(error.failure).toBe('bad_answer');
      expect(error.message).not.toContain('secret');
    }
    const large = await site((_, response) =>
      response.end(JSON.stringify({ items: ['x'.repeat(5000)], nextCursor: null })),
    );
    expect((await failure(source(large.baseUrl, { maxAnswerBytes: 1000 }).items(range, null, 10))).failure).toBe(
      'answer_too_large',
    );
  });

  test('a redirect is not followed: the token stays with the configured host', async () => {
    const elsewhere = await site((_, response) => json(response, 200, clock));
    const { baseUrl } = await site((_, response) =>
      json(response, 302, {}, { location: `${elsewhere.baseUrl}/v1/archives/android-archiver/status` }),
    );
    expect((await failure(source(baseUrl).clock())).failure).toBe('bad_answer');
    expect(elsewhere.requests).toEqual([]);
  });

  test('silence, a reset and a closed port are unreachable', async () => {
    const silent = await site(() => {});
    expect((await failure(source(silent.baseUrl, { headersTimeoutMs: 50 }).clock())).failure).toBe('unreachable');
    const reset = await site((request) => request.socket.destroy());
    expect((await failure(source(reset.baseUrl).clock())).failure).toBe('unreachable');
    const half = await site((request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"now":');
      setImmediate(() => request.socket.destroy());
    });
    expect((await failure(source(half.baseUrl).clock())).failure).toBe('unreachable');
    await half.stop();
    expect((await failure(source(half.baseUrl).clock())).failure).toBe('unreachable');
  });

  test('plain http to another machine is never used', async () => {
    expect((await failure(source('http://archive.example.com').clock())).failure).toBe('bad_answer');
  });

  test('users that repeat a page end', async () => {
    const { baseUrl } = await site((_, response) => json(response, 200, { users: [], nextCursor: 'again' }));
    const all = async (): Promise<void> => {
      for await (const _ of source(baseUrl).users());
    };
    expect((await failure(all())).failure).toBe('bad_answer');
  });

  test('an aborted call ends with the caller’s reason', async () => {
    const { baseUrl } = await site(() => {});
    const controller = new AbortController();
    const call = source(baseUrl).clock(controller.signal);
    setImmediate(() => controller.abort(new Error('shut down')));
    await expect(call).rejects.toThrow('shut down');
  });
});

describe('the session', () => {
  const signIns = (of: ScriptedSite): number => of.requests.filter((request) => request === 'POST /v1/sessions').length;

  test('calls side by side share one sign-in', async () => {
    const one = await site((_, response) => json(response, 200, clock));
    const shared = source(one.baseUrl);
    await Promise.all(Array.from({ length: 10 }, () => shared.clock()));
    expect(signIns(one)).toBe(1);
  });

  test('a refused password is sent once, whoever asks and however often', async () => {
    const one = await site(
      () => {},
      (response) => json(response, 401, { resultCode: 301, resultDescription: 'INVALID_PASSWORD' }),
    );
    const shared = source(one.baseUrl);
    const together = await Promise.all([failure(shared.clock()), failure(shared.clock())]);
    expect(together.map((error) => error.failure)).toEqual(['invalid_credentials', 'invalid_credentials']);
    expect((await failure(shared.account())).failure).toBe('invalid_credentials');
    expect(signIns(one)).toBe(1);
  });

  test('of another account than the one that is meant is not used, and not opened again', async () => {
    const one = await site((_, response) => json(response, 200, clock));
    const shared = source(one.baseUrl, { accountId: 'TM-2' });
    expect((await failure(shared.clock())).failure).toBe('other_account');
    expect((await failure(shared.clock())).failure).toBe('other_account');
    expect(one.requests).toEqual(['POST /v1/sessions']);
    expect(await source(one.baseUrl, { accountId: 'TM-1' }).clock()).toMatchObject({ now: new Date(clock.now) });
  });

  test('a corrected password is tried', async () => {
    const one = await site(
      (_, response) => json(response, 200, clock),
      (response, time) =>
        time === 1
          ? json(response, 401, { resultCode: 301, resultDescription: 'INVALID_PASSWORD' })
          : json(response, 201, { token: 't', expiresIn: 60, account: { id: '1', name: 'One' } }),
    );
    let password = 'wrong';
    const shared = source(one.baseUrl, { credentials: async () => ({ username: 'u', password }) });
    await failure(shared.clock());
    password = 'right';
    await expect(shared.account()).resolves.toEqual({ id: '1', name: 'One' });
  });

  test('a session that is over is opened again and the call repeated; one that is over at once is the site’s fault', async () => {
    const expired = { resultCode: 302, resultDescription: 'SESSION_EXPIRED' };
    const once = await site((_, response, time) =>
      time === 1 ? json(response, 401, expired) : json(response, 200, clock),
    );
    await expect(source(once.baseUrl).clock()).resolves.toMatchObject({ now: new Date(clock.now) });
    expect(signIns(once)).toBe(2);

    const always = await site((_, response) => json(response, 401, expired));
    expect((await failure(source(always.baseUrl).clock())).failure).toBe('bad_answer');
    expect(signIns(always)).toBe(2);
  });
});

describe('an attachment over a connection that breaks', () => {
  const CONTENT = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));

  /** Serves ranges, and breaks every answer off after `most` bytes. */
  function breaking(most: number, etag: (time: number) => string) {
    return site((request, response, time) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const honoured =
        from > 0 && (request.headers['if-range'] === undefined || request.headers['if-range'] === etag(time));
      const start = honoured ? from : 0;
      response.writeHead(honoured ? 206 : 200, {
        etag: etag(time),
        'content-length': String(CONTENT.length - start),
        ...(honoured ? { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` } : {}),
      });
      const end = Math.min(start + most, CONTENT.length);
      response.write(CONTENT.subarray(start, end), () =>
        end < CONTENT.length ? request.socket.destroy() : response.end(),
      );
    });
  }

  async function read(baseUrl: string, offset = 0): Promise<Buffer> {
    const { body } = await source(baseUrl).attachment('a', offset);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  test('is resumed until it is whole', async () => {
    const one = await breaking(300, () => '"v1"');
    expect(await read(one.baseUrl)).toEqual(CONTENT);
    expect(one.requests.filter((request) => request.startsWith('GET'))).toHaveLength(4);
  });

  test('from an offset', async () => {
    const one = await breaking(300, () => '"v1"');
    expect(await read(one.baseUrl, 450)).toEqual(CONTENT.subarray(450));
    expect(await source(one.baseUrl).attachment('a', 450)).toMatchObject({ totalSize: 1000, etag: '"v1"' });
  });

  test('is never pieced together from two versions', async () => {
    const one = await breaking(300, (time) => `"v${time}"`);
    expect((await failure(read(one.baseUrl))).failure).toBe('attachment_changed');
  });

  test('is not resumed where the site cannot say which version it serves', async () => {
    const one = await breaking(300, () => 'W/"weak"');
    expect((await failure(read(one.baseUrl))).failure).toBe('unreachable');
  });

  test('that brings no byte any more is unreachable', async () => {
    const one = await breaking(0, () => '"v1"');
    expect((await failure(read(one.baseUrl))).failure).toBe('unreachable');
  });

  test('a site that knows no ranges sends the whole again, and the head is left out', async () => {
    const one = await site((_, response) =>
      response.writeHead(200, { etag: '"v1"', 'content-length': '1000' }).end(CONTENT),
    );
    expect(await read(one.baseUrl, 999)).toEqual(CONTENT.subarray(999));
  });
});
