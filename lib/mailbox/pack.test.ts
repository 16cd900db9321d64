import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_BYTES, BATCH_REQUESTS, MailboxQueues } from './pack.ts';

const request = fc.record({
  userId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  bytes: fc.oneof(fc.integer({ min: 200, max: 2_000 }), fc.integer({ min: 1_000_000, max: 3_900_000 })),
});

describe('MailboxQueues', () => {
  it('sends everything once, in order per mailbox, under the rules of a batch, no mailbox in two batches', () => {
    fc.assert(
      fc.property(
        fc.array(request, { maxLength: 120 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: BATCH_REQUESTS }),
        (requests, inFlight, least) => {
          const numbered = requests.map((value, number) => ({ ...value, number }));
          const queues = new MailboxQueues<(typeof numbered)[number]>();
          for (const value of numbered) queues.add(value);
          const sent: (typeof numbered)[number][] = [];
          const flying: (typeof numbered)[] = [];
          while (queues.size > 0 || flying.length > 0) {
            const busy = new Set(flying.flat().map((value) => value.userId));
            // Where nothing flies, nothing is waited for.
            const places = inFlight - flying.length;
            const batch = places > 0 ? queues.nextBatch(busy, places, flying.length === 0 ? 1 : least) : [];
            if (batch.length === 0) {
              sent.push(...(flying.shift() ?? []));
              continue;
            }
            expect(batch.length).toBeLessThanOrEqual(BATCH_REQUESTS);
            if (batch.length > 1)
              expect(batch.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(BATCH_BYTES);
            for (const { userId } of batch) expect(busy.has(userId)).toBe(false);
            flying.push(batch);
          }
          expect(sent.map(({ number }) => number).sort((a, b) => a - b)).toEqual(numbered.map(({ number }) => number));
          for (const mailbox of ['a', 'b', 'c', 'd', 'e']) {
            const order = sent.filter(({ userId }) => userId === mailbox).map(({ number }) => number);
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
        },
      ),
    );
  });

  it('fills a batch from one mailbox and leaves the others for batches of their own', () => {
    const queues = new MailboxQueues<{ userId: string; bytes: number }>();
    for (let i = 0; i < 30; i++) queues.add({ userId: 'a', bytes: 300 });
    for (let i = 0; i < 20; i++) queues.add({ userId: 'b', bytes: 300 });
    expect(new Set(queues.nextBatch(new Set(), 8).map(({ userId }) => userId))).toEqual(new Set(['a']));
    expect(new Set(queues.nextBatch(new Set(['a']), 7).map(({ userId }) => userId))).toEqual(new Set(['b']));
    expect(queues.nextBatch(new Set(['a', 'b']), 6)).toEqual([]);
  });

  const names = (batch: readonly { readonly userId: string }[]): string => batch.map(({ userId }) => userId).join('');

  it('gives a mailbox a batch of its own while more may be sent, and lets those share that have little', () => {
    const queues = new MailboxQueues<{ userId: string; bytes: number }>();
    for (const userId of [...'aaaaaaaaaabbbbbbbbbbccdd']) queues.add({ userId, bytes: 300 });
    expect(names(queues.nextBatch(new Set(), 3))).toBe('aaaaaaaaaaccdd');
    expect(names(queues.nextBatch(new Set([...'acd']), 2))).toBe('bbbbbbbbbb');
  });

  it('lets a batch wait that has room for more, and no other', () => {
    const queues = new MailboxQueues<{ userId: string; bytes: number }>();
    for (const userId of [...'aabb']) queues.add({ userId, bytes: 300 });
    expect(names(queues.nextBatch(new Set(), 8, BATCH_REQUESTS))).toBe('');
    expect(queues.size).toBe(4);
    // Full by what its requests weigh.
    queues.add({ userId: 'c', bytes: BATCH_BYTES });
    expect(names(queues.nextBatch(new Set(), 8, BATCH_REQUESTS))).toBe('aabb');
    expect(names(queues.nextBatch(new Set(), 8, BATCH_REQUESTS))).toBe('');
    expect(names(queues.nextBatch(new Set(), 8))).toBe('c');
    // One that has much would stand still meanwhile, and is not held up by one before it that has little.
    for (const userId of [...'ddeeeee']) queues.add({ userId, bytes: 300 });
    expect(names(queues.nextBatch(new Set(), 1, BATCH_REQUESTS))).toBe('eeeee');
    expect(names(queues.nextBatch(new Set(), 1))).toBe('dd');
    for (let i = 0; i < BATCH_REQUESTS; i++) queues.add({ userId: 'd', bytes: 300 });
    expect(queues.nextBatch(new Set(), 8, BATCH_REQUESTS)).toHaveLength(BATCH_REQUESTS);
  });

  it('fills the last batch that may be sent', () => {
    const queues = new MailboxQueues<{ userId: string; bytes: number }>();
    for (const userId of [...'aaaaaaaaaabbbbbbbbbbccdd']) queues.add({ userId, bytes: 300 });
    expect(names(queues.nextBatch(new Set(), 1))).toBe('aaaaaaaaaabbbbbbbbbb');
  });

  it('does not starve a small mailbox behind a large one', () => {
    const queues = new MailboxQueues<{ userId: string; bytes: number }>();
    for (let i = 0; i < 100; i++) queues.add({ userId: 'large', bytes: 300 });
    queues.add({ userId: 'small', bytes: 300 });
    queues.nextBatch(new Set(), 1);
    expect(queues.nextBatch(new Set(), 8).map(({ userId }) => userId)).toContain('small');
  });
});
