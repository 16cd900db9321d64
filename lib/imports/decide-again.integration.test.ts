/** Another mapping comes into force while copies wait for their turn: they go where it says, once, or where they were. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import type { Item } from '../archive/item.ts';
import { collectDue } from './collect.ts';
import { control } from './connector.fixture.ts';
import { deliverShard } from './deliver.ts';
import type { ImportDeps } from './deps.ts';
import { type Engine, startEngine } from './engine.fixture.ts';
import { collect, copies, EVERY_MONTH, failed, imported, mapNumbers, recount, settleAll } from './ledger.fixture.ts';
import { readMailboxes } from './mailboxes.fixture.ts';
import { releaseWaiting } from './release.ts';
import { outsider, partyOf, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';
import { SHARDS, shardOf } from './shards.ts';
import { claimToSend } from './store/claims.ts';
import { acquireShard, releaseShard } from './store/leases.ts';
import { settle } from './store/settle.ts';

const HOUR = 3_600_000;
const never = new AbortController().signal;
const [anna, bruno, cleo] = [people[0], people[1], people[2]] as readonly [Person, Person, Person];
/** Whose phones are archived. */
const [owner, other] = [people[3], people[4]] as readonly [Person, Person];

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
  connectorId = await engine.connect({ automaticMapping: false });
});
afterEach(() => engine.close());

const mailOf = ({ mail }: Person): string => mail ?? '';
const numberOf = ({ mobile }: Person): string => mobile ?? '';
const map = (...pairs: readonly (readonly [Person, Person])[]) =>
  mapNumbers(engine, connectorId, Object.fromEntries(pairs.map(([from, to]) => [numberOf(from), mailOf(to)])));

function list(of: Person, traits: Partial<Item>): Item {
  const item = sms(of, new Date(source.settledThrough.getTime() - HOUR), traits);
  source.listed.push(item);
  return item;
}

const release = () => releaseWaiting(engine.deps, engine.organizationId, connectorId, never);
const lines = async (): Promise<string[]> =>
  (await copies(engine.database.pool)).map(({ item, participant, state, reason, user }) => {
    const whose = [anna, bruno, cleo, owner, other].find(({ id }) => id === user);
    return `${item} ${participant} ${reason ?? state} ${whose?.surname ?? 'nobody'}`;
  });

async function claim(person: Person) {
  const { pool } = engine.database;
  const shard = shardOf(person.id);
  const lease = await acquireShard(pool, engine.organizationId, shard, 'test', 60);
  if (!lease) throw new Error('the shard is taken');
  const claimed = await claimToSend(pool, lease, {
    limit: 100,
    bytes: 1e9,
    seconds: 60,
    exceptUserIds: [],
    months: EVERY_MONTH,
  });
  return { lease, claimed };
}

async function itemsOf(person: Person): Promise<string[]> {
  return ((await readMailboxes(engine.graph)).get(person.id) ?? []).map(({ itemId }) => itemId).sort();
}

async function expectCountersToBeTrue(): Promise<void> {
  expect(await engine.counts(connectorId)).toEqual(await recount(engine.database.pool));
}

