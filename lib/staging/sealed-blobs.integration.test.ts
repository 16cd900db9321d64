import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BlobServiceClient } from '@azure/storage-blob';
import { beforeEach, describe, expect, test } from 'vitest';
import { parseKeyRing } from '#lib/security/keyring.ts';
import { newDataKey, TamperedError } from '#lib/security/sealing.ts';
import { testBlobConnection } from '../../testing/services.ts';
import { CHUNK_BYTES, HEADER_BYTES, SEALED_CHUNK_BYTES } from './attachment-cipher.ts';
import { ATTACHMENT_LIMIT_BYTES } from './attachments.ts';
import { connectStaging } from './connect.ts';
import {
  AttachmentTooLargeError,
  StagedContentMissingError,
  StagedNameTakenError,
  StagingRefusedError,
  StagingUnavailableError,
} from './errors.ts';
import { packFrames } from './frames.ts';
import { attachmentName, importPrefix, pageName } from './names.ts';
import type { SealedBlobs, StagedFrame } from './sealed-blobs.ts';

// Node gives out its garbage collector only where it is asked to.
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const ring = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);
const organizationId = randomUUID();
const { dataKey } = newDataKey(ring, 'attachment');

let connectionString: string;
let container: string;
let staging: SealedBlobs;
let importId: string;

beforeEach(() => {
  ({ connectionString, container } = testBlobConnection());
  importId = randomUUID();
  staging = connectStaging({ connectionString, container });
});

/** What another process has of the same container: it keeps nothing of what this one wrote. */
function anotherWorker(): SealedBlobs {
  return connectStaging({ connectionString, container });
}

async function bodiesOf(worker: SealedBlobs, frames: Iterable<StagedFrame>): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { body } of worker.readFrames(ring, frames)) bodies.push(String(body));
  return bodies;
}

/** The account's own view of a blob, past our code. */
function rawBlob(name: string) {
  return BlobServiceClient.fromConnectionString(connectionString)
    .getContainerClient(container)
    .getBlockBlobClient(name);
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

/** Hands out `bytes` in pieces that fit no chunk. */
async function* inPieces(bytes: Uint8Array, piece = 65_537): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

async function names(prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of staging.list(prefix)) found.push(name);
  return found;
}

