/** Attachments that are not what the source says, each with its one outcome. The table is docs/bad-input.md. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { SourceAttachment } from '../archive/item.ts';
import { SourceError } from '../archive/source.ts';
import { ATTACHMENT_LIMIT_BYTES } from '../staging/attachments.ts';
import {
  ago,
  amongNeighbours,
  anna,
  expectTheRestToBeImported,
  HOUR,
  type Message,
  type Scene,
  SETTLED,
  sha256Of,
  startScene,
} from './bad-input.fixture.ts';
import { attach, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let scene: Scene;
beforeEach(async () => {
  source = scriptedSource(SETTLED);
  scene = await startScene(sandbox, () => source);
});
afterEach(async () => {
  await expectTheRestToBeImported(scene);
  await scene.close();
});

const bytes = randomBytes(50_000);
const paper = (traits: Partial<SourceAttachment> = {}): SourceAttachment => ({
  ...attach(source, 'paper.pdf', 'application/pdf', bytes),
  ...traits,
});

async function list(...attachments: readonly SourceAttachment[]): Promise<void> {
  source.listed.push(
    ...amongNeighbours(sms(anna, ago(HOUR), { id: 'bad', type: 'mms', attachments: [...attachments] })),
  );
  await scene.engine.settle();
}

/** As if the source had failed at it for a day. */
async function aDayLater(): Promise<void> {
  await scene.rows(`UPDATE attachment SET first_missed_at = now() - interval '25 hours'`);
  await scene.dueNow();
  await scene.engine.finish();
}

async function message(): Promise<Message> {
  const found = await scene.messages(anna, 'bad');
  expect(found).toHaveLength(1);
  const [only] = found;
  if (!only) throw new Error('no message');
  return only;
}

async function waitsFor(reason: string): Promise<void> {
  expect(await scene.ledger('bad')).toEqual({ outcome: 'pending', reason: null, copies: [`pending: ${reason}`] });
  expect(await scene.messages(anna, 'bad')).toEqual([]);
}

async function isPartial(reason: string): Promise<void> {
  const copies = [`partially_imported: ${reason}`];
  expect(await scene.ledger('bad')).toEqual({ outcome: 'imported', reason: null, copies });
}

/** Lets the source fail at attachments in its own way. */
function failing(error: () => Error): void {
  source.attachment = async () => {
    throw error();
  };
}

test('an attachment that is not there yet is waited for, and archived when it comes', async () => {
  const late = paper();
  source.attachments.set(late.id, null);
  await list(late);
  await waitsFor('attachment_not_ready');
  source.attachments.set(late.id, bytes);
  await scene.dueNow();
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  expect((await message()).files.map((file) => sha256Of(file.bytes))).toEqual([sha256Of(bytes)]);
});

test('it is asked for again when it has been missing twice as long, and at least every ten minutes', async () => {
  const late = paper();
  source.attachments.set(late.id, null);
  await list(late);
  const secondsToNext = async (missedFor: string): Promise<number> => {
    await scene.rows(`UPDATE attachment SET first_missed_at = now() - interval '${missedFor}'`);
    await scene.dueNow();
    await scene.engine.settle();
    const [row] = await scene.rows<{ seconds: number }>(
      `SELECT extract(epoch FROM ask_again_at - now())::float8 AS seconds FROM attachment WHERE state = 'missing'`,
    );
    return row?.seconds ?? Number.NaN;
  };
  // The clock runs on meanwhile: what is asked for is the order of size.
  expect(await secondsToNext('0 seconds')).toBeLessThanOrEqual(30);
  const later = await secondsToNext('4 minutes');
  expect(later).toBeGreaterThan(180);
  expect(later).toBeLessThan(300);
  const latest = await secondsToNext('20 hours');
  expect(latest).toBeGreaterThan(500);
  expect(latest).toBeLessThanOrEqual(600);
  source.attachments.set(late.id, bytes);
  await scene.dueNow();
  await scene.engine.finish();
});

test.each([
  ['never comes', 'attachment_not_ready', () => new SourceError('attachment_not_ready', 'later', 30)],
  ['is gone', 'attachment_gone', () => new SourceError('attachment_gone', 'purged')],
  ['nobody knows', 'attachment_unknown', () => new SourceError('not_found', 'unknown')],
  ['the site always puts off', 'attachment_throttled', () => new SourceError('throttled', 'status 429', 30)],
  ['the site always fails at', 'attachment_bad_answer', () => new SourceError('unreachable', 'status 500')],
])('a message whose attachment %s goes without it after a day and says why', async (_, reason, error) => {
  failing(error);
  await list(paper());
  await waitsFor(reason);
  await aDayLater();
  await isPartial(reason);
  const { text, files } = await message();
  expect(text).toContain('Attachment not archived: paper.pdf (application/pdf, 50000 bytes): ');
  expect(files).toEqual([]);
});

