/** The ledger's content hash of each copy is the hash of what its mailbox has, or is not there. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { SourceAttachment } from '../archive/item.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { readBack } from '../mailbox/read-back.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { retryCopies } from './retry.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';

const MB = 1024 * 1024;
const [anna] = people as readonly [Person];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

const file = (name: string, megabytes: number, type: string): SourceAttachment =>
  attach(source, name, type, randomBytes(Math.round(megabytes * MB)));

/** Lists a message with these attachments. @returns its connector */
function listed(...attachments: readonly SourceAttachment[]): Promise<string> {
  const at = new Date(source.settledThrough.getTime() - 3_600_000);
  source.listed.push(sms(anna, at, { type: 'mms', text: 'See what I have.  ', attachments: [...attachments] }));
  return engine.connect();
}

const limit = (megabytes: number) =>
  control(sandbox, 'PATCH', `mailboxes/${anna.id}`, { kind: 'user', messageBytes: Math.round(megabytes * MB) });

/** What the ledger has, what is read back from the mailbox, and what the message's header says. */
async function hashes() {
  const { rows } = await engine.database.pool.query<{ state: string; hash: string | null; message_id: string }>(
    "SELECT state, encode(content_hash, 'hex') AS hash, message_id FROM delivery",
  );
  const [row, ...more] = rows;
  if (row === undefined || more.length > 0) throw new Error(`${rows.length} copies`);
  const time = { reading: () => ({}), streaming: () => ({}) };
  const there = await readBack(
    engine.graph,
    engine.deps.download(engine.organizationId),
    anna.id,
    row.message_id,
    time,
  );
  return { state: row.state, ledger: row.hash, mailbox: there?.contentHash, header: there?.writtenHash };
}

it.each([
  ['a text', () => listed()],
  ['small attachments', () => listed(file('a.pdf', 0.1, 'application/pdf'), file('b.pdf', 0.1, 'application/pdf'))],
  ['a picture in the body', () => listed(file('p.jpg', 0.1, 'image/jpeg'))],
  ['a video that is uploaded in parts', () => listed(file('video.mp4', 5, 'video/mp4'))],
])('is kept of %s', async (_name, list) => {
  await list();
  await engine.finish();
  const { ledger, mailbox, header } = await hashes();
  expect(ledger).toMatch(/^[0-9a-f]{64}$/);
  expect([mailbox, header]).toEqual([ledger, ledger]);
});

it('is kept of a copy that one worker made and another one completed', async () => {
  const { deps, organizationId } = engine;
  const stop = new AbortController();
  const upload = engine.graph.upload;
  vi.spyOn(engine.graph, 'upload').mockImplementationOnce(async (...args) => {
    stop.abort();
    return upload(...args);
  });
  const deliver = deps.enqueue;
  vi.spyOn(deps, 'enqueue').mockImplementation(async (name, ...rest) => {
    if (name !== 'deliver') await deliver(name, ...rest);
  });
  await listed(file('video.mp4', 11, 'video/mp4'));
  await engine.settle();
  await deliverShard(deps, organizationId, shardOf(anna.id), stop.signal);
  const interrupted = await hashes();
  expect(interrupted.state).toBe('created');
  expect(interrupted.ledger).toBe(interrupted.header);
  vi.mocked(deps.enqueue).mockRestore();
  await engine.finish();
  const { state, ledger, mailbox } = await hashes();
  expect([state, ledger]).toEqual(['imported', mailbox]);
});

it.each([
  ['the upload', 6, [file.bind(null, 'video.mp4', 11, 'video/mp4'), file.bind(null, 'song.mp3', 4, 'audio/mpeg')]],
  [
    'the create',
    1,
    [file.bind(null, 'large.jpg', 1.5, 'image/jpeg'), file.bind(null, 's.pdf', 0.5, 'application/pdf')],
  ],
] as const)(
  'is of what is there, with its note, where a mailbox refused some of it: %s',
  async (_name, size, files) => {
    await limit(size);
    await listed(...files.map((make) => make()));
    await engine.finish();
    const { state, ledger, mailbox, header } = await hashes();
    expect(state).toBe('partially_imported');
    expect(ledger).toBe(mailbox);
    expect(ledger).not.toBe(header);
  },
);

it('is not kept once something is added later', async () => {
  await limit(6);
  const connectorId = await listed(file('video.mp4', 11, 'video/mp4'));
  await engine.finish();
  await limit(30);
  const admin = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  await retryCopies(engine.deps, admin, { connectorId, kind: 'partial', reason: null, importId: null, one: null });
  await engine.finish();
  const { state, ledger, mailbox, header } = await hashes();
  expect([state, ledger]).toEqual(['imported', null]);
  expect(mailbox).toBe(header);
});

it('is not kept of a copy that was found by a look-up', async () => {
  await control(sandbox, 'POST', 'faults', {
    service: 'graph',
    route: 'POST /v1.0/users/*/mailFolders/*/messages',
    mailbox: anna.id,
    count: 1,
    fault: { kind: 'reset-after' },
  });
  await listed();
  await engine.finish();
  const { state, ledger, mailbox, header } = await hashes();
  expect([state, ledger]).toEqual(['imported', null]);
  expect(mailbox).toBe(header);
});