describe('pages', () => {
  test('frames come back from their places; the container appears with the first write', async () => {
    const name = pageName(organizationId, importId, 0);
    const bodies = ['first', 'second', 'third'];
    const { blob, places } = packFrames(
      ring,
      bodies.map((body, i) => ({ itemIdentity: `item-${i}`, body: Buffer.from(body), group: 2 - i })),
    );
    expect(await names('')).toEqual([]);
    await staging.putPage(name, blob);
    const frames = places.map((place, i) => ({ ...place, blob: name, itemIdentity: `item-${i}` }));
    for (const worker of [staging, anotherWorker()]) expect(await bodiesOf(worker, frames)).toEqual(bodies);
  });

  test('a worker has what it wrote without asking for it again', async () => {
    const name = pageName(organizationId, importId, 0);
    const { blob, places } = packFrames(ring, [{ itemIdentity: 'i', body: Buffer.from('first'), group: 0 }]);
    await staging.putPage(name, blob);
    await rawBlob(name).delete();
    const frames = places.map((place) => ({ ...place, blob: name, itemIdentity: 'i' }));
    expect(await bodiesOf(staging, frames)).toEqual(['first']);
    await expect(bodiesOf(anotherWorker(), frames)).rejects.toThrow(StagedContentMissingError);
  });

  test('what a worker was not let write is not what it reads', async () => {
    const name = pageName(organizationId, importId, 0);
    const page = (text: string) => packFrames(ring, [{ itemIdentity: 'i', body: Buffer.from(text), group: 0 }]);
    const { blob, places } = page('first');
    await staging.putPage(name, blob);
    const second = anotherWorker();
    await expect(second.putPage(name, page('other').blob)).rejects.toThrow(StagedNameTakenError);
    const frames = places.map((place) => ({ ...place, blob: name, itemIdentity: 'i' }));
    expect(await bodiesOf(second, frames)).toEqual(['first']);
  });

  test('nothing readable lies in the storage account', async () => {
    const name = pageName(organizationId, importId, 0);
    const secret = 'the merger is on Friday';
    await staging.putPage(name, packFrames(ring, [{ itemIdentity: 'i', body: Buffer.from(secret), group: 0 }]).blob);
    const attachment = attachmentName(organizationId, importId, 1);
    await staging.writeAttachment(attachment, inPieces(Buffer.from(secret)), dataKey);
    for (const stored of [name, attachment]) {
      expect((await rawBlob(stored).downloadToBuffer()).includes('merger')).toBe(false);
    }
  });

  test('a page is written once: the second writer is told and changes nothing', async () => {
    const name = pageName(organizationId, importId, 0);
    await staging.putPage(name, Buffer.from('first'));
    await expect(staging.putPage(name, Buffer.from('other'))).rejects.toThrow(StagedNameTakenError);
    expect((await staging.readRange(name, 0, 5)).toString()).toBe('first');
  });

  test('one altered frame is reported with its item, its neighbours open', async () => {
    const name = pageName(organizationId, importId, 0);
    const { blob, places } = packFrames(
      ring,
      ['a', 'b', 'c'].map((id) => ({ itemIdentity: id, body: Buffer.from(id), group: 0 })),
    );
    const at = (places[1]?.offset ?? 0) + (places[1]?.length ?? 0) - 1;
    blob[at] = (blob[at] ?? 0) ^ 1;
    await staging.putPage(name, blob);
    const frames = places.map((place, i) => ({ ...place, blob: name, itemIdentity: 'abc'.charAt(i) }));
    const seen: [string, string | undefined][] = [];
    for await (const { frame, body, error } of staging.readFrames(ring, frames)) {
      seen.push([frame.itemIdentity, error?.name ?? body?.toString()]);
    }
    expect(seen).toEqual([
      ['a', 'a'],
      ['b', 'TamperedError'],
      ['c', 'c'],
    ]);
  });

  test('a range past the end is content cut short, a missing blob is missing', async () => {
    const name = pageName(organizationId, importId, 0);
    await staging.putPage(name, Buffer.from('12345'));
    await expect(staging.readRange(name, 2, 10)).rejects.toThrow(TamperedError);
    await expect(staging.readRange(name, 10, 10)).rejects.toThrow(TamperedError);
    await expect(staging.readRange(pageName(organizationId, importId, 9), 0, 1)).rejects.toThrow(
      StagedContentMissingError,
    );
  });

  test('frames still needed move to a page of their own and open there after the old ones are gone', async () => {
    const frames = [];
    for (const page of [0, 1]) {
      const name = pageName(organizationId, importId, page);
      const items = Array.from({ length: 40 }, (_, i) => ({
        itemIdentity: `${page}-${i}`,
        body: randomBytes(200_000),
        group: 0,
      }));
      const { blob, places } = packFrames(ring, items);
      await staging.putPage(name, blob);
      frames.push(
        ...places.map((place, i) => ({ ...place, blob: name, itemIdentity: `${page}-${i}`, item: items[i] })),
      );
    }
    const needed = frames.filter((_, i) => i % 3 === 0);
    const target = pageName(organizationId, importId, 2);
    const places = await staging.copyFrames(ring, needed, target);
    await staging.delete(pageName(organizationId, importId, 0));
    await staging.delete(pageName(organizationId, importId, 1));
    const moved = needed.map((frame, i) => ({ ...frame, ...places[i], blob: target }));
    let opened = 0;
    for await (const { frame, body } of staging.readFrames(ring, moved)) {
      expect(body?.equals(frame.item?.body ?? Buffer.alloc(0))).toBe(true);
      opened += 1;
    }
    expect(opened).toBe(27);
    expect(await names(importPrefix(organizationId, importId))).toEqual([target]);
    await expect(staging.copyFrames(ring, moved, target)).rejects.toThrow(StagedNameTakenError);
  });
});

