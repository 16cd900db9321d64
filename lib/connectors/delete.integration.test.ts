/** A connector that is deleted, and the same account added again: everything is imported once. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { SourceError } from '../archive/source.ts';
import { startCorrection } from '../corrections/start.ts';
import { endCorrection } from '../corrections/steps.ts';
import { control } from '../imports/connector.fixture.ts';
import { type Engine, startEngine } from '../imports/engine.fixture.ts';
import { collect, failed, recount, rememberMailboxes, settleAll } from '../imports/ledger.fixture.ts';
import { importPage } from '../imports/list.ts';
import { readMailboxes } from '../imports/mailboxes.fixture.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { people, type ScriptedSource, scriptedSource, sms } from '../imports/scripted-source.fixture.ts';
import { signOff } from '../imports/sign-off.ts';
import { startOfUtcDay } from '../imports/windows.ts';
import { NotAllowed } from '../security/actor.ts';
import { deleteConnector } from './delete.ts';
import type { MendParts } from './mend.ts';
import { connectorRows } from './overview.ts';
import { sealPassword } from './password.ts';
import { seededActor } from './rows.fixture.ts';

const HOUR_MS = 3_600_000;
const NAME = 'Android Archiver';
const anna = people[0] as Person;
const at = (hours: number) => new Date(startOfUtcDay(new Date()).getTime() + hours * HOUR_MS);

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

let source: ScriptedSource;
let engine: Engine;
let connectorId: string;
/** what the source was asked to take back */
let unregistered: string[];
let refuses: SourceError | null;

beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource(at(0));
  engine = await startEngine(sandbox, { source: () => source });
  connectorId = await connect();
  await rememberMailboxes(engine.database.pool, engine.organizationId, people);
  unregistered = [];
  refuses = null;
});
afterEach(() => engine.close());

const admin = () => seededActor(engine.organizationId, ['DataConnectors.Admin']);
const remove = (name = NAME) => deleteConnector(parts(), admin(), { connectorId, name });

function connect(): Promise<string> {
  const { keyRing } = engine.deps;
  return engine.connect({ firstImportFrom: at(-24), sealed: (id) => sealPassword(keyRing, id, 'the password') });
}
function parts(): MendParts {
  return {
    ...engine.deps,
    database: engine.database,
    sourceHost: 'archive.example',
    openSource: (_kind, { password }) => ({
      account: async () => ({ id: 'x', name: 'x' }),
      clock: () => source.clock(),
      users: () => source.users(),
      register: async () => ({ id: 'x' }),
      unregister: async (id) => {
        if (refuses) throw refuses;
        unregistered.push(`${id} ${password}`);
      },
    }),
  };
}
function list(id: string): void {
  source.listed.push(sms(anna, at(-5), { id }));
}
async function inMailbox(): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(anna.id) ?? []).map(({ itemId }) => itemId).sort();
}
const runs = async (id: string) => (await importPage(engine.database.pool, admin(), id, null, 50)).imports;
const rows = () => connectorRows(engine.database.pool, admin(), null, new Date());

it('is added again for the same account, and the same days are imported without a double', async () => {
  list('one');
  list('two');
  await engine.finish();
  expect(await remove()).toEqual({ kind: 'done', unregistered: true });
  expect(unregistered).toEqual(['registered the password']);
  expect(await rows()).toEqual([]);
  await engine.settle();

  list('late');
  const again = await connect();
  await engine.finish();
  expect(await inMailbox()).toEqual(['late', 'one', 'two']);
  const [run] = await runs(again);
  expect(run?.counts.items).toMatchObject({ listed: 3, imported: 1, repeat: 2 });
  expect(await rows()).toMatchObject([{ id: again, health: 'balanced' }]);
  // The evidence of the deleted one stays as it was.
  expect((await runs(connectorId))[0]?.counts.items).toMatchObject({ listed: 2, imported: 2 });
  const { rows: audited } = await engine.database.pool.query(
    "SELECT action, detail FROM audit_entry WHERE actor <> 'system'",
  );
  expect(audited).toEqual([{ action: 'connector.deleted', detail: { name: NAME } }]);
});

it('keeps no password, and stands also where the source does not answer', async () => {
  await engine.finish();
  refuses = new SourceError('unreachable', 'the line broke');
  expect(await remove()).toEqual({ kind: 'done', unregistered: false });
  const { rows: left } = await engine.database.pool.query('SELECT status, password_sealed FROM connector');
  expect(left).toEqual([{ status: 'deleted', password_sealed: null }]);
});

it('is refused while copies are under way, or failed, and goes when they are signed off', async () => {
  list('one');
  await collect(engine, connectorId);
  const nothing = {
    underWay: 0,
    held: 0,
    waiting: 0,
    failed: 0,
    unreadable: 0,
    partial: 0,
    missing: 0,
    corrections: 0,
    removing: 0,
  };
  expect(await remove()).toEqual({ kind: 'owed', ...nothing, underWay: 1 });
  await settleAll(engine, () => failed);
  expect(await remove()).toEqual({ kind: 'owed', ...nothing, failed: 1 });
  expect(await rows()).toHaveLength(1);
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const selection = { connectorId, kind: 'failed', reason: null, importId: null, one: null } as const;
  await signOff(engine.deps, auditor, { selection, reason: 'other', comment: 'We leave.', expected: 1 });
  expect(await remove()).toMatchObject({ kind: 'done' });
});

