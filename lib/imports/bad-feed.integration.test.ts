/** A site that answers as none should, over the wire, each with its one outcome. The table is docs/bad-input.md. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { json, type ScriptedSite, scriptedSite } from '../archive/telemessage/scripted-site.fixture.ts';
import { telemessageSource } from '../archive/telemessage/source.ts';
import {
  ago,
  anna,
  bruno,
  expectTheRestToBeImported,
  HOUR,
  neighbours,
  type Scene,
  SETTLED,
  sha256Of,
  startScene,
} from './bad-input.fixture.ts';
import { sms } from './scripted-source.fixture.ts';

type Answer = (
  request: { cursor: string | null; limit: number; range: string | undefined },
  to: ServerResponse,
) => void;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let site: ScriptedSite;
let scene: Scene;
/** what the site answers for the list of the last window; the others are empty */
let listAnswer: Answer;
let attachmentAnswer: Answer;
let count: number;
let maxAnswerBytes: number | undefined;

beforeEach(async () => {
  count = neighbours.length;
  maxAnswerBytes = undefined;
  site = await scriptedSite(answer);
  scene = await startScene(sandbox, wire);
});
afterEach(async () => {
  await expectTheRestToBeImported(scene);
  await scene.close();
  await site.stop();
});

/** The product's own client of the site. */
function wire() {
  return telemessageSource({
    baseUrl: site.baseUrl,
    kind: 'android-archiver',
    credentials: async () => ({ username: 'admin', password: 'secret' }),
    ...(maxAnswerBytes === undefined ? {} : { maxAnswerBytes }),
  });
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const inLast = searchParams.get('to') === SETTLED.toISOString();
  const asked = {
    cursor: searchParams.get('cursor'),
    limit: Number(searchParams.get('limit')),
    range: request.headers.range,
  };
  if (pathname.endsWith('/status')) {
    const now = SETTLED.toISOString();
    json(response, 200, { now, settledThrough: now, earliestRetained: ago(90 * 24 * HOUR).toISOString() });
  } else if (pathname.endsWith('/users')) json(response, 200, { users: [], nextCursor: null });
  else if (pathname.endsWith('/manifest')) json(response, 200, { count: inLast ? count : 0, attachmentBytes: 0 });
  else if (pathname.includes('/attachments/')) attachmentAnswer(asked, response);
  else if (inLast) listAnswer(asked, response);
  else json(response, 200, { items: [], nextCursor: null });
}

const page = (response: ServerResponse, items: readonly unknown[], nextCursor: string | null): void =>
  json(response, 200, { items, nextCursor });

const imports = () =>
  scene.rows<{ phase: string; problem: string | null }>(
    `SELECT i.phase, i.problem FROM import i JOIN import_window w ON w.id = i.window_id WHERE w.ends_at = $1`,
    [SETTLED],
  );
const alerts = () => scene.rows<{ code: string; open: boolean }>('SELECT code, resolved_at IS NULL AS open FROM alert');

async function readOn(): Promise<void> {
  await scene.dueNow();
  await scene.engine.finish();
  expect(await imports()).toEqual([{ phase: 'completed', problem: null }]);
}

const listed = async () => (await scene.engine.counts(scene.connectorId)).items;

test('a page that is not JSON is asked for again; what came before it is imported meanwhile', async () => {
  listAnswer = ({ cursor }, to) => (cursor === null ? page(to, neighbours, 'two') : to.end('<html>Sorry</html>'));
  await scene.engine.settle();
  expect(await imports()).toEqual([{ phase: 'queued', problem: 'source_bad_answer' }]);
  await expectTheRestToBeImported(scene);
  count += 1;
  listAnswer = (_, to) => page(to, [sms(anna, ago(HOUR), { id: 'late' })], null);
  await readOn();
  expect(await scene.messages(anna, 'late')).toHaveLength(1);
});

test('a cursor that repeats: what was listed is imported, an alert stands, and the list is read anew later', async () => {
  const pages: Record<string, [Item, string]> = {
    '': [neighbours[0], 'a'],
    a: [neighbours[1], 'b'],
    b: [sms(anna, ago(HOUR), { id: 'on-the-last-page' }), 'a'],
  };
  count = 3;
  listAnswer = ({ cursor }, to) => {
    const [item, next] = pages[cursor ?? ''] ?? [null, ''];
    page(to, [item], next);
  };
  await scene.engine.settle();
  expect(await imports()).toEqual([{ phase: 'queued', problem: 'feed_never_ends' }]);
  expect(await alerts()).toEqual([{ code: 'feed_never_ends', open: true }]);
  expect(await scene.messages(anna, 'on-the-last-page')).toHaveLength(1);
  expect(await listed()).toMatchObject({ listed: 3, imported: 3, repeat: 0 });
  // Reading it anew counts nothing twice.
  await scene.dueNow();
  await scene.engine.settle();
  expect(await listed()).toMatchObject({ listed: 3, imported: 3, repeat: 0 });
  listAnswer = (_, to) =>
    page(
      to,
      Object.values(pages).map(([item]) => item),
      null,
    );
  await readOn();
  expect(await alerts()).toEqual([{ code: 'feed_never_ends', open: false }]);
  expect(await listed()).toMatchObject({ listed: 3, imported: 3, repeat: 0 });
});