describe('attachments', () => {
  const sizes = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES + 7];

  test.each(sizes)('%d bytes come back, with their size and hash', async (size) => {
    const name = attachmentName(organizationId, importId, 1);
    const bytes = randomBytes(size);
    expect(await staging.writeAttachment(name, inPieces(bytes), dataKey)).toEqual({
      size,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      chunks: Math.max(1, Math.ceil(size / CHUNK_BYTES)),
    });
    expect((await all(staging.readAttachment(name, dataKey))).equals(bytes)).toBe(true);
  });

  test('reading resumes at any byte', async () => {
    const name = attachmentName(organizationId, importId, 1);
    const bytes = randomBytes(3 * CHUNK_BYTES + 100);
    await staging.writeAttachment(name, inPieces(bytes), dataKey);
    for (const fromByte of [1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, bytes.length - 1, bytes.length]) {
      const rest = await all(staging.readAttachment(name, dataKey, { fromByte }));
      expect(rest.equals(bytes.subarray(fromByte))).toBe(true);
    }
    expect(await all(staging.readAttachment(name, dataKey, { fromByte: 9 * CHUNK_BYTES }))).toHaveLength(0);
  });

  test.each([
    ['cut inside a chunk', (sealed: Buffer) => sealed.subarray(0, -1)],
    ['cut at the end of a chunk', (sealed: Buffer) => sealed.subarray(0, HEADER_BYTES + 2 * SEALED_CHUNK_BYTES)],
    ['cut inside the header', (sealed: Buffer) => sealed.subarray(0, 10)],
    [
      'two chunks swapped',
      (sealed: Buffer) => {
        const chunk = (i: number) =>
          sealed.subarray(HEADER_BYTES + i * SEALED_CHUNK_BYTES, HEADER_BYTES + (i + 1) * SEALED_CHUNK_BYTES);
        return Buffer.concat([sealed.subarray(0, HEADER_BYTES), chunk(1), chunk(0), chunk(2)]);
      },
    ],
    ['something appended', (sealed: Buffer) => Buffer.concat([sealed, Buffer.from('x')])],
  ])('%s is found, and no unverified byte is given out', async (_what, damage) => {
    const name = attachmentName(organizationId, importId, 1);
    const bytes = randomBytes(2 * CHUNK_BYTES + 100);
    await staging.writeAttachment(name, inPieces(bytes), dataKey);
    const damaged = damage(await rawBlob(name).downloadToBuffer());
    await rawBlob(name).upload(damaged, damaged.length);
    const given: Uint8Array[] = [];
    const reading = async () => {
      for await (const part of staging.readAttachment(name, dataKey)) given.push(part);
    };
    await expect(reading()).rejects.toThrow(TamperedError);
    expect(bytes.subarray(0, Buffer.concat(given).length).equals(Buffer.concat(given))).toBe(true);
  });

  test('another data key opens nothing', async () => {
    const name = attachmentName(organizationId, importId, 1);
    await staging.writeAttachment(name, inPieces(Buffer.from('x')), dataKey);
    const other = newDataKey(ring, 'attachment').dataKey;
    await expect(all(staging.readAttachment(name, other))).rejects.toThrow(TamperedError);
  });

  test('a source that breaks off leaves nothing, and what was there before stays', async () => {
    const name = attachmentName(organizationId, importId, 1);
    async function* breaking() {
      yield* inPieces(randomBytes(9 * CHUNK_BYTES));
      throw new Error('the phone hung up');
    }
    await expect(staging.writeAttachment(name, breaking(), dataKey)).rejects.toThrow('the phone hung up');
    expect(await names('')).toEqual([]);
    await expect(all(staging.readAttachment(name, dataKey))).rejects.toThrow(StagedContentMissingError);
    await staging.writeAttachment(name, inPieces(Buffer.from('whole')), dataKey);
    await expect(staging.writeAttachment(name, breaking(), dataKey)).rejects.toThrow('the phone hung up');
    expect((await all(staging.readAttachment(name, dataKey))).toString()).toBe('whole');
  });

  test('of two writers of one attachment, one result lies there whole', async () => {
    const name = attachmentName(organizationId, importId, 1);
    const bytes = randomBytes(9 * CHUNK_BYTES);
    const results = await Promise.allSettled([
      staging.writeAttachment(name, inPieces(bytes), dataKey),
      staging.writeAttachment(name, inPieces(bytes), dataKey),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StagedNameTakenError);
    }
    expect(results.some((result) => result.status === 'fulfilled')).toBe(true);
    expect((await all(staging.readAttachment(name, dataKey))).equals(bytes)).toBe(true);
  });

  test('150 MB pass in bounded memory, one byte more is refused by name and leaves nothing', async () => {
    const name = attachmentName(organizationId, importId, 1);
    const piece = randomBytes(CHUNK_BYTES);
    let peak = 0;
    const look = (): void => {
      peak = Math.max(peak, bytesInUse());
    };
    async function* zeros(bytes: number) {
      for (let left = bytes; left > 0; left -= piece.length) {
        yield piece.subarray(0, Math.min(left, piece.length));
        if (left % (16 * piece.length) === 0) look();
      }
    }
    const tooLarge = staging.writeAttachment(name, zeros(ATTACHMENT_LIMIT_BYTES + 1), dataKey);
    await expect(tooLarge).rejects.toThrow(AttachmentTooLargeError);
    expect(await names('')).toEqual([]);
    const before = bytesInUse();
    peak = 0;
    const written = await staging.writeAttachment(name, zeros(ATTACHMENT_LIMIT_BYTES), dataKey);
    expect(written).toMatchObject({ size: ATTACHMENT_LIMIT_BYTES, chunks: 150 });
    const sha256 = createHash('sha256');
    let read = 0;
    for await (const part of staging.readAttachment(name, dataKey)) {
      sha256.update(part);
      read += 1;
      if (read % 16 === 0) look();
    }
    expect(sha256.digest('hex')).toBe(written.sha256);
    expect(peak - before).toBeGreaterThan(0);
    expect(peak - before).toBeLessThan(80 * 1024 * 1024);
  });

  test('a reader that stops early lets go', async () => {
    const name = attachmentName(organizationId, importId, 1);
    await staging.writeAttachment(name, inPieces(randomBytes(6 * CHUNK_BYTES)), dataKey);
    for (let i = 0; i < 120; i++) {
      for await (const _ of staging.readAttachment(name, dataKey)) break;
    }
    expect((await all(staging.readAttachment(name, dataKey))).length).toBe(6 * CHUNK_BYTES);
  });
});

