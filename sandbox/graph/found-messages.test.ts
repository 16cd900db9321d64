import { describe, expect, it } from 'vitest';
import { foundMessages } from './found-messages.ts';
import { parseFilter } from './odata/filter.ts';
import type { QueryOptions } from './odata/query.ts';
import type { MessageRow } from './rows.ts';

const options = (change: Partial<QueryOptions>): QueryOptions => ({
  select: undefined,
  filter: undefined,
  top: undefined,
  skip: 0,
  count: false,
  expand: [],
  orderBy: [],
  skipToken: undefined,
  ...change,
});
const filter = parseFilter('isRead eq true');
const bySent = [{ path: 'sentDateTime', descending: false }];

/**
 * Ten messages, one in two read, in one object that is another message each time: whoever keeps it has ten times the
 * last. What no question is about throws when it is read.
 */
function* passing(seen: { count: number } = { count: 0 }): Generator<MessageRow> {
  const unread = (): never => {
    throw new Error('this is not asked for');
  };
  const row = {
    ...{ seq: 0, folder: 1, received: 0, sent: 0, created: 0, modified: 0, internetMessageId: '', size: 0 },
    ...{ isDraft: false, isRead: false, attachments: 0, bodyType: 'html' as const, bodySha256: '' },
    get body() {
      return unread();
    },
    get fields() {
      return unread();
    },
  };
  for (let seq = 1; seq <= 10; seq += 1) {
    seen.count = seq;
    yield Object.assign(row, { seq, received: 100 - seq, sent: 100 - seq, isRead: seq % 2 === 0 });
  }
}

describe('a list of messages', () => {
  it.each<[string, Partial<QueryOptions>, number, unknown]>([
    ['filtered', { filter }, 2, { seqs: [2, 4], more: true }],
    ['on its second page', { filter, skip: 4 }, 2, { seqs: [10], more: false }],
    ['counted', { filter, count: true }, 2, { seqs: [2, 4], more: true, total: 5 }],
    ['sorted', { orderBy: bySent }, 3, { seqs: [10, 9, 8], more: true, total: 10 }],
    ['sorted and filtered', { orderBy: bySent, filter, skip: 1 }, 9, { seqs: [8, 6, 4, 2], more: false, total: 5 }],
  ])('%s keeps no message, and reads of it only what is asked', (_, change, top, expected) => {
    expect(foundMessages(passing(), options(change), top)).toMatchObject(Object(expected));
  });

  it('looks no further than the next page, unless it counts', () => {
    const seen = { count: 0 };
    foundMessages(passing(seen), options({ filter }), 2);
    expect(seen.count).toBe(6);
    foundMessages(passing(seen), options({ filter, count: true }), 2);
    expect(seen.count).toBe(10);
  });
});
