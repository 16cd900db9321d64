import { describe, expect, it } from 'vitest';
import { sharedWork } from './shared-work.ts';

/** Work that ends when it is told to, and counts how often it was begun. */
function someWork() {
  const begun: { wanted: AbortSignal; end: (result: number) => void; fail: (error: Error) => void }[] = [];
  const work = (wanted: AbortSignal): Promise<number> =>
    new Promise((end, fail) => {
      begun.push({ wanted, end, fail });
    });
  return { begun, work };
}

describe('shared work', () => {
  it('is done once for all who wait, and remembered', async () => {
    const { begun, work } = someWork();
    const shared = sharedWork<number>(10);
    const answers = [shared.result('a', undefined, work), shared.result('a', undefined, work)];
    begun[0]?.end(5);
    expect(await Promise.all(answers)).toEqual([5, 5]);
    expect(await shared.result('a', undefined, work)).toBe(5);
    expect(begun).toHaveLength(1);
  });

  it('ends with the last who waits', async () => {
    const { begun, work } = someWork();
    const shared = sharedWork<number>(10);
    const [one, two] = [new AbortController(), new AbortController()];
    void shared.result('a', one.signal, work);
    void shared.result('a', two.signal, work);
    one.abort();
    expect(begun[0]?.wanted.aborted).toBe(false);
    two.abort();
    expect(begun[0]?.wanted.aborted).toBe(true);
    void shared.result('a', AbortSignal.abort(), work);
    expect(begun.map(({ wanted }) => wanted.aborted)).toEqual([true, true]);
    void shared.result('a', undefined, work);
    expect(begun).toHaveLength(3);
  });

  it('is tried again after it failed', async () => {
    const { begun, work } = someWork();
    const shared = sharedWork<number>(10);
    const first = shared.result('a', undefined, work);
    begun[0]?.fail(new Error('no'));
    await expect(first).rejects.toThrow('no');
    const second = shared.result('a', undefined, work);
    begun[1]?.end(7);
    expect(await second).toBe(7);
  });

  it('is forgotten, though it goes on for who waits', async () => {
    const { begun, work } = someWork();
    const shared = sharedWork<number>(10);
    const first = shared.result('a', undefined, work);
    shared.clear();
    begun[0]?.end(1);
    expect(await first).toBe(1);
    const second = shared.result('a', undefined, work);
    begun[1]?.end(2);
    expect(await second).toBe(2);
  });
});