/** Bytes of buffers that something still holds: garbage is collected first, so that its timing decides nothing. */
function bytesInUse(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

describe('the store', () => {
  test('delete says whether something was there', async () => {
    const name = pageName(organizationId, importId, 0);
    await staging.putPage(name, Buffer.from('x'));
    expect(await staging.delete(name)).toBe(true);
    expect(await staging.delete(name)).toBe(false);
    expect(await names('')).toEqual([]);
  });

  test('lists by prefix with size and time', async () => {
    await staging.putPage(pageName(organizationId, importId, 0), Buffer.from('12345'));
    await staging.putPage(pageName(organizationId, randomUUID(), 0), Buffer.from('1'));
    const found = [];
    for await (const blob of staging.list(importPrefix(organizationId, importId))) found.push(blob);
    expect(found).toMatchObject([{ name: pageName(organizationId, importId, 0), size: 5 }]);
    expect(found[0]?.modifiedAt).toBeInstanceOf(Date);
  });

  test('a wrong key is a refusal, a dead host is unavailable; neither message shows the key', async () => {
    const wrongKey = randomBytes(64).toString('base64');
    const refused = connectStaging({
      connectionString: connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`),
      container,
    });
    const refusal = await refused.putPage('p', Buffer.from('x')).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StagingRefusedError);
    expect(String(refusal)).not.toContain(wrongKey);
    const dead = connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const unreachable = connectStaging({ connectionString: dead, container });
    await expect(unreachable.readRange('p', 0, 1)).rejects.toThrow(StagingUnavailableError);
  });
});

describe('when the network fails in between', () => {
  /** Stands before the account, and lets the first `times` answers to requests that `matches` break off after some bytes. */
  async function breaking(matches: (request: IncomingMessage) => boolean, afterBytes: number, times = 1) {
    const target = new URL(/BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
    let broken = 0;
    const server = createServer((request, response) => {
      const { method, headers, url: path } = request;
      const upstream = httpRequest({ host: target.hostname, port: target.port, method, headers, path }, (answer) => {
        if (broken === times || !matches(request)) {
          response.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(response);
          return;
        }
        broken += 1;
        if (afterBytes > 0) response.writeHead(answer.statusCode ?? 500, answer.headers);
        let left = afterBytes;
        answer.on('data', (part: Buffer) => {
          if (left > 0) response.write(part.subarray(0, left));
          left -= part.length;
        });
        answer.on('end', () => response.destroy());
      });
      request.pipe(upstream);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const through = connectStaging({
      connectionString: connectionString.replace(target.host, `127.0.0.1:${port}`),
      container,
    });
    const close = () => {
      server.closeAllConnections();
      server.close();
    };
    return { through, close, brokenCount: () => broken };
  }

  test('a page whose first answer was lost is not taken for somebody else’s', async () => {
    const name = pageName(organizationId, importId, 0);
    await staging.putPage(pageName(organizationId, importId, 1), Buffer.from('makes the container'));
    const { through, close, brokenCount } = await breaking(({ method }) => method === 'PUT', 0);
    try {
      await through.putPage(name, Buffer.from('page'));
      expect(brokenCount()).toBe(1);
      expect((await staging.readRange(name, 0, 4)).toString()).toBe('page');
    } finally {
      close();
    }
  });

  test('nor is a copied page', async () => {
    const name = pageName(organizationId, importId, 0);
    const target = pageName(organizationId, importId, 1);
    await staging.putPage(name, Buffer.from('sealed'));
    const { through, close, brokenCount } = await breaking(({ url }) => url?.includes('comp=blocklist') ?? false, 0);
    try {
      expect(await through.copyFrames(ring, [{ blob: name, offset: 0, length: 6, itemIdentity: '' }], target)).toEqual([
        { offset: 0, length: 6 },
      ]);
      expect(brokenCount()).toBe(1);
    } finally {
      close();
    }
  });

  test('an attachment that breaks off while it is read goes on where it broke, again and again', async () => {
    const name = attachmentName(organizationId, importId, 1);
    const bytes = randomBytes(3 * CHUNK_BYTES);
    await staging.writeAttachment(name, inPieces(bytes), dataKey);
    const { through, close, brokenCount } = await breaking(({ method }) => method === 'GET', 500_000, 5);
    try {
      expect((await all(through.readAttachment(name, dataKey))).equals(bytes)).toBe(true);
      expect(brokenCount()).toBe(5);
    } finally {
      close();
    }
  });

  test('one that never holds is unavailable, not tampered with', async () => {
    const name = attachmentName(organizationId, importId, 1);
    await staging.writeAttachment(name, inPieces(randomBytes(3 * CHUNK_BYTES)), dataKey);
    const { through, close } = await breaking(({ method }) => method === 'GET', 10, Number.POSITIVE_INFINITY);
    try {
      await expect(all(through.readAttachment(name, dataKey))).rejects.toThrow(StagingUnavailableError);
    } finally {
      close();
    }
  });

  test('an abort of ours ends the reading at once, as an abort', async () => {
    const name = attachmentName(organizationId, importId, 1);
    await staging.writeAttachment(name, inPieces(randomBytes(6 * CHUNK_BYTES)), dataKey);
    const aborting = new AbortController();
    const reading = async () => {
      for await (const _ of staging.readAttachment(name, dataKey, { signal: aborting.signal })) aborting.abort();
    };
    await expect(reading()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
