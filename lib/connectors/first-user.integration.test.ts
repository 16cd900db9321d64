/** One user is imported first; the others' messages are kept until somebody lets them follow. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { control } from '#lib/imports/connector.fixture.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { recount } from '#lib/imports/ledger.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { NotAllowed } from '../security/actor.ts';
import { firstUser, letOthersFollow } from './first-user.ts';
import { seededActor } from './rows.fixture.ts';

const HOUR = 3_600_000;
const [anna, bruno] = [people[0], people[1]] as readonly [Person, Person];

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
  connectorId = await engine.connect();
  await engine.database.pool.query('UPDATE connector SET first_user_id = $2, first_mailbox = $3 WHERE id = $1', [
    connectorId,
    anna.id,
    anna.mail,
  ]);
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

const deps = () => ({ ...engine.deps, pool: engine.database.pool });
const grace = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);

async function held(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

it('sends to one mailbox alone, and to the others once somebody said so', async () => {
  const { pool } = engine.database;
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(sms(anna, at, { id: 'both', recipients: [partyOf(bruno)] }), sms(bruno, at, { id: 'other' }));
  // Ends by itself: what is held back is not due.
  await engine.settle();
  expect([await held(anna), await held(bruno)]).toEqual([['both'], []]);
  expect(await firstUser(pool, grace(), connectorId)).toEqual({ mailbox: anna.mail, held: 2 });
  await expect(letOthersFollow(deps(), seededActor(engine.organizationId), connectorId)).rejects.toThrow(NotAllowed);
  await engine.settle();
  expect(await held(bruno)).toEqual([]);

  expect(await letOthersFollow(deps(), grace(), connectorId)).toBe('done');
  expect(await letOthersFollow(deps(), grace(), connectorId)).toBe('unchanged');
  expect(await firstUser(pool, grace(), connectorId)).toBeNull();
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['both'], ['both', 'other']]);
  const { rows } = await pool.query(`SELECT detail FROM audit_entry WHERE action = 'connector.others-follow'`);
  expect(rows).toEqual([{ detail: { mailbox: anna.mail } }]);
});
