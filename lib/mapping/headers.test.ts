import { describe, expect, test } from 'vitest';
import { readHeaders } from './headers.ts';

describe('readHeaders', () => {
  test.each([
    [['ExternalUserId', 'O365UserMailbox']],
    [['externaluserid', 'o365usermailbox']],
    [['EXTERNALUSERID', 'O365USERMAILBOX']],
    [['External User ID', 'Microsoft 365 User Mailbox']],
    [['external user id', 'microsoft 365 user mailbox']],
    [["User's mobile Number", 'Microsoft 365 mailbox address']],
    [['User’s mobile Number', 'Microsoft 365 mailbox address']],
    [[' ExternalUserId ', '\uFEFFO365UserMailbox']],
  ])('%j', (cells) => {
    expect(readHeaders(cells)).toEqual({
      ok: true,
      positions: { number: 0, mailbox: 1, validFrom: null, validTo: null },
    });
  });

  test('columns come in any order, others are left alone', () => {
    expect(readHeaders(['Name', 'ValidTo', 'O365UserMailbox', 'Valid From', 'ExternalUserId'])).toEqual({
      ok: true,
      positions: { number: 4, mailbox: 2, validFrom: 3, validTo: 1 },
    });
  });

  test('a missing column says which headers were found', () => {
    expect(readHeaders(['ExternalUserId', 'Phone', 'Name', ''])).toEqual({
      ok: false,
      problem: 'missing',
      column: 'mailbox',
      found: ['ExternalUserId', 'Phone', 'Name'],
    });
    expect(readHeaders(['O365UserMailbox'])).toMatchObject({ ok: false, problem: 'missing', column: 'number' });
  });

  test('the same column twice is refused: nobody can tell which one is meant', () => {
    expect(readHeaders(['ExternalUserId', 'O365UserMailbox', 'Microsoft 365 User Mailbox'])).toMatchObject({
      ok: false,
      problem: 'twice',
      column: 'mailbox',
    });
  });

  test('names that every object has are no columns', () => {
    expect(readHeaders(['constructor', 'toString'])).toMatchObject({ ok: false, column: 'number' });
  });
});
