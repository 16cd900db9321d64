/** The source's item feed: what a page lists, item by item. */
import fc from 'fast-check';
import { readPage } from '#lib/imports/page.ts';
import { json, spoiled, text } from './arbitraries.ts';
import { must, type Target } from './target.ts';

const party = { mobile: '+13125550100', email: 'anna@company.example', name: 'Anna' };
const attachment = { id: 'a', name: 'plan.pdf', contentType: 'application/pdf', size: 12, sha256: null };
const honest = {
  ...{ id: 'one', type: 'mms', direction: 'outgoing', owner: party, sender: party, recipients: [party] },
  ...{ messageTime: '2026-11-20T10:00:00Z', archivedTime: '2026-11-20T10:00:01Z', conversationId: 'c' },
  ...{ messageKey: 'k', text: 'Hi', attachments: [attachment], call: null, group: { name: 'All' } },
};
const item = fc.oneof(
  spoiled(honest),
  fc
    .tuple(spoiled(party), spoiled(attachment), text)
    .map(([one, other, id]) => ({ ...honest, id, owner: one, attachments: [other] })),
  json,
);
const window = { from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };

export const feed: Target<readonly unknown[]> = {
  name: 'item feed',
  input: fc.array(item, { minLength: 1, maxLength: 2 }),
  feed: (items) => {
    const entries = readPage(items, window);
    must(entries.length === items.length, 'every item has its entry');
    for (const entry of entries) {
      must(entry.archivedAt >= window.from && entry.archivedAt < window.to, 'it arrived within its window');
      must(entry.sourceItemId !== '' && !entry.sourceItemId.includes('\0'), 'it has an id that can be stored');
    }
  },
};