test('a feed whose cursors are always new is left at a bound, and read on from there later', async () => {
  let pages = 0;
  // Each is the same thing that is no item.
  const repeated = Array.from({ length: 6000 }, () => null);
  count += 1;
  listAnswer = (_, to) => {
    pages += 1;
    page(to, pages === 1 ? [...neighbours, ...repeated] : repeated, `cursor-${pages}`);
  };
  await scene.engine.settle();
  expect(await imports()).toEqual([{ phase: 'queued', problem: 'feed_never_ends' }]);
  expect(await alerts()).toEqual([{ code: 'feed_never_ends', open: true }]);
  // Twice what the manifest counts, and 50,000: nine pages; the two after them were asked for ahead, and are asked for again later.
  expect(pages).toBe(11);
  await expectTheRestToBeImported(scene);
  count += 1;
  listAnswer = ({ cursor }, to) => {
    expect(cursor).toBe('cursor-9');
    page(to, [sms(bruno, ago(HOUR), { id: 'at-the-end' })], null);
  };
  await readOn();
  expect(await scene.messages(bruno, 'at-the-end')).toHaveLength(1);
});

test('a page of items too large to read is asked for again in smaller pages', async () => {
  maxAnswerBytes = 1_000_000;
  const items = [
    ...neighbours,
    ...['one', 'two', 'three'].map((id) => sms(anna, ago(HOUR), { id, text: 'x'.repeat(400_000) })),
  ];
  count = items.length;
  const limits = new Set<number>();
  listAnswer = ({ cursor, limit }, to) => {
    limits.add(limit);
    const start = Number(cursor ?? 0);
    const end = start + limit;
    page(to, items.slice(start, end), end < items.length ? String(end) : null);
  };
  await scene.engine.finish();
  expect([...limits]).toEqual([1_000, 125, 15, 1]);
  expect(await imports()).toEqual([{ phase: 'completed', problem: null }]);
  for (const id of ['one', 'two', 'three']) expect(await scene.messages(anna, id)).toHaveLength(1);
  expect(await listed()).toMatchObject({ listed: 5, imported: 5, repeat: 0 });
});

const bytes = randomBytes(60_000);

/** One item with an attachment that the site gives out in its own way. */
function listAttachment(answerer: Answer): void {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const attachment = { id: 'a-1', name: 'paper.pdf', contentType: 'application/pdf', size: bytes.length, sha256 };
  const item = sms(anna, ago(HOUR), { id: 'bad', type: 'mms', attachments: [attachment] });
  count += 1;
  listAnswer = (_, to) => page(to, [neighbours[0], item, neighbours[1]], null);
  attachmentAnswer = answerer;
}

/** Half of the bytes, and then nothing more. */
function breakOff(to: ServerResponse, etag: string): void {
  to.writeHead(200, { 'content-type': 'application/pdf', 'content-length': bytes.length, etag });
  to.write(bytes.subarray(0, 30_000), () => to.destroy());
}

async function waitsFor(reason: string): Promise<void> {
  expect((await scene.ledger('bad')).copies).toEqual([`pending: ${reason}`]);
}

async function comesWhole(): Promise<void> {
  attachmentAnswer = (_, to) => to.writeHead(200, { 'content-length': bytes.length, etag: '"whole"' }).end(bytes);
  await readOn();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  const [message] = await scene.messages(anna, 'bad');
  expect(message?.files.map((file) => sha256Of(file.bytes))).toEqual([sha256Of(bytes)]);
}

test('an attachment that changes between reads is never pieced together, and is asked for again', async () => {
  let version = 0;
  listAttachment((_, to) => {
    version += 1;
    breakOff(to, `"v${version}"`);
  });
  await scene.engine.settle();
  await waitsFor('attachment_changed');
  await comesWhole();
});

test('an attachment that always breaks off holds up its own message only', async () => {
  listAttachment((_, to) => breakOff(to, 'W/"weak"'));
  await scene.engine.settle();
  await waitsFor('attachment_broke_off');
  await expectTheRestToBeImported(scene);
  await comesWhole();
});