it('is refused while an attachment is kept for a mailbox that may take it yet, not for one that nobody has', async () => {
  list('one');
  list('two');
  await collect(engine, connectorId);
  let reason: ReasonCode = 'attachment_gone';
  await settleAll(engine, () => {
    reason = reason === 'attachment_gone' ? 'mailbox_full' : 'attachment_gone';
    return { state: 'partially_imported', messageId: 'message', contentHash: null, reason };
  });
  expect(await remove()).toMatchObject({ kind: 'owed', partial: 1, failed: 0 });
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const selection = { connectorId, kind: 'partial', reason: 'mailbox_full', importId: null, one: null } as const;
  await signOff(engine.deps, auditor, { selection, reason: 'other', comment: 'We leave.', expected: 1 });
  expect(await remove()).toMatchObject({ kind: 'done' });
});

it('is refused while a copy is missing in its mailbox that nobody signed off: its alert would go with it', async () => {
  list('one');
  await collect(engine, connectorId);
  await settleAll(engine, () => ({ state: 'imported', messageId: 'message', contentHash: null, reason: null }));
  await engine.database.pool.query(`UPDATE delivery SET doubt = 1, reason = 'missing_in_mailbox'`);
  expect(await remove()).toMatchObject({ kind: 'owed', missing: 1, partial: 0 });
  const auditor = seededActor(engine.organizationId, ['DataConnectors.Auditor']);
  const selection = { connectorId, kind: 'missing', reason: null, importId: null, one: null } as const;
  await signOff(engine.deps, auditor, { selection, reason: 'other', comment: 'We leave.', expected: 1 });
  expect(await remove()).toMatchObject({ kind: 'done' });
});

describe('a correction of misfiled messages', () => {
  const start = () =>
    startCorrection(engine.deps, admin(), {
      connectorId,
      number: '+12125550101',
      from: at(-48),
      to: at(24),
      reason: 'The file had two numbers mixed up.',
    });
  const removing = (correctionId: string) =>
    engine.database.pool.query(
      `UPDATE correction SET phase = 'removing', confirmed_at = now(), removal_confirmed_at = now() WHERE id = $1`,
      [correctionId],
    );

  it('is ended first: nobody would go on with it', async () => {
    await engine.finish();
    const started = await start();
    if (started.kind !== 'started') throw new Error(started.kind);
    const { correctionId } = started;
    expect(await remove()).toMatchObject({ kind: 'owed', corrections: 1, removing: 0, failed: 0 });
    // One that removes messages is not ended by anybody: it comes to its end.
    await removing(correctionId);
    expect(await remove()).toMatchObject({ kind: 'owed', corrections: 0, removing: 1 });
    const choice = { connectorId, correctionId };
    expect(await endCorrection(engine.deps, admin(), choice)).toEqual({ kind: 'unchanged' });
    await engine.database.pool.query(`UPDATE correction SET phase = 'copied' WHERE id = $1`, [correctionId]);
    expect(await endCorrection(engine.deps, admin(), choice)).toEqual({ kind: 'done' });
    expect(await remove()).toMatchObject({ kind: 'done' });
  });

  it('is not begun while the connector is being deleted', async () => {
    await engine.finish();
    const deleting = await engine.database.pool.connect();
    await deleting.query('BEGIN');
    await deleting.query('SELECT 1 FROM connector WHERE id = $1 FOR UPDATE', [connectorId]);
    const starting = start();
    await vi.waitFor(
      async () => {
        const { rows: waits } = await engine.database.pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND query LIKE '%INTO correction%'`,
        );
        expect(waits).toHaveLength(1);
      },
      { timeout: 20_000 },
    );
    await deleting.query(`UPDATE connector SET status = 'deleted', password_sealed = NULL WHERE id = $1`, [
      connectorId,
    ]);
    await deleting.query('COMMIT');
    deleting.release();
    expect(await starting).toEqual({ kind: 'not_found' });
    expect((await engine.database.pool.query('SELECT 1 FROM correction')).rowCount).toBe(0);
    expect((await engine.database.pool.query("SELECT 1 FROM audit_entry WHERE actor <> 'system'")).rowCount).toBe(0);
  });
});

it('stops what it is at: a page that comes later is not written, an import that was not checked is over', async () => {
  list('one');
  await collect(engine, connectorId);
  await settleAll(engine, () => ({ state: 'imported', messageId: 'message', contentHash: null, reason: null }));
  source.settledThrough = at(2);
  source.listed.push(sms(anna, at(1), { id: 'two' }));
  const { staging } = engine.deps;
  const putPage = staging.putPage.bind(staging);
  staging.putPage = async (...page) => {
    await putPage(...page);
    expect(await remove()).toMatchObject({ kind: 'done' });
  };
  await collect(engine, connectorId);
  staging.putPage = putPage;
  expect((await runs(connectorId)).map(({ phase }) => phase)).toEqual(['cancelled', 'cancelled']);
  await engine.settle();
  expect((await runs(connectorId)).map(({ countsAtCompletion }) => countsAtCompletion?.items.listed)).toEqual([0, 1]);
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
});

it('wants the name typed, and an Admin of the organization', async () => {
  expect(await remove('Android')).toEqual({ kind: 'wrong_name' });
  const choice = { connectorId, name: NAME };
  await expect(deleteConnector(parts(), seededActor(engine.organizationId), choice)).rejects.toThrow(NotAllowed);
  const stranger = seededActor('00000000-0000-4000-8000-000000000000', ['DataConnectors.Admin']);
  expect(await deleteConnector(parts(), stranger, choice)).toEqual({ kind: 'not_found' });
  expect(await rows()).toHaveLength(1);
  expect(await remove(` ${NAME} `)).toMatchObject({ kind: 'done' });
  expect(await remove()).toEqual({ kind: 'not_found' });
});
