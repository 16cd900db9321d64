/** Large attachments: an upload that breaks off goes on, and what a mailbox refuses is said, kept and counted. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { FaultRule } from '#sandbox/control/fault-rule.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { SourceAttachment } from '../archive/item.ts';
import { SourceError } from '../archive/source.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { openSecret } from '../security/sealing.ts';
import { organizationPrefix } from '../staging/names.ts';
import { clearStaging } from './clear-staging.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { attachmentHashes, readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { retryCopies } from './retry.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';

const MB = 1024 * 1024;
const HOUR = 3_600_000;
const [anna] = people as readonly [Person];
const never = new AbortController().signal;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
/** offsets at which parts were sent, in their order */
let sentFrom: number[];
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  sentFrom = [];
  const upload = engine.graph.upload.bind(engine.graph);
  vi.spyOn(engine.graph, 'upload').mockImplementation((url, range, options) => {
    sentFrom.push(range.from);
    return upload(url, range, options);
  });
});
afterEach(() => engine.close());

async function rowsOf<T extends object>(sql: string): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql)).rows;
}

async function fault(rule: Omit<FaultRule, 'rate' | 'after' | 'service'> & { readonly after?: number }): Promise<void> {
  await control(sandbox, 'POST', 'faults', { service: 'graph', ...rule });
}

const SESSIONS = 'POST */createUploadSession';
/** Counts the requests that reach a route. */
const counted = (route: string) => fault({ route, fault: { kind: 'delay', ms: 0 } });
async function seen(route: string): Promise<number> {
  const { rules } = z
    .object({ rules: z.array(z.object({ route: z.string(), seen: z.number() })) })
    .parse(await control(sandbox, 'GET', 'faults'));
  return rules.find((rule) => rule.route === route)?.seen ?? 0;
}

