import { expect, it, vi } from 'vitest';
import { claimsUnder } from './new-claims.ts';
import type { NewAttachment, NewDelivery } from './new-items.ts';

const bare = { attachments: [] };
const pending = { shard: 3, state: 'pending' } as NewDelivery;

it('claims what is to be sent of a shard that is held, under its epoch, and takes room for nothing else', () => {
  const take = vi.fn(() => true);
  const claims = claimsUnder(new Map([[3, '7']]), { leases: [], owner: 'one', seconds: 60, take });
  expect(claims.claim(bare, { ...pending, shard: 4 })).toBeNull();
  expect(claims.claim(bare, { ...pending, state: 'skipped' })).toBeNull();
  expect(claims.claim({ attachments: [{} as NewAttachment] }, pending)).toBeNull();
  expect(take).not.toHaveBeenCalled();
  expect(claims.claim(bare, pending)).toBe('7');
  take.mockReturnValue(false);
  expect(claims.claim(bare, pending)).toBeNull();
});
