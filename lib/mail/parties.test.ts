import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterparts, isAddress, localPart, mailParty, readableNumber, recipientsOf } from './parties.ts';

const none = { mailboxes: new Map(), unmappedDomain: 'mobile.invalid' };
const anna = { mobile: '+15550100100', name: 'Anna Berg' };
const ben = { mobile: '+442079460123' };
const cem = { mobile: '+4915123456789' };

describe('mailParty', () => {
  test('a known mailbox: its address, the directory name, the number', () => {
    const mailboxes = new Map([[anna.mobile, { address: 'anna@contoso.com', name: 'Anna M. Berg' }]]);
    expect(mailParty(anna, { ...none, mailboxes })).toEqual({
      address: 'anna@contoso.com',
      name: 'Anna M. Berg (+1 555 010 0100)',
    });
  });

  test('no mailbox: the number at mobile.invalid, with the name that the source has', () => {
    expect(mailParty(anna, none)).toEqual({
      address: '+15550100100@mobile.invalid',
      name: 'Anna Berg (+1 555 010 0100)',
    });
    expect(mailParty(ben, none)).toEqual({ address: '+442079460123@mobile.invalid', name: '+44 20 7946 0123' });
  });

  test('a mailbox address that is none is not used', () => {
    const mailboxes = new Map([[anna.mobile, { address: 'anna at contoso' }]]);
    expect(mailParty(anna, { ...none, mailboxes }).address).toBe('+15550100100@mobile.invalid');
  });

  test('names cannot break out of their line or show in another order', () => {
    const party = { mobile: '12345', name: 'Bank\r\nBcc: x\u202Egnp.exe\u2066' };
    expect(mailParty(party, none).name).toBe('Bank Bcc: x gnp.exe (12345)');
  });
});

describe('localPart', () => {
  test.each([
    ['+15550100100', '+15550100100'],
    ['(0150) 123-45.6', '0150123456'],
    ['12345', '12345'],
    ['AMAZON', 'AMAZON'],
    ['bob@example.com', 'bob=example.com'],
  ])('%s becomes %s', (mobile, local) => {
    expect(localPart(mobile)).toBe(local);
  });

  test.each(['A&B', 'Vodafone Info', 'Банк', '🏦', '.', '@', '*100#', 'bob=example.com', '"x"@y.com', 'a'.repeat(65)])(
    '%s gets a hash that tells it apart',
    (mobile) => {
      expect(localPart(mobile)).toMatch(/^[A-Za-z0-9-]+-[0-9a-f]{16}$/);
    },
  );

  test('different senders stay different', () => {
    const senders = ['A&B', 'A B', 'A-B', 'Банк', 'Банка', 'bob@example.com', 'bob=example.com'];
    expect(new Set(senders.map(localPart)).size).toBe(senders.length);
  });

  test('whatever a phone sends, the address is valid', () => {
    const mobile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.string({ minLength: 1 }),
      fc.emailAddress(),
    );
    fc.assert(
      fc.property(mobile, (text) => {
        expect(isAddress(mailParty({ mobile: text }, none).address)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['a@b.co', true],
  ['a.b+c@sub.contoso.onmicrosoft.com', true],
  ["o'hara@contoso.com", true],
  ['a..b@contoso.com', false],
  ['.a@contoso.com', false],
  ['a@contoso', false],
  ['a@-contoso.com', false],
  ['a@contoso.com\r\n', false],
  ['a b@contoso.com', false],
  ['a@b@contoso.com', false],
  [`${'a'.repeat(65)}@contoso.com`, false],
])('isAddress(%s) is %s', (text, expected) => {
  expect(isAddress(text)).toBe(expected);
});

describe('the others in a conversation', () => {
  test('do not depend on who wrote', () => {
    const fromAnna = counterparts({ owner: anna, sender: anna, recipients: [cem, ben] });
    const fromBen = counterparts({ owner: anna, sender: ben, recipients: [anna, cem, ben] });
    expect(fromAnna).toEqual(fromBen);
    expect(fromAnna).toHaveLength(2);
  });

  test('are nobody in a note to oneself', () => {
    expect(counterparts({ owner: anna, sender: anna, recipients: [anna] })).toEqual([]);
  });
});

describe('recipientsOf', () => {
  test('are distinct by address, in order', () => {
    const mailboxes = new Map([
      [ben.mobile, { address: 'ben@contoso.com' }],
      [cem.mobile, { address: 'Ben@contoso.com' }],
    ]);
    const to = recipientsOf(
      { direction: 'outgoing', owner: anna, recipients: [ben, cem, anna, ben] },
      { ...none, mailboxes },
    );
    expect(to.map(({ address }) => address)).toEqual(['ben@contoso.com', '+15550100100@mobile.invalid']);
  });

  test('without any: the owner for what came in, nobody for what went out', () => {
    expect(recipientsOf({ direction: 'incoming', owner: anna, recipients: [] }, none)).toHaveLength(1);
    expect(recipientsOf({ direction: 'outgoing', owner: anna, recipients: [] }, none)).toEqual([]);
  });
});

test('readableNumber leaves what is not E.164 as it is', () => {
  expect(readableNumber('+4915123456789')).toBe('+49 1512 3456789');
  expect(readableNumber('015123456789')).toBe('015123456789');
  expect(readableNumber('+999123456789')).toBe('+999123456789');
  expect(readableNumber('\0')).toBe('unknown');
});
