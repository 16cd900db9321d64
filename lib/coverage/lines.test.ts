import { describe, expect, it } from 'vitest';
import type { DirectoryAnswer } from '../mapping/choose-mailbox.ts';
import type { StoredRow } from '../mapping/lookup.ts';
import { isMailboxAddress, type MailboxAddress } from '../mapping/mailbox-address.ts';
import { type E164, isE164 } from '../mapping/number.ts';
import type { Validity } from '../mapping/validity.ts';
import { type CoverageContext, type CoverageUser, lineOf, subjectsOfRows, subjectsOfUsers } from './lines.ts';

const NUMBER = number('+12125550101');
const CONTEXT: CoverageContext = {
  versionId: 'version',
  automaticMapping: true,
  verifiedDomains: new Set(['x.example']),
  defaultRegion: 'US',
  now: new Date('2026-11-21T12:00:00Z'),
};

const directory = new Map<string, DirectoryAnswer>([
  ['ann@x.example', { kind: 'mailbox', userId: 'ann', address: 'Ann@x.example', displayName: 'Ann' }],
  ['bob@x.example', { kind: 'mailbox', userId: 'bob', address: 'Bob@x.example', displayName: 'Bob' }],
  ['guest@x.example', { kind: 'guest' }],
  ['two@x.example', { kind: 'ambiguous' }],
  ['unlicensed@x.example', { kind: 'no_mailbox' }],
  ['nobody@x.example', { kind: 'none' }],
]);

function number(text: string): E164 {
  if (!isE164(text)) throw new Error(text);
  return text;
}

function row(mailbox: string, at: number, validity: Partial<Validity> = {}, of: E164 = NUMBER): StoredRow {
  if (!isMailboxAddress(mailbox)) throw new Error(mailbox);
  return { number: of, mailbox, row: at, validity: { from: null, to: null, ...validity } };
}

function user(traits: Partial<CoverageUser> = {}): CoverageUser {
  return {
    ...{ mobile: NUMBER, number: NUMBER, name: 'Ann', email: null, status: 'activated', lastArchivedAt: null },
    ...traits,
  };
}

function linesOf(users: readonly CoverageUser[], rows: readonly StoredRow[], context = CONTEXT) {
  return subjectsOfUsers(users, rows, context).map((subject) => lineOf(subject, (address) => directory.get(address)));
}

describe('a registered user', () => {
  it.each([
    ['ann@x.example', 'mailbox'],
    ['guest@x.example', 'guest'],
    ['two@x.example', 'ambiguous_address'],
    ['unlicensed@x.example', 'no_mailbox'],
    ['nobody@x.example', 'mailbox_not_found'],
  ])('mapped to %s has the result %s', (mailbox, result) => {
    const [line, ...others] = linesOf([user()], [row(mailbox, 2)]);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ decides: true, result, mappedResult: result, rule: 'mapping' });
  });

  it.each([
    [{ email: 'Ann@X.example' }, 'mailbox', 'Ann@x.example'],
    [{ email: 'ann@home.example' }, 'foreign_address', null],
    [{ email: null }, 'not_mapped', null],
    [{ mobile: 'a sender', number: null }, 'not_mapped', null],
  ])('whom no row maps goes by the e-mail at the source: %o', (traits, result, mailbox) => {
    expect(linesOf([user(traits)], [])).toEqual([
      expect.objectContaining({ decides: true, row: null, result, mailbox, mappedResult: null }),
    ]);
  });

  it('whose mapped mailbox cannot be used has the automatic one, and the row is told all the same', () => {
    const [line] = linesOf([user({ email: 'ann@x.example' })], [row('nobody@x.example', 7)]);
    expect(line).toMatchObject({ result: 'mailbox', rule: 'automatic', mailbox: 'Ann@x.example' });
    expect(line).toMatchObject({ mappedResult: 'mailbox_not_found', row: { row: 7 } });
    const [off] = linesOf([user({ email: 'ann@x.example' })], [row('nobody@x.example', 7)], {
      ...CONTEXT,
      automaticMapping: false,
    });
    expect(off).toMatchObject({ result: 'mailbox_not_found', mailbox: 'nobody@x.example' });
  });

  it('whose number changed hands has a line for each row, and the one that is valid now decides', () => {
    const handed = new Date('2026-11-01T00:00:00Z');
    const rows = [row('nobody@x.example', 2, { to: handed }), row('bob@x.example', 3, { from: handed })];
    expect(linesOf([user()], rows)).toMatchObject([
      { row: { row: 2 }, decides: false, result: 'mailbox_not_found', mappedResult: 'mailbox_not_found' },
      { row: { row: 3 }, decides: true, result: 'mailbox', mailbox: 'Bob@x.example' },
    ]);
  });

  it('whom only a past row maps is told apart from that row', () => {
    const rows = [row('ann@x.example', 2, { to: new Date('2026-11-01T00:00:00Z') })];
    expect(linesOf([user()], rows)).toMatchObject([
      { row: { row: 2 }, decides: false, result: 'mailbox' },
      { row: null, decides: true, result: 'not_mapped' },
    ]);
  });
});

it('a mapped number of nobody has its rows, and no line beside them', () => {
  const handed = new Date('2026-11-01T00:00:00Z');
  const other = number('+442079460000');
  const rows = [row('ann@x.example', 2, { to: handed }), row('guest@x.example', 3, {}, other)];
  const lines = subjectsOfRows(rows, CONTEXT).map((subject) => lineOf(subject, (address) => directory.get(address)));
  expect(lines).toMatchObject([
    { mobile: NUMBER, user: null, decides: false, result: 'mailbox' },
    { mobile: other, user: null, decides: true, result: 'guest' },
  ]);
});

it('throws where the directory was not asked about an address', () => {
  const [subject] = subjectsOfUsers([user()], [row('ann@x.example', 2)], CONTEXT);
  const asked = (_address: MailboxAddress): undefined => undefined;
  expect(() => subject && lineOf(subject, asked)).toThrow(RangeError);
});
