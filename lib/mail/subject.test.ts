import { describe, expect, test } from 'vitest';
import { type Item, itemSchema } from '#lib/archive/item.ts';
import { subjectOf } from './subject.ts';

const parties = { mailboxes: new Map(), unmappedDomain: 'mobile.invalid' };
const owner = { mobile: '+15550100100', name: 'Anna' };
const ben = { mobile: '+15550100101', name: 'Ben' };

function item(fields: Record<string, unknown>): Item {
  return itemSchema.parse({
    ...{ id: '1', type: 'sms', direction: 'incoming', owner, sender: ben, recipients: [owner] },
    ...{ messageTime: '2026-11-20T10:00:00Z', archivedTime: '2026-11-20T10:00:01Z' },
    ...fields,
  });
}

const call = (status: string) => ({
  type: 'callLog',
  call: { status, startTime: '2026-11-20T10:00:00Z', durationMs: 0 },
});
const outgoing = { direction: 'outgoing', sender: owner, recipients: [ben] };
const group = { recipients: [owner, { mobile: '+15550100102', name: 'Cem' }, { mobile: '+15550100103' }] };

describe('subjectOf', () => {
  test.each([
    ['SMS with Ben', {}],
    ['SMS with Ben', outgoing],
    ['MMS with Ben', { type: 'mms' }],
    ['Chat with Ben', { type: 'chat' }],
    ['File with Ben', { type: 'file' }],
    ['Deleted message with Ben', { type: 'deletedMessage' }],
    ['SMS with +1 555 010 0109', { sender: { mobile: '+15550100109' } }],
    ['SMS with Anna', { sender: owner }],
    ['Group MMS: Book club', { type: 'mms', groupName: 'Book club', ...group }],
    ['Group MMS with Ben, Cem and +1 555 010 0103', { type: 'mms', ...group }],
    [
      'Group SMS with Ben, +1 555 010 0111, +1 555 010 0112 and 2 others',
      { recipients: [1, 2, 3, 4].map((i) => ({ mobile: `+1555010011${i}` })) },
    ],
    ['Missed call from Ben', call('missed')],
    ['Missed call to Ben', { ...call('missed'), ...outgoing }],
    ['Call with Ben', call('answered')],
    ['Call with Ben', { ...call('answered'), ...outgoing }],
    ['Call with Ben', { type: 'voiceCall' }],
    ['Voicemail from Ben', call('voicemail')],
    ['Rejected call from Ben', call('rejected')],
  ])('%s', (expected, fields) => {
    expect(subjectOf(item(fields), parties)).toBe(expected);
  });

  test('is one line of at most 255 characters, whatever the group is called', () => {
    const subject = subjectOf(item({ groupName: `a\r\nBcc: ${'ö😀'.repeat(400)}` }), parties);
    expect(subject.length).toBeLessThanOrEqual(255);
    expect(subject).toMatch(/^Group SMS: a Bcc: ö😀.*…$/u);
    expect(subject.isWellFormed()).toBe(true);
  });

  test('a group name of blanks is none', () => {
    expect(subjectOf(item({ groupName: ' \n ' }), parties)).toBe('SMS with Ben');
  });
});
