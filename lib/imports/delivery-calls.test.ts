import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { DeliveryCalls } from './delivery-calls.ts';

it('shards are called at once, then together, each once, two seconds or 8,000 copies apart and at the end', async () => {
  let now = 0;
  const called: number[] = [];
  const calls = new DeliveryCalls(
    {
      clock: { ...systemClock, monotonic: () => now },
      enqueue: async (_name, data) => {
        if ('shard' in data) called.push(data.shard);
      },
    },
    '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271',
  );
  await calls.add([7, 8]);
  expect(called.splice(0)).toEqual([7, 8]);
  await calls.add([1, 2]);
  now = 1_999;
  await calls.add([2, 3]);
  expect(called).toEqual([]);
  now = 2_000;
  await calls.add([4]);
  expect(called).toEqual([1, 2, 3, 4]);
  await calls.add(Array.from({ length: 7_999 }, () => 5));
  expect(called.splice(0)).toHaveLength(4);
  await calls.add([6]);
  expect(called.splice(0)).toEqual([5, 6]);
  await calls.add(Array.from({ length: 7_999 }, () => 7));
  expect(called).toEqual([]);
  await calls.send();
  expect(called).toEqual([7]);
});
