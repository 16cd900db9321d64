/** A copy in doubt whose mailbox refuses to be looked into: it ends with a reason, keeps its doubt, and is never doubled. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../connectors/rows.fixture.ts';
import { control } from './connector.fixture.ts';
import { lookUpAddresses } from './directory.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { copies } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { retryCopies } from './retry.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

const [anna] = people as readonly [Person, ...Person[]];
const LOOK = { service: 'graph', route: 'GET /v1.0/users/*/messages' } as const;

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - 3_600_000), { id: 'one' }));
  connectorId = await engine.connect();
  const addresses = people.flatMap(({ mail }) => mail ?? []);
  await lookUpAddresses(engine.deps.ledger, engine.graph, engine.organizationId, addresses);
  await fault({ service: 'graph', route: 'POST /v1.0/$batch', count: 1, fault: { kind: 'reset-after' } });
});
afterEach(() => engine.close());

const fault = (rule: object) => control(sandbox, 'POST', 'faults', rule);
const inMailbox = async () => ((await readMailboxes(engine.graph)).get(anna.id) ?? []).map(({ itemId }) => itemId);
async function rowsOf(sql: string): Promise<unknown[]> {
  return (await engine.database.pool.query(sql)).rows;
}

it.each([
  ['the mailbox is closed to us', 403, 'ErrorAccessDenied', 'access_denied'],
  ['Graph does not take our question', 400, 'BadRequest', 'refused_message'],
] as const)('%s: it fails with that reason, and a retry finds what is there', async (_name, status, code, reason) => {
  await fault({ ...LOOK, fault: { kind: 'refuse', status, code } });
  await engine.finish();
  expect(await copies(engine.database.pool)).toMatchObject([{ state: 'failed', reason }]);
  expect(await rowsOf('SELECT DISTINCT phase, balanced FROM import')).toEqual([{ phase: 'completed', balanced: true }]);
  await control(sandbox, 'DELETE', 'faults');
  const all = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  const actor = seededActor(engine.organizationId, ['DataConnectors.Admin']);
  expect(await retryCopies(engine.deps, actor, all)).toEqual({ kind: 'done', sent: 1, skipped: 0, readAgain: 0 });
  await engine.finish();
  expect(await copies(engine.database.pool)).toMatchObject([{ state: 'imported' }]);
  expect(await inMailbox()).toEqual(['one']);
});

it('a mailbox that closes while a message is being completed: the message is there without its attachment, and says why', async () => {
  source.listed.pop();
  const video = attach(source, 'video.mp4', 'video/mp4', randomBytes(3_300_000));
  const archived = new Date(source.settledThrough.getTime() - 3_600_000);
  source.listed.push(sms(anna, archived, { id: 'one', type: 'mms', attachments: [video] }));
  await control(sandbox, 'DELETE', 'faults');
  const refuse = { kind: 'refuse', status: 403, code: 'ErrorAccessDenied' } as const;
  await fault({ service: 'graph', route: 'POST */createUploadSession', fault: refuse });
  await engine.finish();
  expect(await copies(engine.database.pool)).toMatchObject([{ state: 'partially_imported', reason: 'access_denied' }]);
  expect(await inMailbox()).toEqual(['one']);
});

it('a consent that is gone is met by a look-up, too: one alert, and the doubt is kept', async () => {
  await engine.settle();
  await control(sandbox, 'PUT', `consents/${engine.organizationId}`, { permissions: ['User.Read.All'] });
  await fault({ ...LOOK, fault: { kind: 'refuse', status: 403, code: 'ErrorAccessDenied' } });
  await sleep(1_500);
  await engine.settle();
  expect(await rowsOf('SELECT code FROM alert')).toEqual([{ code: 'consent_missing' }]);
  expect(await copies(engine.database.pool)).toMatchObject([{ state: 'sending' }]);
});
