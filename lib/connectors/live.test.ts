import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Change } from '../queue/events.ts';
import { liveHub } from './live.ts';
import type { Fingerprints } from './row-buckets.ts';
import { seededActor } from './rows.fixture.ts';
import type { ConnectorRow, LiveMessage } from './snapshot.ts';

const ORGANIZATION = randomUUID();

function row(id: string, name: string): ConnectorRow {
  return {
    id,
    name,
    kind: 'android',
    health: 'balanced',
    activity: 'idle',
    stoppedReason: null,
    stoppedAt: null,
    pausedAt: null,
    alerts: [],
    toDo: { waiting: 0, failed: 0, unreadable: 0 },
    open: [],
    version: 1,
    lastNumber: null,
    balancedUpTo: null,
    verification: null,
    verifiedAt: null,
    nextImportAt: null,
  };
}

/** A hub over a table in memory, with a clock that stands still until it is told, and readings that wait on request. */
function world() {
  const table = new Map<string, ConnectorRow>();
  const timers: { readonly work: () => void; readonly ms: number }[] = [];
  const reads: (readonly string[] | null)[] = [];
  const errors: unknown[] = [];
  let subscriptions = 0;
  let change: (change: Change) => void = () => {};
  let again: () => void = () => {};
  let gate: Promise<void> = Promise.resolve();
  let failing = false;
  const hub = liveHub({
    async read(_organizationId, ids) {
      reads.push(ids);
      const rows = [...table.values()].filter(({ id }) => ids === null || ids.includes(id));
      await gate;
      if (failing) throw new Error('down');
      return rows;
    },
    subscribe(listener, afterBreak) {
      subscriptions += 1;
      change = listener;
      again = afterBreak;
    },
    now: () => new Date(0),
    setTimer: (work, ms) => timers.push({ work, ms }),
    onError: (error) => errors.push(error),
  });
  return {
    hub,
    table,
    reads,
    errors,
    subscriptions: () => subscriptions,
    breaths: () => timers.map(({ ms }) => ms),
    fail: (is: boolean) => {
      failing = is;
    },
    change: (connectorId: string, organizationId = ORGANIZATION) =>
      change({ organizationId, connectorId, importId: null }),
    again: () => again(),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    settle: () => new Promise((resolve) => setImmediate(resolve)),
    async breathe() {
      for (const { work } of timers.splice(0)) work();
      await new Promise((resolve) => setImmediate(resolve));
    },
    watch(organizationId = ORGANIZATION, keepsUp: () => boolean = () => true, known: Fingerprints | null = null) {
      const messages: LiveMessage[] = [];
      const watcher = {
        send(message: LiveMessage) {
          if (!keepsUp()) return false;
          messages.push(message);
          return true;
        },
      };
      const handle = hub.watch(seededActor(organizationId), watcher, known);
      return { messages, ...handle };
    },
  };
}

const names = (message: LiveMessage | undefined) =>
  message === undefined || message.type === 'heartbeat' ? null : message.connectors.map(({ name }) => name);

test('begins with everything, goes on with what changed', async () => {
  const at = world();
  const [a, b] = [randomUUID(), randomUUID()];
  at.table.set(a, row(a, 'A')).set(b, row(b, 'B'));
  const { messages } = at.watch();
  await at.settle();
  expect(messages.map(({ type }) => type)).toEqual(['snapshot']);
  expect(names(messages[0])).toEqual(['A', 'B']);
  await at.breathe();
  at.table.set(b, row(b, 'B2'));
  at.change(b);
  await at.settle();
  expect(messages[1]?.type).toBe('changed');
  expect(names(messages[1])).toEqual(['B2']);
});

test('two hundred watchers cost one subscription, and a storm of changes one reading a breath', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'A'));
  const watchers = Array.from({ length: 200 }, () => at.watch());
  await at.settle();
  await at.breathe();
  await at.breathe();
  const before = at.reads.length;
  for (let i = 0; i < 1000; i++) at.change(id);
  await at.settle();
  await at.breathe();
  await at.breathe();
  expect(at.subscriptions()).toBe(1);
  // The first change is read at once, all the others together a breath later.
  expect(at.reads.length - before).toBe(2);
  for (const { messages } of watchers)
    expect(messages.map(({ type }) => type)).toEqual(['snapshot', 'changed', 'changed']);
});

test('tells an organization nothing of another', async () => {
  const at = world();
  const { messages } = at.watch();
  await at.settle();
  await at.breathe();
  at.change(randomUUID(), randomUUID());
  await at.settle();
  await at.breathe();
  expect(messages).toHaveLength(1);
  expect(at.reads).toHaveLength(1);
});

test('says which connectors are gone', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'A'));
  const { messages } = at.watch();
  await at.settle();
  await at.breathe();
  at.table.delete(id);
  at.change(id);
  await at.settle();
  expect(messages[1]).toMatchObject({ type: 'changed', connectors: [], removed: [id] });
});

test('a change during a reading is read again, after it', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'old'));
  const release = at.hold();
  const { messages } = at.watch();
  await at.settle();
  at.table.set(id, row(id, 'new'));
  at.change(id);
  release();
  await at.settle();
  expect(names(messages.at(-1))).toEqual(['old']);
  await at.breathe();
  expect(names(messages.at(-1))).toEqual(['new']);
});

test('after a break of the line everybody gets everything again', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'A'));
  const { messages } = at.watch();
  await at.settle();
  await at.breathe();
  at.table.set(id, row(id, 'A2'));
  at.again();
  await at.settle();
  expect(messages.map(({ type }) => type)).toEqual(['snapshot', 'snapshot']);
  expect(names(messages[1])).toEqual(['A2']);
});

test('who does not keep up is left alone until it asks, and then gets everything', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'A'));
  let keepsUp = true;
  const slow = at.watch(ORGANIZATION, () => keepsUp);
  await at.settle();
  await at.breathe();
  keepsUp = false;
  at.change(id);
  await at.settle();
  await at.breathe();
  keepsUp = true;
  at.change(id);
  await at.settle();
  await at.breathe();
  expect(slow.messages.map(({ type }) => type)).toEqual(['snapshot']);
  slow.resume();
  await at.settle();
  expect(slow.messages.map(({ type }) => type)).toEqual(['snapshot', 'snapshot']);
});

test('a reading that fails is reported and tried again, and no change is lost', async () => {
  const at = world();
  const id = randomUUID();
  at.table.set(id, row(id, 'A'));
  const { messages } = at.watch();
  await at.settle();
  await at.breathe();
  at.fail(true);
  at.change(id);
  await at.settle();
  expect(at.errors).toHaveLength(1);
  expect(at.breaths()).toEqual([2000]);
  at.fail(false);
  await at.breathe();
  expect(messages.map(({ type }) => type)).toEqual(['snapshot', 'changed']);
});

test('who has left is sent nothing, not even what is being read', async () => {
  const at = world();
  const release = at.hold();
  const { messages, stop } = at.watch();
  stop();
  release();
  await at.settle();
  expect(messages).toEqual([]);
});
