import fc from 'fast-check';
import { expect, test } from 'vitest';
import { itemSchema } from './item.ts';
import { readItem } from './read-item.ts';

const party = { mobile: '+13125550100', email: null, name: 'Anna' };
const honest = {
  ...{ id: 'one', type: 'sms', direction: 'outgoing', owner: party, sender: party, recipients: [party] },
  ...{ messageTime: '2026-11-20T10:00:00Z', archivedTime: '2026-11-20T10:00:01Z', text: 'Hi', attachments: [] },
};

test('an honest item is what it is', () => {
  expect(readItem({ ...honest, somethingNew: 1 })).toEqual({ item: honest, mended: [] });
});

test.each(['id', 'type', 'owner', 'sender'])('without its %s an item is unreadable', (name) => {
  expect(readItem({ ...honest, [name]: undefined })).toBeNull();
});

test.each([null, 'text', 7, [honest]])('%j is no item', (raw) => expect(readItem(raw)).toBeNull());

test.each([
  [{ direction: 'up' }, ['direction'], { direction: 'outgoing' }],
  [{ direction: 'up', sender: { ...party, mobile: '7' } }, ['direction'], { direction: 'incoming' }],
  [{ messageTime: 1_700_000_000 }, ['messageTime'], { messageTime: '' }],
  [{ archivedTime: '2026-11-20T12:00:01+02:00' }, ['archivedTime'], { archivedTime: '2026-11-20T10:00:01.000Z' }],
  [{ messageKey: 'k'.repeat(600) }, ['messageKey'], { messageKey: null }],
  [{ text: { a: 1 } }, ['text'], { text: null }],
  [{ owner: { ...party, name: 5 } }, ['owner'], { owner: { ...party, name: null } }],
  [{ recipients: 'everybody' }, ['recipients'], { recipients: [] }],
  [{ recipients: [{}, party] }, ['recipients[0]'], { recipients: [party] }],
  [{ call: { status: 'sung' } }, ['call'], { call: null }],
  [
    { attachments: [{ id: 'a', name: 7, size: 1.5, sha256: [] }, { name: 'b' }] },
    [
      'attachments[0].name',
      'attachments[0].contentType',
      'attachments[0].size',
      'attachments[0].sha256',
      'attachments[1]',
    ],
    { attachments: [{ id: 'a', name: '', contentType: '', size: 0, sha256: null }] },
  ],
])('%j is mended, and named', (traits, mended, expected) => {
  const read = readItem({ ...honest, ...traits });
  expect(read?.mended.toSorted()).toEqual(mended.toSorted());
  expect(read?.item).toMatchObject(expected);
});

test('no more attachments than an item may have are read', () => {
  const attachments = Array.from({ length: 10_001 }, (_, index) => ({
    id: `a${index}`,
    name: '',
    contentType: '',
    size: 1,
  }));
  const read = readItem({ ...honest, attachments });
  expect(read?.item.attachments).toHaveLength(10_000);
  expect(read?.mended).toEqual(['attachments[10000]']);
});

test('whatever is read can be staged and read again', () => {
  const anything = fc.anything({ maxDepth: 2 });
  const fields = Object.fromEntries(Object.keys(itemSchema.shape).map((name) => [name, anything]));
  fc.assert(
    fc.property(
      fc.record(fields, { requiredKeys: [] }),
      fc.array(fc.record({ mobile: anything, id: anything })),
      (raw, list) => {
        const read = readItem({
          ...raw,
          id: 'one',
          type: 'mms',
          owner: party,
          sender: party,
          recipients: list,
          attachments: list,
        });
        if (!read) throw new Error('it is unreadable');
        const staged = JSON.parse(JSON.stringify({ ...read.item, archivedTime: honest.archivedTime }));
        expect(itemSchema.parse(staged)).toEqual(staged);
      },
    ),
    { numRuns: 500 },
  );
});
