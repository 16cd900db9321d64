import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import type { Intake, Room } from './delivery/intake.ts';
import type { HandedCopy } from './prepare.ts';
import { people } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';
import { ShardsAtWork } from './shards-at-work.ts';

const PAUSED = 'somebody whose mailbox is left alone';
const [ours, others] = ['organization', 'another'];
const userId = people[0]?.id ?? '';
const shard = shardOf(userId);

function atWork(shards: ShardsAtWork, organizationId = ours, room: Room | null = { copies: 2, bytes: 100 }): Intake {
  const takes = (whose: string): boolean => whose !== PAUSED;
  return shards.begin(systemClock, { organizationId, shard, epoch: '7' }, { room: () => room, takes });
}

it('offers to the runs of an organization that have room, and counts what is taken', () => {
  const shards = new ShardsAtWork(9);
  expect(shards.offer(ours).leases).toEqual([]);
  atWork(shards);
  atWork(shards, others, { copies: 9, bytes: 9 });
  const offer = shards.offer(ours);
  expect(offer.leases).toEqual([{ organizationId: ours, shard, epoch: '7' }]);
  expect([offer.take(shard + 1, userId, 10), offer.take(shard, PAUSED, 10)]).toEqual([false, false]);
  const [one, two, three] = [1, 2, 3].map(() => offer.take(shard, userId, 10));
  expect([one, two, three]).toEqual([true, true, false]);
  expect([shards.hasAny(ours), new ShardsAtWork(9).hasAny(ours)]).toEqual([true, false]);
});

it('takes no copy more when the bytes are used up, though the one that uses them up is taken', () => {
  const shards = new ShardsAtWork(9);
  atWork(shards);
  const offer = shards.offer(ours);
  expect([offer.take(shard, userId, 500), offer.take(shard, userId, 1)]).toEqual([true, false]);
});

it('nobody stays for what may come where every place of the process is taken', () => {
  const shards = new ShardsAtWork(2);
  atWork(shards);
  expect(shards.offer(ours).leases).toHaveLength(1);
  const other = atWork(shards, others);
  expect(shards.offer(ours).leases).toEqual([]);
  shards.end(other);
  expect(shards.offer(ours).leases).toHaveLength(1);
});

it('leaves a run without room alone', () => {
  const shards = new ShardsAtWork(9);
  const intake = atWork(shards, ours, null);
  expect(shards.offer(ours).leases).toEqual([]);
  expect(intake.isOpen).toBe(false);
});

it('hands each copy to the run of its mailbox, which waits for it until the offer ends', () => {
  const shards = new ShardsAtWork(9);
  const intake = atWork(shards);
  const offer = shards.offer(ours);
  expect(intake.isOpen).toBe(true);
  const copy = { delivery: { userId, frameLength: 10 } } as HandedCopy;
  offer.give({ copies: [copy], validUntil: 1, moreComes: false });
  offer.end();
  expect(intake.takePages()).toEqual([{ copies: [copy], validUntil: 1, moreComes: false }]);
  const stray = { delivery: { userId: 'somebody of another shard', frameLength: 10 } } as HandedCopy;
  expect(() => offer.give({ copies: [stray], validUntil: 1, moreComes: false })).toThrow('no run took');
  expect(intake.isOpen).toBe(false);
});

it('a run that ended is not called, and its successor is, which began before', () => {
  const shards = new ShardsAtWork(9);
  expect(shards.call({ organizationId: ours, shard })).toBe(false);
  const first = atWork(shards);
  const second = atWork(shards);
  shards.end(first);
  expect(shards.call({ organizationId: ours, shard })).toBe(true);
  expect([first.takeCall(), second.takeCall()]).toEqual([false, true]);
  shards.end(second);
  expect(shards.call({ organizationId: ours, shard })).toBe(false);
});
