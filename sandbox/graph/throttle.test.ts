import { describe, expect, it } from 'vitest';
import { GraphError } from './errors.ts';
import { graphLimits } from './limits.ts';
import { Throttle } from './throttle.ts';

const use = { app: 'portal', mailbox: 'lena', bytes: 0, now: 0 };

/** The answer to each of `count` requests: when the last is refused, the seconds to wait. */
function enter(throttle: Throttle, change: Partial<typeof use>, count = 1): 'taken' | number {
  try {
    for (let index = 0; index < count; index += 1) throttle.enter({ ...use, ...change })();
    return 'taken';
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    expect([error.status, error.code]).toEqual([429, 'ApplicationThrottled']);
    return Number(error.headers['retry-after']);
  }
}

/** 100 requests a tenth of a second, which is within the app's limit. */
function steadily(throttle: Throttle, count: number): 'taken' | number {
  for (let sent = 0; sent < count; sent += 100) {
    const answer = enter(throttle, { now: sent }, Math.min(100, count - sent));
    if (answer !== 'taken') return answer;
  }
  return 'taken';
}

describe('throttling by the service’s own limits', () => {
  it('takes four at once into a mailbox, and one more when one has left', () => {
    const throttle = new Throttle(graphLimits(1, 0));
    const [leave] = Array.from({ length: 4 }, () => throttle.enter(use));
    expect(enter(throttle, {})).toBe(1);
    expect(enter(throttle, { mailbox: 'ben' })).toBe('taken');
    leave?.();
    expect(enter(throttle, {})).toBe('taken');
  });

  it('takes 10,000 requests in ten minutes into a mailbox', () => {
    const throttle = new Throttle(graphLimits(1, 0));
    expect(steadily(throttle, 10_000)).toBe('taken');
    const wait = enter(throttle, { now: 10_000 });
    expect(wait).toBeGreaterThan(590);
    expect(wait).toBeLessThanOrEqual(610);
    expect(enter(throttle, { mailbox: 'ben', now: 10_000 })).toBe('taken');
    expect(enter(throttle, { now: 10_000 + Number(wait) * 1_000 })).toBe('taken');
  });

  it('takes 150 MB in five minutes into a mailbox', () => {
    const throttle = new Throttle(graphLimits(1, 0));
    expect(enter(throttle, { bytes: 3_000_000 }, 50)).toBe('taken');
    const wait = enter(throttle, { bytes: 1 });
    expect(wait).toBeGreaterThan(295);
    expect(enter(throttle, { bytes: 0 })).toBe('taken');
    expect(enter(throttle, { bytes: 1, now: Number(wait) * 1_000 })).toBe('taken');
  });

  it('takes 2,000 requests a second from an app, over all mailboxes', () => {
    const throttle = new Throttle(graphLimits(1, 0));
    for (let index = 0; index < 2_000; index += 1) expect(enter(throttle, { mailbox: `m${index}` })).toBe('taken');
    expect(enter(throttle, { mailbox: 'one more' })).toBe(2);
    expect(enter(throttle, { mailbox: 'one more', app: 'another' })).toBe('taken');
    expect(enter(throttle, { mailbox: 'one more', now: 2_000 })).toBe('taken');
  });

  it('does not count what it refuses', () => {
    const throttle = new Throttle({ ...graphLimits(1, 0), mailboxRequests: 2 });
    expect(enter(throttle, {}, 2)).toBe('taken');
    for (let second = 1; second < 600; second += 1) expect(enter(throttle, { now: second * 1_000 })).not.toBe('taken');
    expect(enter(throttle, { now: 611_000 })).toBe('taken');
  });

  it('counts bytes of uploads, which are none of the requests', () => {
    const throttle = new Throttle({ ...graphLimits(1, 0), mailboxRequests: 4, mailboxUploadBytes: 100 });
    Array.from({ length: 4 }, () => throttle.enter(use));
    const upload = (bytes: number, now = 0): void => throttle.upload({ ...use, bytes, now });
    upload(60);
    expect(() => upload(41), 'beside four at once').toThrow('UploadPerMailbox');
    upload(40);
    expect(() => upload(1)).toThrow('UploadPerMailbox');
    upload(100, 306_000);
    const other = new Throttle({ ...graphLimits(1, 0), mailboxRequests: 1 });
    other.upload({ ...use, bytes: 5 });
    expect(enter(other, {})).toBe('taken');
  });

  it('forgets mailboxes that are idle, and none that is not', () => {
    const throttle = new Throttle(graphLimits(1, 0));
    for (let index = 0; index < 1_000; index += 1) enter(throttle, { mailbox: `m${index}` });
    throttle.enter({ ...use, mailbox: 'busy' });
    expect(throttle.mailboxes).toBe(1_001);
    enter(throttle, { now: 500_000 });
    expect(throttle.mailboxes, 'while it counts').toBe(1_002);
    enter(throttle, { mailbox: 'ben', now: 700_000 });
    expect(throttle.mailboxes, 'busy, lena, ben').toBe(3);
    for (let index = 0; index < 3; index += 1) throttle.enter({ ...use, mailbox: 'busy', now: 700_000 });
    expect(enter(throttle, { mailbox: 'busy', now: 700_000 })).toBe(1);
  });

  it('counts what has no mailbox for the app alone', () => {
    const throttle = new Throttle({ ...graphLimits(1, 0), appRequests: 2 });
    const nobody = { ...use, mailbox: undefined };
    throttle.enter(nobody)();
    throttle.enter(nobody)();
    expect(() => throttle.enter(nobody)).toThrow('RequestsPerApp');
    expect(throttle.mailboxes).toBe(0);
  });

  it('is scaled as a whole', () => {
    expect(graphLimits(1, 0)).toMatchObject({
      mailboxConcurrency: 4,
      mailboxRequests: 10_000,
      mailboxUploadBytes: 150_000_000,
    });
    expect(graphLimits(0.001, 0)).toMatchObject({ mailboxConcurrency: 1, mailboxRequests: 10 });
    expect(graphLimits(1_000, 0).mailboxConcurrency).toBe(4_000);
  });
});