describe('a copy that is not sent yet', () => {
  it('goes into the mailbox of the new mapping, and into no other', async () => {
    list(owner, { id: 'one' });
    await map([owner, anna]);
    await collect(engine, connectorId);
    expect(await lines()).toEqual([`one ${numberOf(owner)} pending ${anna.surname}`]);
    await map([owner, bruno]);
    // Nothing is sent by the mapping that is no longer in force, also before anybody has looked.
    expect((await claim(anna)).claimed).toEqual([]);
    await engine.database.pool.query('UPDATE shard_lease SET expires_at = now()');
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([[], ['one']]);
    await expectCountersToBeTrue();
  });

  it('is sent before all who wait were looked at', async () => {
    list(owner, { id: 'one' });
    list(other, { id: 'waits' });
    await map([owner, anna]);
    await collect(engine, connectorId);
    await map([owner, bruno]);
    const asked: string[] = [];
    let claimed: number | undefined;
    const { ledger } = engine.deps;
    const deps: ImportDeps = {
      ...engine.deps,
      enqueue: async (name) => void asked.push(name),
      ledger: {
        ...ledger,
        waitingCopies: async (...of) => {
          asked.push('waitingCopies');
          claimed ??= (await claim(bruno)).claimed.length;
          return ledger.waitingCopies(...of);
        },
      },
    };
    await releaseWaiting(deps, engine.organizationId, connectorId, never);
    expect(asked.slice(0, 2)).toEqual(['deliver', 'waitingCopies']);
    expect(claimed).toBe(1);
  });

  it('waits where the new mapping knows nobody, and goes where the next one says', async () => {
    list(owner, { id: 'one' });
    await map([owner, anna]);
    await collect(engine, connectorId);
    await map([other, bruno]);
    await engine.finish();
    expect(await lines()).toEqual([`one ${numberOf(owner)} not_mapped nobody`]);
    await expectCountersToBeTrue();
    await map([owner, cleo]);
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(cleo)]).toEqual([[], ['one']]);
    await expectCountersToBeTrue();
  });

  it('changes places with another of the same item', async () => {
    list(owner, { id: 'one', recipients: [partyOf(other)] });
    await map([owner, anna], [other, bruno]);
    await collect(engine, connectorId);
    await map([owner, bruno], [other, anna]);
    await release();
    expect(await lines()).toEqual(
      [`one ${numberOf(owner)} pending ${bruno.surname}`, `one ${numberOf(other)} pending ${anna.surname}`].sort(),
    );
    await expectCountersToBeTrue();
  });

  it('leaves its mailbox to who was skipped for it', async () => {
    list(owner, { id: 'one', recipients: [partyOf(other)] });
    await map([owner, anna], [other, anna]);
    await collect(engine, connectorId);
    const [first, second] = [owner, other].map(numberOf).sort();
    const [sent] = (await copies(engine.database.pool)).filter(({ state }) => state === 'pending');
    const leaves = sent?.participant === numberOf(owner) ? owner : other;
    await map([owner, leaves === owner ? bruno : anna], [other, leaves === other ? bruno : anna]);
    await release();
    const expected = [first, second].map(
      (number) => `one ${number} pending ${number === numberOf(leaves) ? bruno.surname : anna.surname}`,
    );
    expect(await lines()).toEqual(expected);
    await expectCountersToBeTrue();
  });

  it('lets go of who was skipped for it, and is mapped elsewhere now', async () => {
    list(owner, { id: 'one', recipients: [partyOf(other)] });
    await map([owner, anna], [other, anna]);
    await collect(engine, connectorId);
    const skipped = (await copies(engine.database.pool)).find(({ state }) => state === 'skipped');
    const goes = skipped?.participant === numberOf(owner) ? owner : other;
    await map([owner, goes === owner ? bruno : anna], [other, goes === other ? bruno : anna]);
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([['one'], ['one']]);
    await expectCountersToBeTrue();
  });

  it('leaves its mailbox to the copy of the same message from another phone', async () => {
    list(owner, { id: 'first', messageKey: 'key', recipients: [outsider] });
    list(other, { id: 'second', messageKey: 'key', recipients: [outsider] });
    await map([owner, anna], [other, anna]);
    await collect(engine, connectorId);
    expect(await lines()).toEqual([
      `first ${numberOf(owner)} pending ${anna.surname}`,
      `second ${numberOf(other)} twin ${anna.surname}`,
    ]);
    await map([owner, bruno], [other, anna]);
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([['second'], ['first']]);
    await expectCountersToBeTrue();
  });
});

