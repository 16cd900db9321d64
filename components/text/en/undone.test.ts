import { describe, expect, it } from 'vitest';
import { UNDONE_KINDS } from '#lib/imports/counts.ts';
import { CONTENT_LOST } from '#lib/imports/reasons.ts';
import { signOffBody, undone, undoneSentence } from './undone.ts';

describe('undoneSentence', () => {
  it.each([
    ['attachment_gone', 1, '1 copy lacks an attachment.'],
    ['attachment_refused', 2, '2 copies lack an attachment.'],
    ['attachment_differs', 1, '1 copy has an attachment that is not what TeleMessage had announced.'],
    ['attachment_differs', 3, '3 copies have an attachment that is not what TeleMessage had announced.'],
    ['removed_meanwhile', 1, '1 copy was removed from the mailbox before it was whole.'],
    ['removed_meanwhile', 2, '2 copies were removed from the mailbox before they were whole.'],
  ])('says of %s what is the matter with the attachment (%i)', (reason, count, sentence) => {
    expect(undoneSentence({ kind: 'partial', reason, count })).toBe(sentence);
  });

  it('says of what is missing that it was there', () => {
    const missing = { kind: 'missing', reason: 'missing_in_mailbox' } as const;
    expect(undoneSentence({ ...missing, count: 1 })).toBe('1 copy is not in its mailbox any more.');
    expect(undoneSentence({ ...missing, count: 1200 })).toBe('1,200 copies are not in their mailboxes any more.');
  });
});

it('says of copies that nobody may deliver that they were on their way', () => {
  const stopped = { kind: 'stopped', reason: 'consent_missing' } as const;
  expect(undoneSentence({ ...stopped, count: 1 })).toBe("1 copy on its way can't be delivered.");
  expect(undoneSentence({ ...stopped, count: 1200 })).toBe("1,200 copies on their way can't be delivered.");
  expect(signOffBody('stopped', 'consent_missing')).toContain('also if Microsoft 365 lets this portal in again');
});

it('says of copies that one user keeps back that they are held, and what a sign-off takes from them', () => {
  const held = { kind: 'stopped', reason: 'one_user_first' } as const;
  expect(undoneSentence({ ...held, count: 1 })).toBe('1 copy is held back.');
  expect(undoneSentence({ ...held, count: 1200 })).toBe('1,200 copies are held back.');
  expect(signOffBody('stopped', 'one_user_first')).toContain('also if everybody is imported later');
});

describe('signOffBody', () => {
  it('says that an attachment is deleted only where one is kept that the mailbox may take yet', () => {
    const isHere = ['attachment_refused', 'mailbox_full', 'access_denied'];
    const reasons = [...isHere, 'attachment_gone', 'attachment_differs', 'removed_meanwhile', 'content_missing'];
    for (const kind of UNDONE_KINDS) {
      for (const reason of reasons) {
        const isKept = kind === 'partial' && isHere.includes(reason);
        expect(signOffBody(kind, reason).startsWith('The attachment is deleted here'), `${kind} ${reason}`).toBe(
          isKept,
        );
      }
    }
  });

  it('says of what is not in the mailbox that it does not come back, and not that it stays', () => {
    expect(signOffBody('partial', 'removed_meanwhile')).toContain('It is not put into the mailbox again.');
    expect(signOffBody('missing', 'missing_in_mailbox')).toContain('Nothing is imported again');
  });

  it('says of what the storage lost that it is given up', () => {
    for (const reason of CONTENT_LOST)
      expect(signOffBody('partial', reason)).toContain('not added any more, also if the operator restores it');
  });
});

it('the tab says how much is to be done', () => {
  expect([undone.tab(0), undone.tab(1234)]).toEqual(['Not imported', 'Not imported (1,234)']);
});