/** A message with these attachments, to be delivered. @returns its connector */
async function collected(attachments: readonly SourceAttachment[], text = 'See what I have.'): Promise<string> {
  const { deps, organizationId } = engine;
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(sms(anna, at, { type: 'mms', text, attachments: [...attachments] }));
  const connectorId = await engine.connect();
  await planConnector(deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(deps, organizationId, connectorId, never);
  return connectorId;
}

const file = (name: string, megabytes: number, type = 'video/mp4'): SourceAttachment =>
  attach(source, name, type, randomBytes(Math.round(megabytes * MB)));

/** The one message in the mailbox. */
async function message() {
  const [found, ...more] = (await readMailboxes(engine.graph)).get(anna.id) ?? [];
  expect(more).toEqual([]);
  if (!found) throw new Error('no message');
  return found;
}

const attachmentsSchema = z.object({ value: z.array(z.object({ name: z.string(), contentBytes: z.string() })) });
async function attachments(): Promise<Map<string, Buffer>> {
  const url = `/users/${anna.id}/messages/${(await message()).id}/attachments`;
  const { value } = attachmentsSchema.parse((await engine.graph.request({ method: 'GET', url })).body);
  expect(new Set(value.map(({ name }) => name)).size).toBe(value.length);
  return new Map(value.map(({ name, contentBytes }) => [name, Buffer.from(contentBytes, 'base64')]));
}

const states = () => rowsOf<{ state: string; reason: string | null }>('SELECT state, reason FROM delivery');
const IMPORTED = { state: 'imported', reason: null };
const PART = 12 * 320 * 1024;

describe('an upload that breaks off', () => {
  it.each([
    ['before a part arrived', { kind: 'reset-before' }, [0, PART, PART, 2 * PART]],
    // It is sent again, refused as out of place, and the next one is taken.
    ['after a part arrived', { kind: 'reset-after' }, [0, PART, PART, 2 * PART]],
    ['by a 503', { kind: 'refuse', status: 503, code: 'ServiceUnavailable' }, [0, PART, PART, 2 * PART]],
    ['because Graph asks for a pause', { kind: 'throttle', retryAfter: 1 }, [0, PART, PART, 2 * PART]],
  ] as const)('%s goes on in its session', async (_name, kind, offsets) => {
    const video = file('video.mp4', 11);
    await counted(SESSIONS);
    await fault({ route: 'PUT /uploads/*', after: 1, count: 1, fault: kind });
    await collected([video]);
    await engine.finish();
    expect(await attachmentHashes(engine.graph, anna.id, (await message()).id)).toEqual([video.sha256]);
    expect(await seen(SESSIONS)).toBe(1);
    expect(sentFrom).toEqual(offsets);
    expect(await states()).toEqual([IMPORTED]);
    expect(await rowsOf('SELECT 1 FROM upload_session')).toEqual([]);
  });

  it('with its last answer is found to be whole, and not begun anew', async () => {
    const video = file('video.mp4', 11);
    await counted(SESSIONS);
    await fault({ route: 'PUT /uploads/*', after: 2, count: 1, fault: { kind: 'reset-after' } });
    await collected([video]);
    await engine.finish();
    expect([...(await attachments()).keys()]).toEqual(['video.mp4']);
    expect(await seen(SESSIONS)).toBe(1);
    expect(await states()).toEqual([IMPORTED]);
  });

  it('and whose session Graph has forgotten begins anew, once', async () => {
    const video = file('video.mp4', 11);
    await counted(SESSIONS);
    await fault({
      route: 'PUT /uploads/*',
      after: 1,
      count: 1,
      fault: { kind: 'refuse', status: 404, code: 'ErrorUploadSessionNotFound' },
    });
    await collected([video]);
    await engine.finish();
    expect(await attachmentHashes(engine.graph, anna.id, (await message()).id)).toEqual([video.sha256]);
    expect(await seen(SESSIONS)).toBe(2);
    expect(sentFrom).toEqual([0, PART, 0, PART, 2 * PART]);
  });

  it('because its worker stops is handed over between two parts, with its address sealed', async () => {
    const { deps, organizationId } = engine;
    const video = file('video.mp4', 11);
    await collected([video]);
    await counted(SESSIONS);
    const stop = new AbortController();
    const uploaded = engine.graph.upload;
    vi.spyOn(engine.graph, 'upload').mockImplementationOnce(async (...args) => {
      stop.abort();
      return uploaded(...args);
    });
    await deliverShard(deps, organizationId, shardOf(anna.id), stop.signal);
    expect(sentFrom).toEqual([0]);
    const [row] = await rowsOf<{ url_sealed: string; sent: string; id: string }>(
      'SELECT u.url_sealed, u.sent, d.id FROM upload_session u JOIN delivery d ON d.id = u.delivery_id',
    );
    expect(row?.sent).toBe(String(PART));
    expect(row?.url_sealed).not.toContain('http');
    const context = (delivery: string) => `upload-session:${organizationId}:${delivery}:${video.id}:${video.sha256}`;
    expect(openSecret(deps.keyRing, row?.url_sealed ?? '', context(row?.id ?? ''))).toContain('/uploads/');
    expect(() => openSecret(deps.keyRing, row?.url_sealed ?? '', context('0'))).toThrow('altered');

    // At once: nobody waits for the allowance of what may be under way.
    await deliverShard(deps, organizationId, shardOf(anna.id), never);
    expect(sentFrom).toEqual([0, PART, 2 * PART]);
    expect(await seen(SESSIONS)).toBe(1);
    expect(await attachmentHashes(engine.graph, anna.id, (await message()).id)).toEqual([video.sha256]);
    expect(await states()).toEqual([IMPORTED]);
  });

  it('and whose worker lost the shard writes nothing of its session any more', async () => {
    const { deps, organizationId } = engine;
    await collected([file('video.mp4', 11)]);
    const uploaded = engine.graph.upload;
    vi.spyOn(engine.graph, 'upload').mockImplementationOnce(async (...args) => {
      const answer = await uploaded(...args);
      await rowsOf(`UPDATE shard_lease SET epoch = epoch + 1`);
      return answer;
    });
    await deliverShard(deps, organizationId, shardOf(anna.id), never);
    expect(await rowsOf('SELECT sent FROM upload_session')).toEqual([{ sent: '0' }]);
    expect(sentFrom).toEqual([0]);
  });
});

describe('a mailbox that refuses the size', () => {
  const limit = (megabytes: number) =>
    control(sandbox, 'PATCH', `mailboxes/${anna.id}`, { kind: 'user', messageBytes: Math.round(megabytes * MB) });

  it('gets the message with what fits and a note of what does not, and nothing of it is deleted', async () => {
    const { deps, organizationId } = engine;
    await limit(6);
    const [video, song, photo] = [
      file('video.mp4', 11),
      file('song.mp3', 4, 'audio/mpeg'),
      file('p.jpg', 0.1, 'image/jpeg'),
    ];
    const connectorId = await collected([video, song, photo]);
    await engine.finish();
    const found = await attachments();
    const note = found.get('not-archived.txt')?.toString('utf8') ?? '';
    expect(note).toContain(`- video.mp4 (video/mp4, ${11 * MB} bytes): the mailbox does not accept`);
    expect(note).not.toContain('song.mp3');
    expect([...found.keys()].sort()).toEqual(['message.txt', 'not-archived.txt', 'p.jpg', 'song.mp3']);
    expect((await message()).body.content).toContain('See what I have.');
    expect(await states()).toEqual([{ state: 'partially_imported', reason: 'attachment_refused' }]);
    const { copies } = await engine.counts(connectorId);
    expect([copies.partiallyImported, copies.imported]).toEqual([1, 0]);

    const staged = async (): Promise<number> => {
      let blobs = 0;
      for await (const _ of deps.staging.list(organizationPrefix(organizationId))) blobs += 1;
      return blobs;
    };
    // The frame and all three: whoever signs off, or raises the limit and retries, finds the message whole.
    const [run] = await rowsOf<{ id: string; cleared: boolean }>(
      `SELECT id, staging_cleared_at IS NOT NULL AS cleared FROM import WHERE id IN (SELECT import_id FROM delivery)`,
    );
    expect(run?.cleared).toBe(true);
    expect(await staged()).toBe(4);
    await rowsOf('UPDATE import SET staging_cleared_at = NULL');
    await clearStaging(deps, organizationId, run?.id ?? '');
    expect(await staged()).toBe(4);
    expect(await rowsOf('SELECT DISTINCT state FROM attachment')).toEqual([{ state: 'staged' }]);
  });

  it('already when the message is created gets the message, then each attachment that it takes', async () => {
    await limit(1);
    const [large, small] = [file('large.pdf', 1.5, 'application/pdf'), file('small.pdf', 0.5, 'application/pdf')];
    await collected([large, small]);
    await engine.finish();
    const found = await attachments();
    expect([...found.keys()].sort()).toEqual(['not-archived.txt', 'small.pdf']);
    expect(found.get('not-archived.txt')?.toString('utf8')).toContain('large.pdf');
    expect(await states()).toEqual([{ state: 'partially_imported', reason: 'attachment_refused' }]);
  });

  it('with a picture in it gets the text without the picture', async () => {
    await limit(1);
    await collected([file('picture.jpg', 1.5, 'image/jpeg')]);
    await engine.finish();
    expect([...(await attachments()).keys()].sort()).toEqual(['message.txt', 'not-archived.txt']);
    const { body } = await message();
    expect([body.contentType, body.content]).toEqual(['text', 'See what I have.']);
  });

  it('and takes it later, when somebody has raised the limit, has no note any more', async () => {
    await limit(6);
    const connectorId = await collected([file('video.mp4', 11), file('song.mp3', 8, 'audio/mpeg')]);
    await engine.finish();
    expect([...(await attachments()).keys()]).toEqual(['not-archived.txt']);
    const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
    const again = { connectorId, kind: 'partial', reason: null, importId: null, one: null } as const;
    await limit(10);
    await retryCopies(engine.deps, admin, again);
    await engine.finish();
    const found = await attachments();
    expect([...found.keys()].sort()).toEqual(['not-archived.txt', 'song.mp3']);
    expect(found.get('not-archived.txt')?.toString()).not.toContain('song.mp3');
    await limit(30);
    await retryCopies(engine.deps, admin, again);
    await engine.finish();
    expect([...(await attachments()).keys()].sort()).toEqual(['song.mp3', 'video.mp4']);
    expect(await states()).toEqual([IMPORTED]);
  });

  it.each([413, 400])('with %i in the middle of an upload is answered alike', async (status) => {
    const code = status === 413 ? 'RequestEntityTooLarge' : 'ErrorMessageSizeExceeded';
    await fault({ route: 'PUT /uploads/*', after: 1, fault: { kind: 'refuse', status, code } });
    await collected([file('video.mp4', 11), file('song.mp3', 1, 'audio/mpeg')]);
    await engine.finish();
    expect([...(await attachments()).keys()].sort()).toEqual(['not-archived.txt', 'song.mp3']);
    expect(await states()).toEqual([{ state: 'partially_imported', reason: 'attachment_refused' }]);
    expect(await rowsOf('SELECT 1 FROM upload_session')).toEqual([]);
  });

  it('and loses the answer to the note has one note', async () => {
    await limit(6);
    await fault({ route: 'POST */attachments', count: 1, fault: { kind: 'reset-after' } });
    await collected([file('video.mp4', 11)]);
    await engine.finish();
    expect([...(await attachments()).keys()]).toEqual(['not-archived.txt']);
    expect((await states()).map(({ state }) => state)).toEqual(['partially_imported']);
  });

  it('and takes no text of this size either has a failure with its reason', async () => {
    await control(sandbox, 'PATCH', `mailboxes/${anna.id}`, { kind: 'user', messageBytes: 500 });
    await collected([file('small.pdf', 0.5, 'application/pdf')], 'x'.repeat(2_000));
    await engine.finish();
    expect(await states()).toEqual([{ state: 'failed', reason: 'too_large' }]);
  });
});

describe('a download that breaks off', () => {
  /** The source gives half of an attachment, then breaks off; what it answers after that is the test's. */
  function breaking(attachment: SourceAttachment, later: (offset: number) => { bytes: Buffer; etag: string }) {
    const offsets: number[] = [];
    const first = source.attachments.get(attachment.id) ?? Buffer.alloc(0);
    source.attachment = async (_id, offset) => {
      offsets.push(offset);
      if (offsets.length > 1) {
        const { bytes, etag } = later(offset);
        const rest = async function* () {
          yield bytes.subarray(offset);
        };
        return { body: rest(), totalSize: bytes.length, etag };
      }
      const half = async function* () {
        yield first.subarray(0, first.length / 2);
        throw new SourceError('unreachable', 'broke off');
      };
      return { body: half(), totalSize: first.length, etag: '"one"' };
    };
    return offsets;
  }

  it('goes on where it stopped', async () => {
    const photo = file('photo.jpg', 2, 'image/jpeg');
    const bytes = source.attachments.get(photo.id) ?? Buffer.alloc(0);
    const offsets = breaking(photo, () => ({ bytes, etag: '"one"' }));
    await collected([photo]);
    await engine.finish();
    expect(offsets).toEqual([0, MB]);
    expect(await attachmentHashes(engine.graph, anna.id, (await message()).id)).toEqual([photo.sha256]);
    expect(await states()).toEqual([IMPORTED]);
  });

  it('and is another file by then begins anew, at once', async () => {
    const newer = file('photo.jpg', 2, 'image/jpeg');
    const bytes = source.attachments.get(newer.id) ?? Buffer.alloc(0);
    source.attachments.set(newer.id, randomBytes(2 * MB));
    const offsets = breaking(newer, () => ({ bytes, etag: '"two"' }));
    await collected([newer]);
    expect(await rowsOf('SELECT state, attempts FROM attachment')).toEqual([{ state: 'staged', attempts: 0 }]);
    await engine.finish();
    expect(offsets).toEqual([0, MB, 0]);
    expect(await attachmentHashes(engine.graph, anna.id, (await message()).id)).toEqual([newer.sha256]);
    expect(await states()).toEqual([IMPORTED]);
  });
});
