import { describe, expect, it } from 'vitest';
import { rateLimit } from './rate-limit.ts';

describe('the rate limit', () => {
  it('remembers nobody whose bucket is full again', () => {
    const limit = rateLimit(() => 2);
    for (let one = 0; one < 1_000; one += 1) limit.secondsToWait(`account ${one}`, 0);
    expect(limit.held).toBe(1_000);
    for (let time = 0; time < 3; time += 1) limit.secondsToWait('busy', 400);
    limit.secondsToWait('other', 500);
    expect(limit.held).toBe(2);
    limit.clear();
    expect(limit.held).toBe(0);
  });
});
