import { expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import type { HandedCopy, Intake, Room } from './delivery/intake.ts';
import { people } from './scripted-source.fixture.ts';
import { shardOf } from './shards.ts';
import { ShardsAtWork } from './shards-at-work.ts';

const [ours, others] = ['organization', 'another'];
const userId = people[0]?.id ?? '';
const shard = shardOf(userId);

function atWork(shards: ShardsAtWork, organizationId = ours, room: Room | null = { copies: 2, bytes: 100 }): Intake {
  return shards.begin(systemClock, { organizationId, shard, epoch: '7' }, () => room);
}

it('offers to the runs of an organization that have room, and counts what is taken', () => {
  const shards = new ShardsAtWork();
  expect(shards.offer(ours).leases).toEqual([]);
  atWork(shards);
  atWork(shards, others, { copies: 9, bytes: 9 });
  const offer = shards.offer(ours);
  expect(offer.leases).toEqual([{ organizationId: ours, shard, epoch: '7' }]);
  expect(offer.take(shard + 1, 10)).toBe(false);
  expect([offer.take(shard, 10), offer.take(shard, 10), offer.take(shard, 10)]).toEqual([true, true, false]);
  const { leases } = new ShardsAtWork().offer(ours);
  expect(leases).toEqual([]);
});

it('takes no copy more when the bytes are used up, though the one that uses them up is taken', () => {
  const shards = new ShardsAtWork();
  atWork(shards);
  const offer = shards.offer(ours);
  expect([offer.take(shard, 500), offer.take(shard, 1)]).toEqual([true, false]);
});

it('leaves a run without room alone', () => {
  const shards = new ShardsAtWork();
  const intake = atWork(shards, ours, null);
  expect(shards.offer(ours).leases).toEqual([]);
  expect(intake.isOpen).toBe(false);
});

it('hands each copy to the run of its mailbox, which waits for it until the offer ends', () => {
  const shards = new ShardsAtWork();
  const intake = atWork(shards);
  const offer = shards.offer(ours);
  expect(intake.isOpen).toBe(true);
  const copy = { delivery: { userId, frameLength: 10 } } as HandedCopy;
  offer.give({ copies: [copy], validUntil: 1, moreComes: false });
  offer.end();
  expect(intake.takePages()).toEqual([{ copies: [copy], validUntil: 1, moreComes: false }]);
  expect(intake.isOpen).toBe(false);
});

it('a run that ended is not called, and its successor is, which began before', () => {
  const shards = new ShardsAtWork();
  expect(shards.call({ organizationId: ours, shard })).toBe(false);
  const first = atWork(shards);
  const second = atWork(shards);
  shards.end(first);
  expect(shards.call({ organizationId: ours, shard })).toBe(true);
  expect([first.takeCall(), second.takeCall()]).toEqual([false, true]);
  shards.end(second);
  expect(shards.call({ organizationId: ours, shard })).toBe(false);
});
