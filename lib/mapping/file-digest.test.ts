import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sha256Of } from './file-digest.ts';

test('the digest of a file is that of all its bytes', async () => {
  for (const length of [0, 1, 2 ** 20, 2 ** 20 + 1, 3_000_000]) {
    const bytes = new Uint8Array(length).map((_, index) => index % 251);
    expect(Buffer.from(await sha256Of(bytes))).toEqual(createHash('sha256').update(bytes).digest());
  }
});

test('others have their turn after every megabyte', async () => {
  let turns = 0;
  let next: NodeJS.Immediate;
  const other = () => {
    turns += 1;
    next = setImmediate(other);
  };
  next = setImmediate(other);
  await sha256Of(new Uint8Array(8 * 2 ** 20));
  clearImmediate(next);
  expect(turns).toBeGreaterThanOrEqual(8);
});

test('a digest that is cancelled stops', async () => {
  const cancelled = AbortSignal.abort(new Error('cancelled'));
  await expect(sha256Of(new Uint8Array(1), cancelled)).rejects.toThrow('cancelled');
});
