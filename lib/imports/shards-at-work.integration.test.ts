/** Copies that are handed to a run while their page is written: sent by it, once, whatever comes in between. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import { Pauses } from './delivery/pauses.ts';
import type { ImportDeps } from './deps.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { recount } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { planConnector } from './plan.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';

const HOUR = 3_600_000;
const LEASE_SECONDS = 4;
const [anna] = people as readonly [Person];
const shard = shardOf(anna.id);
const PATIENTLY = { timeout: 10_000 };
const never = new AbortController().signal;

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
  engine = await startEngine(sandbox, {
    source: () => source,
    settings: {
      ...{ shardLeaseSeconds: LEASE_SECONDS, lateCommitSeconds: 1, graphTimeoutSeconds: 2 },
      ...{ unmappedDomain: 'mobile.invalid', messageClass: null },
    },
  });
});
afterEach(async () => {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
  await engine.close();
});

/** Plans an import of these items, two a page. */
async function planned(...ids: readonly string[]): Promise<void> {
  const at = new Date(source.settledThrough.getTime() - HOUR);
  source.listed.push(...ids.map((id): Item => sms(anna, at, { id })));
  connectorId = await engine.connect({ firstImportFrom: new Date(at.getTime() - HOUR) });
  await planConnector(engine.deps, { organizationId: engine.organizationId, connectorId, trigger: 'manual' }, never);
  await engine.database.pool.query('UPDATE import SET page_limit = 2');
}

/** A run of Anna's shard that stands still until it is told to go on: what a busy one looks like from outside. */
interface StandingRun {
  readonly goOn: () => void;
  readonly ended: Promise<void>;
  /** source's ids of what it claimed by asking */
  readonly claimed: string[];
}

async function beginRun(signal: AbortSignal = never): Promise<StandingRun> {
  const { ledger, shardsAtWork } = engine.deps;
  const going = Promise.withResolvers<void>();
  const claimed: string[] = [];
  const claimToSend: typeof ledger.claimToSend = async (...claim) => {
    await going.promise;
    const copies = await ledger.claimToSend(...claim);
    claimed.push(...copies.map(({ sourceItemId }) => sourceItemId));
    return copies;
  };
  const deps = { ...engine.deps, ledger: { ...ledger, claimToSend } };
  const ended = deliverShard(deps, engine.organizationId, shard, signal);
  await vi.waitFor(() => {
    const offer = shardsAtWork.offer(engine.organizationId);
    offer.end();
    expect(offer.leases).toHaveLength(1);
  }, PATIENTLY);
  return { goOn: () => going.resolve(), ended, claimed };
}

type CommitPage = ImportDeps['ledger']['commitPage'];

/**
 * Collects what is planned, with a run that begins when the first page is written, and the second is ready.
 *
 * @param writeThird writes the third page, which is offered to the run
 */
async function collect(
  writeThird: (write: () => ReturnType<CommitPage>, run: StandingRun) => ReturnType<CommitPage>,
  signal: AbortSignal = never,
): Promise<StandingRun> {
  const { ledger, staging } = engine.deps;
  const second = Promise.withResolvers<void>();
  let staged = 0;
  const putPage: typeof staging.putPage = async (...page) => {
    await staging.putPage(...page);
    if (++staged === 2) second.resolve();
  };
  const begun: StandingRun[] = [];
  const commitPage: CommitPage = async (...page) => {
    const write = () => ledger.commitPage(...page);
    const [run] = begun;
    if (run !== undefined) return begun.push(run) === 3 ? writeThird(write, run) : write();
    const written = await write();
    await second.promise;
    begun.push(await beginRun(signal));
    return written;
  };
  const deps = {
    ...engine.deps,
    ledger: { ...ledger, commitPage },
    staging: Object.assign(Object.create(staging), { putPage }),
  };
  await collectDue(deps, engine.organizationId, connectorId, never);
  const [run] = begun;
  if (run === undefined) throw new Error('no page was written');
  return run;
}

async function arrived(): Promise<readonly string[]> {
  const found = (await readMailboxes(engine.graph)).get(anna.id) ?? [];
  return found.map(({ itemId }) => itemId ?? '').sort();
}

async function rows(): Promise<string[]> {
  const found = await engine.database.pool.query<{ line: string }>(
    `SELECT i.source_item_id || ' ' || d.state || ' ' || d.attempts AS line
     FROM delivery d JOIN item i ON i.id = d.item_id ORDER BY i.source_item_id`,
  );
  return found.rows.map(({ line }) => line);
}

it('are sent by the run that was at work, without being claimed', async () => {
  await planned(...'abcdefg');
  const run = await collect((write) => write());
  const [waiting, sending] = [[...'abcd'].map((id) => `${id} pending 0`), [...'efg'].map((id) => `${id} sending 1`)];
  expect(await rows()).toEqual([...waiting, ...sending]);
  run.goOn();
  await run.ended;
  expect(run.claimed.sort()).toEqual([...'abcd']);
  expect(await rows()).toEqual([...'abcdefg'].map((id) => `${id} imported 1`));
  expect(await arrived()).toEqual([...'abcdefg']);
});

it('wait for the answer to their page, and so does the run', async () => {
  await planned(...'abcdef');
  const { ended: end } = await collect(async (write, run) => {
    run.goOn();
    const ended = vi.fn();
    void run.ended.then(ended);
    await vi.waitFor(async () => expect((await rows()).at(-1)).toBe('d imported 1'), PATIENTLY);
    expect(ended).not.toHaveBeenCalled();
    return write();
  });
  await end;
  expect(await rows()).toEqual([...'abcdef'].map((id) => `${id} imported 1`));
  expect(await arrived()).toEqual([...'abcdef']);
});

