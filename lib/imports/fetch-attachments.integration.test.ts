/** Attachments that were missing are asked for apart from everything else: once each, and nobody waits for the asking. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { fetchAttachments } from './fetch-attachments.ts';
import { collect, copies, rememberMailboxes } from './ledger.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';

const never = new AbortController().signal;
const [anna] = people as readonly [Person, ...Person[]];

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let asked: string[];
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  const connectorId = await engine.connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  const at = new Date(source.settledThrough.getTime() - 3_600_000);
  for (let n = 0; n < 8; n++) {
    const photo = attach(source, `photo-${n}.jpg`, 'image/jpeg', randomBytes(1_000));
    source.attachments.set(photo.id, null);
    source.listed.push(sms(anna, at, { id: `with-photo-${n}`, type: 'mms', attachments: [photo] }));
  }
  source.listed.push(sms(anna, at, { id: 'text-only' }));
  await collect(engine, connectorId);
  asked = [];
  const { attachment } = source;
  source.attachment = (id, ...rest) => {
    asked.push(id);
    return attachment(id, ...rest);
  };
});
afterEach(() => engine.close());

async function rowsOf<T extends object>(sql: string): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql)).rows;
}
// A column of milliseconds rounds: what is due from now on may be so half a millisecond later.
const dueNow = () => rowsOf("UPDATE attachment SET ask_again_at = now() - interval '1 ms'");
const deliver = () => deliverShard(engine.deps, engine.organizationId, shardOf(anna.id), never);
const states = async () => Object.groupBy(await copies(engine.database.pool), ({ state }) => state);
async function fetchAll(signal = never): Promise<void> {
  const imports = await engine.deps.ledger.dueAttachments();
  await Promise.all(
    imports.map(({ importId }) => fetchAttachments(engine.deps, engine.organizationId, importId, signal)),
  );
}

it('a delivery asks for none, so a source that hangs holds up nobody', async () => {
  const stop = new AbortController();
  source.attachment = (id, _offset, signal) => {
    if (asked.push(id) === 6) setTimeout(() => stop.abort());
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  await deliver();
  expect(asked).toEqual([]);
  const { imported, pending } = await states();
  expect(imported?.map(({ item }) => item)).toEqual(['text-only']);
  expect(pending?.map(({ reason }) => reason)).toEqual(Array(8).fill('attachment_not_ready'));
  // Whoever asks lets go when it is to stop.
  await dueNow();
  await fetchAll(stop.signal);
  expect(asked).toHaveLength(6);
});

it('two workers ask for each once, and its message is due when it is there', async () => {
  for (const id of source.attachments.keys()) source.attachments.set(id, randomBytes(1_000));
  await deliver();
  // What was announced is not what comes; a day later it is taken as it is.
  await rowsOf(`UPDATE attachment SET first_missed_at = now() - interval '25 hours'`);
  await dueNow();
  await Promise.all([fetchAll(), fetchAll()]);
  expect([...asked].sort()).toEqual([...source.attachments.keys()].sort());
  const waiting = await rowsOf(`SELECT 1 FROM delivery WHERE state = 'pending' AND not_before > now()`);
  expect(waiting).toEqual([]);
  await engine.finish();
  expect((await states()).partially_imported).toHaveLength(8);
});

it('what a worker was asking for when it died is asked for by the next one', async () => {
  await dueNow();
  const { ledger } = engine.deps;
  const [{ importId } = { importId: '' }] = await ledger.dueAttachments();
  const claimed = await ledger.claimMissing(engine.organizationId, importId, 1);
  await fetchAll();
  expect(asked).toHaveLength(7);
  expect(asked).not.toContain(claimed?.sourceAttachmentId);
  await sleep(1_100);
  await fetchAll();
  expect(asked).toContain(claimed?.sourceAttachmentId);
});