test('an attachment is not given up while the source does not answer at all', async () => {
  const late = paper();
  source.attachments.set(late.id, null);
  await list(late);
  source.failure = new SourceError('unreachable', 'away');
  await scene.rows(`UPDATE attachment SET first_missed_at = now() - interval '25 hours'`);
  await scene.dueNow();
  await scene.engine.settle();
  await waitsFor('attachment_not_ready');
  source.failure = null;
  source.attachments.set(late.id, bytes);
  await scene.dueNow();
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
});

test.each([
  ['shorter', bytes.subarray(0, 40_000)],
  ['longer', Buffer.concat([bytes, bytes])],
])(
  'an attachment that is %s than it says is archived as it is after a day, and the message says so',
  async (_, given) => {
    const lying = paper();
    source.attachments.set(lying.id, given);
    await list(lying);
    await waitsFor('attachment_differs');
    await aDayLater();
    await isPartial('attachment_differs');
    const { text, files } = await message();
    expect(text).toContain(
      `Attachment paper.pdf: 50000 bytes with SHA-256 ${sha256Of(bytes)} were announced, ` +
        `and ${given.length} bytes with SHA-256 ${sha256Of(given)} were given.`,
    );
    expect(files.map((file) => sha256Of(file.bytes))).toEqual([sha256Of(given)]);
  },
);

test('a size that lies while the bytes are whole is not held against an attachment', async () => {
  await list(paper({ size: 7 }));
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  expect((await message()).files.map((file) => sha256Of(file.bytes))).toEqual([sha256Of(bytes)]);
});

test('an attachment over 150 MB is left out at once, is not read again, and the message says so', async () => {
  const huge = paper({ size: ATTACHMENT_LIMIT_BYTES + 1 });
  const piece = Buffer.alloc(4 * 1024 * 1024);
  let reads = 0;
  source.attachment = async () => {
    reads += 1;
    const body = async function* () {
      for (let sent = 0; sent <= ATTACHMENT_LIMIT_BYTES; sent += piece.length) yield piece;
    };
    return { body: body(), totalSize: null, etag: null };
  };
  await list(huge);
  await scene.engine.finish();
  await isPartial('attachment_too_large');
  expect(reads).toBe(1);
  expect((await message()).text).toContain('larger than 150 MB');
});

test('an attachment without an id is named as not understood, and the item as it came is attached', async () => {
  const nameless = { name: 'lost.pdf', contentType: 'application/pdf', size: 3 } as SourceAttachment;
  await list(nameless, paper({ size: -1 }));
  await scene.engine.finish();
  await isPartial('attachment_not_understood');
  const { text, files } = await message();
  expect(text).toContain('Not understood, and so not shown here: attachments[0], attachments[1].size.');
  expect(files.map(({ name }) => name).sort()).toEqual(['original-item.json', 'paper.pdf']);
  expect(files.find(({ name }) => name === 'original-item.json')?.bytes.toString()).toContain('lost.pdf');
});

test('file names that no disk takes are archived under ones that all take, each once', async () => {
  const names = [
    '../../etc/passwd',
    'C:\\boot.ini',
    'con.txt',
    `${'n'.repeat(300)}.pdf`,
    'same.txt',
    'SAME.txt',
    'a\0b|?.png',
    '',
  ];
  await list(...names.map((name) => attach(source, name, 'text/plain', Buffer.from(`of ${name}`))));
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  const { files } = await message();
  expect(files.map(({ bytes: content }) => content.toString()).sort()).toEqual(
    names.map((name) => `of ${name}`).sort(),
  );
  const given = files.map(({ name }) => name);
  expect(new Set(given.map((name) => name.toLowerCase())).size).toBe(names.length);
  expect(given).toEqual(
    expect.arrayContaining([
      '.._.._etc_passwd',
      'C_boot.ini',
      '_con.txt',
      'same.txt',
      'SAME (2).txt',
      'attachment-8.txt',
    ]),
  );
  for (const name of given) {
    expect(name).not.toMatch(/[/\\:*?"<>|\p{Cc}]/u);
    expect(name.length).toBeLessThanOrEqual(150);
  }
});

test('hundreds of attachments are all archived', async () => {
  const many = Array.from({ length: 220 }, (_, index) =>
    attach(source, `part-${index}.bin`, 'application/octet-stream', randomBytes(13_000)),
  );
  await list(...many);
  await scene.engine.finish();
  expect((await scene.ledger('bad')).copies).toEqual(['imported']);
  const { files } = await message();
  expect(files.map((file) => sha256Of(file.bytes)).sort()).toEqual(many.map(({ sha256 }) => sha256).sort());
});
