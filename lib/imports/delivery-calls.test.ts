import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { DeliveryCalls } from './delivery-calls.ts';
import { ShardsAtWork } from './shards-at-work.ts';

const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';

interface Watched {
  readonly shardsAtWork: ShardsAtWork;
  readonly calls: DeliveryCalls;
  /** since it was last asked */
  readonly called: () => number[];
  readonly at: (ms: number) => void;
  /** milliseconds to each timer that is set */
  readonly timers: Map<number, () => void>;
}

function watched(): Watched {
  let now = 0;
  const timers = new Map<number, () => void>();
  const called: number[] = [];
  const shardsAtWork = new ShardsAtWork(9);
  const calls = new DeliveryCalls(
    {
      clock: {
        ...systemClock,
        monotonic: () => now,
        after: (ms, callback) => {
          timers.set(ms, callback);
          return () => timers.delete(ms);
        },
      },
      shardsAtWork,
      enqueue: async (_name, data) => {
        if ('shard' in data) called.push(data.shard);
      },
    },
    ORGANIZATION,
  );
  return { shardsAtWork, calls, called: () => called.splice(0), at: (ms) => (now = ms), timers };
}

it('shards are called at once, then together, each once, further and further apart up to four seconds', async () => {
  const { calls, called, at } = watched();
  await calls.add([7, 8]);
  expect(called()).toEqual([7, 8]);
  await calls.add([1, 2]);
  for (const [from, to] of [
    [0, 1_000],
    [1_000, 3_000],
    [3_000, 7_000],
    [7_000, 11_000],
  ] as const) {
    at(from);
    await calls.add([1, 2]);
    at(to - 1);
    await calls.add([2, 3]);
    expect(called()).toEqual([]);
    at(to);
    await calls.add([4]);
    expect(called()).toEqual([1, 2, 3, 4]);
  }
});

it('and sooner after 16,000 copies, and at the end', async () => {
  const { calls, called } = watched();
  await calls.add([1]);
  called();
  await calls.add(Array.from({ length: 15_999 }, () => 5));
  expect(called()).toEqual([]);
  await calls.add([6]);
  expect(called()).toEqual([5, 6]);
  await calls.add(Array.from({ length: 15_999 }, () => 7));
  expect(called()).toEqual([]);
  await calls.send();
  expect(called()).toEqual([7]);
});

it('and when it is time, where nothing more comes', async () => {
  const { calls, called, at, timers } = watched();
  await calls.add([1]);
  expect([...timers]).toEqual([]);
  at(400);
  await calls.add([2]);
  await calls.add([3]);
  called();
  const [[ms, ring] = []] = timers;
  expect([ms, timers.size]).toEqual([600, 1]);
  ring?.();
  expect(called()).toEqual([2, 3]);
  await calls.send();
  expect(timers.size).toBe(0);
});

it('a shard that is at work here is told itself: a job would wait until its run has ended', async () => {
  const { shardsAtWork, calls, called } = watched();
  const lease = { organizationId: ORGANIZATION, shard: 3, epoch: '1' };
  const run = shardsAtWork.begin(systemClock, lease, { room: () => ({ copies: 1, bytes: 1 }), takes: () => true });
  await calls.add([3, 4]);
  expect(called()).toEqual([4]);
  expect(run.takeCall()).toBe(true);
});
