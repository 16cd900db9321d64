/** Where an organization lets us open chosen mailboxes only: what is outside waits and says why, and nothing stops. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { control, grantConsent } from './connector.fixture.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

const [inside, outside] = people as readonly [Person, Person, ...Person[]];

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
  const archived = new Date(source.settledThrough.getTime() - 3_600_000);
  source.listed.push(sms(inside, archived, { id: 'one' }), sms(outside, archived, { id: 'two' }));
  await engine.connect();
  await rows(`UPDATE connector SET consent_mode = 'chosen', inside_mailbox = upper('${inside.mail}')`);
});
afterEach(async () => {
  await engine.close();
  await grantConsent(sandbox);
});

async function rows(sql: string): Promise<unknown[]> {
  return (await engine.database.pool.query(sql)).rows;
}
const limitTo = (...mailboxes: readonly Person[]) =>
  control(sandbox, 'PUT', `consents/${engine.organizationId}`, {
    permissions: ['User.Read.All'],
    mailboxes: mailboxes.map(({ id }) => id),
  });
const states = () =>
  rows('SELECT i.source_item_id AS id, d.state, d.reason FROM delivery d JOIN item i ON i.id = d.item_id ORDER BY 1');
const stopped = () => rows('SELECT stopped_reason FROM connector');

it('a mailbox outside the scope gets no copy, which waits and says why; the one inside gets its own', async () => {
  await limitTo(inside);
  await engine.finish();
  expect(await states()).toEqual([
    { id: 'one', state: 'imported', reason: null },
    { id: 'two', state: 'waiting', reason: 'mailbox_closed' },
  ]);
  expect(await stopped()).toEqual([{ stopped_reason: null }]);
});

it('a limit by which the mailbox that proved it is closed is a consent that is gone', async () => {
  await limitTo(outside);
  await engine.settle();
  expect(await stopped()).toEqual([{ stopped_reason: 'consent_missing' }]);
});