it('are in doubt where nobody was told that their page is written, and are looked up before they are sent', async () => {
  await planned(...'abcdef');
  await collect(async (write, run) => {
    await write();
    run.goOn();
    throw new Error('the connection broke');
  });
  expect((await rows()).slice(4)).toEqual(['e sending 1', 'f sending 1']);
  const looked = vi.spyOn(engine.deps.ledger, 'claimToLookUp');
  await engine.finish();
  expect(looked.mock.calls.length).toBeGreaterThan(0);
  expect(await arrived()).toEqual([...'abcdef']);
});

it('are handed back where the run is asked to stop before it has them', async () => {
  await planned(...'abcdef');
  const stop = new AbortController();
  const run = await collect(async (write, { goOn }) => {
    stop.abort();
    goOn();
    return write();
  }, stop.signal);
  await run.ended;
  expect(await rows()).toEqual([...'abcdef'].map((id) => `${id} pending 0`));
  await engine.finish();
  expect(await arrived()).toEqual([...'abcdef']);
});

it('and what else is due of the shard is claimed by the run when it is called', async () => {
  await planned(...'abcdef');
  const acquired = vi.spyOn(engine.deps.ledger, 'acquireShard');
  const picture = attach(source, 'f.png', 'image/png', Buffer.from('a picture'));
  source.listed.splice(5, 1, { ...(source.listed[5] as Item), attachments: [picture] });
  const run = await collect(async (write, { goOn, claimed }) => {
    goOn();
    // What it finds by asking is not all: the page is still to come.
    await vi.waitFor(() => expect(claimed).toEqual([...'abcd']), PATIENTLY);
    return write();
  });
  await deliverShard(engine.deps, engine.organizationId, shard, never);
  await run.ended;
  expect(run.claimed).toEqual([...'abcdf']);
  expect(acquired).toHaveBeenCalledTimes(1);
  expect(await arrived()).toEqual([...'abcdef']);
});

it('go back, with all that is in hand, where the ledger cannot say of which connector they are', async () => {
  await planned(...'abcdef');
  const { ledger } = engine.deps;
  const asked = vi.spyOn(ledger, 'liveConnectorOfSource').mockRejectedValue(new Error('the database is away'));
  const run = await collect((write) => write());
  run.goOn();
  await run.ended;
  expect(asked).toHaveBeenCalled();
  expect(await rows()).toEqual([...'abcdef'].map((id) => `${id} pending 0`));
  asked.mockRestore();
  await engine.finish();
  expect(await arrived()).toEqual([...'abcdef']);
});

it('a call that comes while the ledger answers an earlier question is not lost', async () => {
  await planned('a', 'b');
  const { organizationId, database } = engine;
  const { ledger, shardsAtWork } = engine.deps;
  await collectDue(engine.deps, organizationId, connectorId, never);
  const due = (id: string, when: string) =>
    database.pool.query(
      `UPDATE delivery SET not_before = ${when} FROM item i WHERE i.id = item_id AND source_item_id = $1`,
      [id],
    );
  await due('b', `now() + interval '1 hour'`);
  const called: boolean[] = [];
  const claimToSend: typeof ledger.claimToSend = async (...claim) => {
    const copies = await ledger.claimToSend(...claim);
    if (called.length > 0) return copies;
    await due('b', 'now()');
    called.push(shardsAtWork.call({ organizationId, shard }));
    return copies;
  };
  await deliverShard({ ...engine.deps, ledger: { ...ledger, claimToSend } }, organizationId, shard, never);
  expect(called).toEqual([true]);
  expect(await arrived()).toEqual(['a', 'b']);
});

it('are handed back by a run that failed before the answer to their page came', async () => {
  await planned(...'abcdef');
  const settled = vi.spyOn(engine.deps.ledger, 'settle').mockRejectedValueOnce(new Error('the database is away'));
  const run = await collect(async (write, { goOn, ended }) => {
    const written = await write();
    goOn();
    await vi.waitFor(() => expect(settled).toHaveBeenCalled(), PATIENTLY);
    // Time enough to be over, if it did not wait.
    await Promise.race([ended.catch(() => {}), sleep(500)]);
    return written;
  });
  await expect(run.ended).rejects.toThrow('the database is away');
  expect((await rows()).slice(4)).toEqual(['e pending 0', 'f pending 0']);
  await engine.finish();
  expect(await arrived()).toEqual([...'abcdef']);
});

it('are not sent where Microsoft 365 asked another run for a pause of everybody after they were taken', async () => {
  await planned(...'abcdef');
  const { organizationId } = engine;
  const elsewhere = new Pauses(engine.deps, { organizationId, shard: shard + 1 });
  const run = await collect(async (write) => {
    const written = await write();
    elsewhere.add(null, 600);
    return written;
  });
  run.goOn();
  await run.ended;
  expect(await rows()).toEqual([...'abcdef'].map((id) => `${id} pending 0`));
  expect(await arrived()).toEqual([]);
});

it('stay in doubt where the answer to their page comes after their deadline: another claim may have sent them', async () => {
  await planned(...'abcdef');
  const run = await collect(async (write, { goOn }) => {
    const written = await write();
    goOn();
    await sleep(LEASE_SECONDS * 1000);
    return written;
  });
  await run.ended;
  expect((await rows()).slice(4)).toEqual(['e sending 1', 'f sending 1']);
  const looked = vi.spyOn(engine.deps.ledger, 'claimToLookUp');
  await engine.finish();
  expect(looked.mock.calls.length).toBeGreaterThan(0);
  expect(await arrived()).toEqual([...'abcdef']);
});
