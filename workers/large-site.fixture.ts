/** For integration tests: a TeleMessage site whose one message has one large attachment, given out as slowly as told. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { json, type ScriptedSite, scriptedSite } from '#lib/archive/telemessage/scripted-site.fixture.ts';
import { account } from '#lib/imports/connector.fixture.ts';
import { sms } from '#lib/imports/scripted-source.fixture.ts';
import type { Person } from '#sandbox/world/people.ts';

const MB = 1024 * 1024;

export interface LargeSite extends ScriptedSite {
  readonly sha256: string;
  readonly size: number;
  /** of the attachment, so far */
  readonly served: number;
  /** milliseconds a megabyte */
  pace: number;
}

/** @param megabytes of the attachment */
export async function largeSite(owner: Person, megabytes: number): Promise<LargeSite> {
  // One block again and again, each time with its number in front: no two parts are alike.
  const block = randomBytes(MB);
  const blockOf = (index: number): Buffer => {
    const bytes = Buffer.from(block);
    bytes.writeUInt32BE(index);
    return bytes;
  };
  const hash = createHash('sha256');
  for (let index = 0; index < megabytes; index++) hash.update(blockOf(index));
  const sha256 = hash.digest('hex');
  const size = megabytes * MB;
  const now = new Date();
  const attachment = { id: randomUUID(), name: 'video.mp4', contentType: 'video/mp4', size, sha256 };
  const item = sms(owner, new Date(now.getTime() - 3_600_000), { type: 'mms', attachments: [attachment] });
  const state = { served: 0, pace: 0 };

  async function give(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: `"${sha256}"`,
      'content-type': 'video/mp4',
      'content-length': size - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${size - 1}/${size}` } : {}),
    });
    const bytes = async function* (): AsyncGenerator<Buffer> {
      for (let at = from; at < size; ) {
        const index = Math.floor(at / MB);
        const part = blockOf(index).subarray(at - index * MB);
        yield part;
        at += part.length;
        state.served += part.length;
        if (state.pace > 0) await sleep(state.pace);
      }
    };
    await pipeline(bytes, response).catch(() => {});
  }

  const site = await scriptedSite(
    (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://site');
      const time = Date.parse(item.archivedTime);
      const within =
        Date.parse(searchParams.get('from') ?? '') <= time && time < Date.parse(searchParams.get('to') ?? '');
      if (pathname.startsWith('/v1/attachments/')) void give(request, response);
      else if (pathname.endsWith('/status')) {
        const earliestRetained = new Date(now.getTime() - 90 * 86_400_000).toISOString();
        json(response, 200, { now: now.toISOString(), settledThrough: now.toISOString(), earliestRetained });
      } else if (pathname.endsWith('/users')) json(response, 200, { users: [], nextCursor: null });
      else if (pathname.endsWith('/items')) json(response, 200, { items: within ? [item] : [], nextCursor: null });
      else if (pathname.endsWith('/manifest')) {
        json(response, 200, { count: within ? 1 : 0, attachmentBytes: within ? size : 0 });
      } else json(response, 404, { resultCode: 404, resultDescription: 'NOT_FOUND' });
    },
    (response) => json(response, 201, { token: 'a-token', expiresIn: 1800, account: account.account }),
  );
  return {
    ...site,
    sha256,
    size,
    get served() {
      return state.served;
    },
    get pace() {
      return state.pace;
    },
    set pace(milliseconds) {
      state.pace = milliseconds;
    },
  };
}
