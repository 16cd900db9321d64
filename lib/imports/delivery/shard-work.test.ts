import { expect, it } from 'vitest';
import type { Graph } from '../../microsoft/graph.ts';
import { GraphError } from '../../microsoft/graph-errors.ts';
import { systemClock } from '../clock.ts';
import type { ImportDeps } from '../deps.ts';
import type { HeldLease } from '../lease-guard.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { Settlement } from '../store/settle.ts';
import { ShardWork } from './shard-work.ts';

const LEASE_MS = 60_000;
const TIMEOUT_MS = 45_000;
const delivery = (id: string) => ({ archivedAt: new Date(0), id }) as ClaimedDelivery;

/** Work on a shard, by a clock that stands still, whose ledger takes so long to write. */
function workAt(writingMs = 0) {
  let [now, news] = [1_000, 0];
  const ledger = {
    settle: async () => {
      now += writingMs;
      return { importIds: [], states: [], othersDue: false };
    },
  };
  const graph = {} as Graph;
  const deps = {
    clock: { ...systemClock, monotonic: () => now },
    settings: { graphTimeoutSeconds: TIMEOUT_MS / 1000, shardLeaseSeconds: LEASE_MS / 1000 },
    graph: () => graph,
    random: () => 0,
    log: { warn: () => {} },
    ledger,
  } as unknown as ImportDeps;
  const held = { lease: { organizationId: 'organization', shard: 0, epoch: '1' }, remainingMs: () => LEASE_MS };
  const never = new AbortController().signal;
  const work = new ShardWork(deps, held as unknown as HeldLease, 'organization', {
    ...{ stop: never, hardStop: never },
    onNews: () => {
      news++;
    },
  });
  return {
    work,
    pass: (ms: number): void => {
      now += ms;
    },
    now: () => now,
    news: () => news,
  };
}

it('requests that begin together end together, none later than it may', () => {
  const { work, pass, now } = workAt();
  const first = work.allowance(now() + LEASE_MS);
  expect(first?.notAfter).toBe(now() + TIMEOUT_MS);
  pass(1_499);
  expect(work.allowance(now() + LEASE_MS)).toBe(first);
  pass(1);
  const later = work.allowance(now() + LEASE_MS);
  expect(later?.notAfter).toBe(now() + TIMEOUT_MS);
  expect(later?.signal).not.toBe(first?.signal);
});

it('a request whose copy’s deadline comes first ends with that, whatever others may', () => {
  const { work, now } = workAt();
  const first = work.allowance(now() + LEASE_MS);
  const hurried = work.allowance(now() + TIMEOUT_MS - 1);
  expect(hurried?.notAfter).toBe(now() + TIMEOUT_MS - 1);
  expect(hurried?.signal).not.toBe(first?.signal);
  expect(work.allowance(now() + LEASE_MS / 2 - 1)).toBeNull();
});

it('what was put off is due so long after it was written, not after it was decided', async () => {
  const { work, pass } = workAt(500);
  const settlement: Settlement = { state: 'pending', inSeconds: 10, reason: null };
  work.settle(delivery('1'), settlement);
  pass(2_000);
  expect(work.wakeSeconds).toBe(Number.POSITIVE_INFINITY);
  await work.flush();
  expect(work.wakeSeconds).toBe(10);
  pass(9_999);
  expect(work.takeWake()).toBe(false);
  pass(1);
  expect([work.takeWake(), work.takeWake()]).toEqual([true, false]);
  expect(work.wakeSeconds).toBe(Number.POSITIVE_INFINITY);
});

it('wakes for each of several', async () => {
  const { work, pass } = workAt();
  for (const [id, inSeconds] of [
    ['1', 30],
    ['2', 20],
    ['3', 0],
  ] as const) {
    work.settle(delivery(id), { state: 'sending', inSeconds, absent: false });
  }
  await work.flush();
  expect(work.wakeSeconds).toBe(20);
  pass(20_000);
  expect([work.takeWake(), work.takeWake()]).toEqual([true, false]);
  expect(work.wakeSeconds).toBe(10);
  pass(10_000);
  expect([work.takeWake(), work.takeWake()]).toEqual([true, false]);
  expect(work.wakeSeconds).toBe(Number.POSITIVE_INFINITY);
});

it('a mailbox that asked twice is left alone for the longer of both', () => {
  const { work } = workAt();
  const asked = (retryAfterSeconds: number) =>
    new GraphError(
      {
        failure: 'throttled',
        status: 429,
        code: 'TooManyRequests',
        requestId: null,
        retryAfterSeconds,
        inDoubt: false,
      },
      'too many',
    );
  expect([work.pause('one', asked(30)), work.pause('one', asked(5)), work.pause('other', asked(5))]).toEqual([
    30, 30, 5,
  ]);
});

it('tells of the first result that is to be written, and when there is something to wake for', async () => {
  const { work, news } = workAt();
  for (const id of ['1', '2', '3']) work.settle(delivery(id), { state: 'pending', inSeconds: 9, reason: null });
  expect(news()).toBe(1);
  await work.flush();
  expect(news()).toBe(2);
  work.settle(delivery('4'), { state: 'pending', inSeconds: 9, reason: null });
  expect(news()).toBe(3);
});

it('what goes back to be sent at once is due again when it is written, once', async () => {
  const { work } = workAt();
  work.settle(delivery('1'), { state: 'pending', inSeconds: 0, reason: null });
  expect(work.takeWake()).toBe(false);
  await work.flush();
  expect(work.wakeSeconds).toBe(Number.POSITIVE_INFINITY);
  expect([work.takeWake(), work.takeWake()]).toEqual([true, false]);
});

it('nothing is written while copies are claimed: what goes back would be claimed, and left', async () => {
  const { work } = workAt();
  const one = delivery('1');
  work.take(one);
  work.settle(one, { state: 'pending', inSeconds: 0, reason: null });
  const answer = Promise.withResolvers<ClaimedDelivery[]>();
  const claim = work.claim(() => answer.promise);
  const flush = work.flush();
  await new Promise((resolve) => setImmediate(resolve));
  // As if the ledger had given it back already.
  expect(work.unwritten).toBe(1);
  answer.resolve([delivery('2')]);
  expect((await claim).taken).toEqual([delivery('2')]);
  await flush;
  expect(work.unwritten).toBe(0);
  // It is out of hand by now.
  expect((await work.claim(async () => [one, delivery('2')])).taken).toEqual([one]);
});
