import { expect, it, vi } from 'vitest';
import { readiness } from './readiness.ts';

it('asks once for all who ask within a second, and again after it', async () => {
  let time = 0;
  const ask = vi.fn(async () => 1);
  const ready = readiness(ask, () => time);
  expect(await Promise.all([ready(), ready(), ready()])).toEqual([1, 1, 1]);
  time = 999;
  await ready();
  expect(ask).toHaveBeenCalledTimes(1);
  time = 1_000;
  ask.mockRejectedValueOnce(new Error('gone'));
  expect(await ready()).toBe(null);
  time = 2_000;
  expect(await ready()).toBe(1);
  expect(ask).toHaveBeenCalledTimes(3);
});

it('takes no answer within two seconds for none', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const ready = readiness(
      () => new Promise(() => {}),
      () => 0,
    );
    const answer = ready();
    vi.useRealTimers();
    expect(await answer).toBe(null);
  } finally {
    vi.useRealTimers();
  }
}, 10_000);
