/** What is looked at once more when time has passed: copies that were in doubt, and staged content without a row. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { attachmentName, organizationPrefix, pageName } from '../staging/names.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { people, personNamed, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';
import { provablySurplus, sweepDoubt } from './sweep-doubt.ts';
import { sweepStaging } from './sweep-staging.ts';

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
beforeEach(async () => {
  await control(sandbox, 'POST', 'reset');
  source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
});
afterEach(() => engine.close());

async function rowsOf<T extends object>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
  return (await engine.database.pool.query<T>(sql, [...values])).rows;
}

async function messageIds(): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(anna.id) ?? []).map(({ id }) => id);
}

/** One message twice, as a request that took effect a day late would leave it. @returns the copy that the ledger knows */
async function doubled(): Promise<string> {
  const { deps, organizationId } = engine;
  source.listed.push(sms(anna, new Date(source.settledThrough.getTime() - HOUR)));
  const connectorId = await engine.connect();
  await planConnector(deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(deps, organizationId, connectorId, never);
  await deliverShard(deps, organizationId, shardOf(anna.id), never);
  await rowsOf(`UPDATE delivery SET state = 'pending', message_id = NULL`);
  await deliverShard(deps, organizationId, shardOf(anna.id), never);
  expect(await messageIds()).toHaveLength(2);
  await rowsOf(`UPDATE delivery SET doubt = 1, imported_at = now() - interval '25 hours'`);
  const [row] = await rowsOf<{ message_id: string }>('SELECT message_id FROM delivery');
  return row?.message_id ?? '';
}

describe('a copy that was in doubt', () => {
  it('loses its surplus after a day, never itself, with an audit entry', async () => {
    const kept = await doubled();
    const [surplus] = (await messageIds()).filter((id) => id !== kept);
    await engine.settle();
    expect(await messageIds()).toEqual([kept]);
    const audit = await rowsOf(`SELECT action, detail FROM audit_entry WHERE action = 'message.surplus-removed'`);
    expect(audit).toEqual([{ action: 'message.surplus-removed', detail: { userId: anna.id, kept, removed: surplus } }]);
    expect(await rowsOf('SELECT state, doubt FROM delivery')).toEqual([{ state: 'imported', doubt: 2 }]);
  });

  it('is not looked at before', async () => {
    await doubled();
    await rowsOf(`UPDATE delivery SET imported_at = now() - interval '23 hours'`);
    await engine.settle();
    expect(await messageIds()).toHaveLength(2);
    expect(await rowsOf('SELECT doubt FROM delivery')).toEqual([{ doubt: 1 }]);
  });

  it('keeps what a person has put into another folder', async () => {
    const kept = await doubled();
    const [moved] = (await messageIds()).filter((id) => id !== kept);
    const url = `/users/${anna.id}/messages/${moved}/move`;
    await engine.graph.request({ method: 'POST', url, body: { DestinationId: 'inbox' } });
    await sweepDoubt(engine.deps, engine.organizationId, never);
    expect(await rowsOf(`SELECT 1 FROM audit_entry WHERE action = 'message.surplus-removed'`)).toEqual([]);
    await engine.graph.request({ method: 'GET', url: `/users/${anna.id}/messages/${moved}` });
  });

  it('that is gone is reported, and not sent again', async () => {
    await doubled();
    for (const id of await messageIds()) {
      await engine.graph.request({ method: 'DELETE', url: `/users/${anna.id}/messages/${id}` });
    }
    await engine.settle();
    expect(await messageIds()).toEqual([]);
    expect(await rowsOf('SELECT state, reason, doubt FROM delivery')).toEqual([
      { state: 'imported', reason: 'missing_in_mailbox', doubt: 1 },
    ]);
    expect(await rowsOf('SELECT code FROM alert')).toEqual([{ code: 'missing_in_mailbox' }]);
  });
});

it('nothing is surplus where the message that the ledger knows is not among the copies', () => {
  const copy = (id: string) => ({ id, parentFolderId: 'archive', internetMessageId: '<one>' });
  const ours = { messageId: 'known', internetMessageId: '<one>', folderId: 'archive' };
  expect(provablySurplus([copy('a'), copy('b')], ours)).toEqual([]);
  expect(provablySurplus([copy('a'), copy('known')], ours)).toEqual([copy('a')]);
  expect(provablySurplus([copy('known'), { ...copy('a'), internetMessageId: '<two>' }], ours)).toEqual([]);
});

it('staged content without a row goes after two days, and what a row names stays', async () => {
  const { organizationId, deps } = engine;
  const staged = async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const { name } of deps.staging.list(organizationPrefix(organizationId))) names.push(name);
    return names.sort();
  };
  // Its owner waits for a mapping, so its frame is kept.
  source.listed.push(sms(personNamed('Carter'), new Date(source.settledThrough.getTime() - HOUR)));
  await engine.connect();
  await engine.finish();
  const named = await staged();
  expect(named).toHaveLength(1);

  const [run] = await rowsOf<{ id: string }>('SELECT id FROM import LIMIT 1');
  const importId = run?.id ?? '';
  await deps.staging.putPage(pageName(organizationId, importId, 9999), Buffer.from('a page whose writer died'));
  await deps.staging.putPage(attachmentName(organizationId, importId, 9999), Buffer.from('an attachment'));
  const unknownImport = '00000000-0000-4000-8000-000000000000';
  await deps.staging.putPage(pageName(organizationId, unknownImport, 1), Buffer.from('of no import'));
  const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * HOUR);
  await sweepStaging(deps, organizationId, never, hoursFromNow(47));
  expect(await staged()).toHaveLength(4);
  await sweepStaging(deps, organizationId, never, hoursFromNow(49));
  expect(await staged()).toEqual(named);
});
