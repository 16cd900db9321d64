/** One user is imported first; the others' messages are kept until somebody lets them follow. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { control } from '#lib/imports/connector.fixture.ts';
import { balances } from '#lib/imports/counts.ts';
import { type Engine, startEngine } from '#lib/imports/engine.fixture.ts';
import { collect, recount, rememberMailboxes } from '#lib/imports/ledger.fixture.ts';
import { readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { partyOf, people, type ScriptedSource, scriptedSource, sms } from '#lib/imports/scripted-source.fixture.ts';
import { signOff } from '#lib/imports/sign-off.ts';
import { undoneReasons } from '#lib/imports/undone.ts';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { NotAllowed } from '../security/actor.ts';
import { deleteConnector } from './delete.ts';
import { firstUser, letOthersFollow } from './first-user.ts';
import { mendPartsOf } from './mend-parts.fixture.ts';
import { sealPassword } from './password.ts';
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
  connectorId = await engine.connect({ sealed: (id) => sealPassword(engine.deps.keyRing, id, 'the password') });
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
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
const remove = () => deleteConnector(mendPartsOf(engine, source), grace(), { connectorId, name: 'Android Archiver' });
const signOffHeld = (expected: number, pool = engine.database.pool) =>
  signOff({ ...engine.deps, pool }, seededActor(engine.organizationId, ['DataConnectors.Auditor']), {
    selection: { connectorId, kind: 'stopped', reason: 'one_user_first', importId: null, one: null },
    reason: 'nobody_owed',
    comment: 'They leave.',
    expected,
  });
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

it('a connector whose others are held back is deleted once they were signed off; those are in no mailbox, the books balance', async () => {
  const { pool } = engine.database;
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(sms(anna, at, { id: 'both', recipients: [partyOf(bruno)] }), sms(bruno, at, { id: 'other' }));
  await collect(engine, connectorId);
  // The first user's own copy is on its way as any other.
  expect(await remove()).toMatchObject({ kind: 'owed', underWay: 1, held: 2 });
  await engine.settle();
  expect(await remove()).toMatchObject({ kind: 'owed', underWay: 0, held: 2 });
  expect(await undoneReasons(pool, grace(), connectorId)).toEqual([
    { kind: 'stopped', reason: 'one_user_first', count: 2 },
  ]);
  expect(await signOffHeld(1)).toEqual({ kind: 'changed', count: 2 });
  expect(await signOffHeld(2)).toEqual({ kind: 'done', signedOff: 2 });
  expect(await undoneReasons(pool, grace(), connectorId)).toEqual([]);
  const { rows } = await pool.query(`SELECT detail FROM audit_entry WHERE action = 'copies.signed-off'`);
  expect(rows).toMatchObject([{ detail: { kind: 'stopped', count: 2, comment: 'They leave.' } }]);
  // Whoever lets the others follow by then sends none of them.
  expect(await letOthersFollow(deps(), grace(), connectorId)).toBe('done');
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['both'], []]);
  expect(balances(await engine.counts(connectorId))).toBe(true);
  expect(await remove()).toMatchObject({ kind: 'done' });
});

it('signs nothing off of what may follow since it was counted, nor of the first user', async () => {
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(sms(anna, at, { id: 'both', recipients: [partyOf(bruno)] }));
  await collect(engine, connectorId);
  const { pool } = engine.database;
  const connect = async () => {
    await letOthersFollow(deps(), grace(), connectorId);
    return pool.connect();
  };
  const meanwhile: typeof pool = Object.assign(Object.create(pool), { connect, query: pool.query.bind(pool) });
  expect(await signOffHeld(1, meanwhile)).toEqual({ kind: 'done', signedOff: 0 });
  await engine.finish();
  expect([await held(anna), await held(bruno)]).toEqual([['both'], ['both']]);
});