describe('a copy that', () => {
  it('is on its way goes where it was going; comes back unsent, and goes where the new mapping says', async () => {
    list(owner, { id: 'stays' });
    list(owner, { id: 'comes-back' });
    await map([owner, anna]);
    await collect(engine, connectorId);
    const { lease, claimed } = await claim(anna);
    expect(claimed).toHaveLength(2);
    await map([owner, bruno]);
    await release();
    expect(await lines()).toEqual([
      `comes-back ${numberOf(owner)} sending ${anna.surname}`,
      `stays ${numberOf(owner)} sending ${anna.surname}`,
    ]);
    const { pool } = engine.database;
    await settle(
      pool,
      lease,
      claimed.map((delivery) => ({
        delivery,
        settlement: delivery.sourceItemId === 'stays' ? imported : { state: 'pending', inSeconds: 0, reason: null },
      })),
    );
    await releaseShard(pool, lease);
    await engine.finish();
    expect(await itemsOf(bruno)).toEqual(['comes-back']);
    expect(await lines()).toEqual([
      `comes-back ${numberOf(owner)} imported ${bruno.surname}`,
      `stays ${numberOf(owner)} imported ${anna.surname}`,
    ]);
    await expectCountersToBeTrue();
  });

  it('comes back after its deadline, from a worker that still holds the shard, goes where the new mapping says', async () => {
    list(owner, { id: 'late' });
    await map([owner, anna]);
    await collect(engine, connectorId);
    const { lease, claimed } = await claim(anna);
    const { pool } = engine.database;
    await pool.query(`UPDATE delivery SET sending_until = now() - interval '1 second'`);
    await map([owner, bruno]);
    await release();
    const unsent = { state: 'pending', inSeconds: 0, reason: null } as const;
    await settle(
      pool,
      lease,
      claimed.map((delivery) => ({ delivery, settlement: unsent })),
    );
    await releaseShard(pool, lease);
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([[], ['late']]);
  });

  it('was in doubt, is delivered, or failed is not touched', async () => {
    for (const id of ['doubted', 'delivered', 'failed']) list(owner, { id });
    await map([owner, anna]);
    await collect(engine, connectorId);
    await settleAll(engine, ({ sourceItemId }) =>
      sourceItemId === 'delivered'
        ? imported
        : sourceItemId === 'failed'
          ? failed
          : { state: 'pending', inSeconds: 0, reason: null },
    );
    await engine.database.pool.query(`UPDATE delivery SET doubt = 1 WHERE state = 'pending'`);
    await map([owner, bruno]);
    await release();
    expect((await lines()).map((line) => line.split(' ').at(-1))).toEqual(Array(3).fill(anna.surname));
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([['doubted'], []]);
  });

  it('is read while the mapping changes is decided by the new one', async () => {
    list(owner, { id: 'one' });
    await map([owner, anna]);
    const { ledger } = engine.deps;
    let changes = 1;
    const meanwhile = {
      ...engine.deps,
      ledger: {
        ...ledger,
        commitPage: async (...page: Parameters<typeof ledger.commitPage>) => {
          if (changes-- > 0) await map([owner, bruno]);
          return ledger.commitPage(...page);
        },
      },
    };
    await engine.settle();
    source.settledThrough = new Date(source.settledThrough.getTime() + HOUR);
    list(owner, { id: 'two' });
    await engine.deps.enqueue('plan', { organizationId: engine.organizationId, connectorId, trigger: 'manual' });
    const { planConnector } = await import('./plan.ts');
    await planConnector(engine.deps, { organizationId: engine.organizationId, connectorId, trigger: 'manual' }, never);
    await collectDue(meanwhile, engine.organizationId, connectorId, never);
    await engine.finish();
    expect([await itemsOf(anna), await itemsOf(bruno)]).toEqual([['one'], ['two']]);
  });
});

it('whatever comes first, mapping after mapping or delivery after delivery: every copy is in one mailbox, once', async () => {
  const ids = Array.from({ length: 160 }, (_, index) => `item-${String(index).padStart(3, '0')}`);
  for (const id of ids) list(owner, { id, recipients: [partyOf(other)] });
  const mappings = [
    [anna, bruno],
    [bruno, cleo],
    [cleo, anna],
    [anna, anna],
    [bruno, anna],
  ] as const;
  await map([owner, anna], [other, bruno]);
  await collect(engine, connectorId);
  let done = false;
  const deliver = async (): Promise<void> => {
    while (!done) {
      for (let shard = 0; shard < SHARDS && !done; shard++) {
        if ([anna, bruno, cleo].some(({ id }) => shardOf(id) === shard))
          await deliverShard(engine.deps, engine.organizationId, shard, never);
      }
    }
  };
  const decide = async (): Promise<void> => {
    while (!done) await release();
  };
  const change = async (): Promise<void> => {
    for (let turn = 0; turn < 15; turn++) {
      const [first, second] = mappings[turn % mappings.length] ?? mappings[0];
      await map([owner, first], [other, second]);
    }
    done = true;
  };
  await Promise.all([deliver(), decide(), decide(), change()]);
  await engine.finish();
  const mailboxes = await readMailboxes(engine.graph);
  const found = [anna, bruno, cleo].flatMap((person) =>
    (mailboxes.get(person.id) ?? []).map(({ itemId }) => `${itemId} ${person.id}`),
  );
  const said = (await copies(engine.database.pool)).filter(({ state }) => state === 'imported');
  expect(found.sort()).toEqual(said.map(({ item, user }) => `${item} ${user}`).sort());
  const states = new Set((await copies(engine.database.pool)).map(({ state }) => state));
  expect([...states].every((state) => state === 'imported' || state === 'skipped')).toBe(true);
  for (const id of ids) expect(said.some(({ item }) => item === id)).toBe(true);
  await expectCountersToBeTrue();
});
