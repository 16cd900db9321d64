import { describe, expect, test } from 'vitest';
import { type Item, itemSchema, type Party } from '../archive/item.ts';
import { addressesToLookUp, chooseMailbox, type DirectoryAnswer } from './choose-mailbox.ts';
import { coverageOf, owedToUsers } from './coverage.ts';
import { mappingLookup, type StoredRow } from './lookup.ts';
import { type MailboxAddress, parseAddress } from './mailbox-address.ts';
import { type E164, parseNumber } from './number.ts';
import { type OwedContext, owedParticipants } from './owed.ts';

const e164 = (text: string): E164 => {
  const result = parseNumber(text, 'US');
  if (!result.ok) throw new Error(`${text}: ${result.problem}`);
  return result.number;
};
const address = (text: string): MailboxAddress => {
  const result = parseAddress(text);
  if (!result.ok) throw new Error(`${text}: ${result.problem}`);
  return result.address;
};
const mapped = (number: string, mailbox: string, from: string | null = null, to: string | null = null): StoredRow => ({
  number: e164(number),
  mailbox: address(mailbox),
  row: 2,
  validity: { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) },
});

interface World {
  readonly rows?: readonly StoredRow[];
  readonly registered?: readonly string[];
  readonly automatic?: boolean;
}
const world = ({ rows = [], registered = [], automatic = true }: World = {}): OwedContext => {
  const numbers = new Set(registered);
  return {
    mapping: mappingLookup('version-1', rows),
    isRegistered: (number) => numbers.has(number),
    automaticMapping: automatic,
    verifiedDomains: new Set(['company.com', 'group.company.com']),
    defaultRegion: 'US',
  };
};

const OWNER: Party = { mobile: '+12125550101', email: 'grace@company.com', name: 'Grace' };
const item = (parts: Partial<Item> = {}): Item =>
  itemSchema.parse({
    id: '1',
    type: 'sms',
    direction: 'incoming',
    owner: OWNER,
    sender: { mobile: '+447700900199' },
    recipients: [OWNER],
    messageTime: '2026-11-20T10:00:00.000Z',
    archivedTime: '2026-11-20T10:05:00.000Z',
    ...parts,
  });

/** participant: candidates, or why there is none */
const owed = (of: Item, context: OwedContext): readonly string[] =>
  owedParticipants(of, context).map(
    ({ participant, candidates, problem }) =>
      `${participant}: ${problem ?? candidates.map((one) => `${one.rule} ${one.address}`).join(', ')}`,
  );

describe('who is owed a copy', () => {
  test('the owner, once, however the number is written; an outsider is owed none', () => {
    const recipients = [{ mobile: '(212) 555-0101', email: null, name: null }];
    expect(owed(item({ recipients }), world())).toEqual(['+12125550101: automatic grace@company.com']);
    expect(owedParticipants(item({ recipients }), world())[0]?.roles).toEqual(['owner', 'recipient']);
  });

  test('everybody who is registered or mapped', () => {
    const group = item({
      sender: { mobile: '+12125550102', email: 'ben@company.com' },
      recipients: [OWNER, { mobile: '+12125550103' }, { mobile: '+12125550104' }, { mobile: '+12125550105' }],
    });
    expect(
      owed(
        group,
        world({ registered: ['+12125550102', '+12125550104'], rows: [mapped('+12125550103', 'cleo@company.com')] }),
      ),
    ).toEqual([
      '+12125550101: automatic grace@company.com',
      '+12125550102: automatic ben@company.com',
      '+12125550103: mapping cleo@company.com',
      '+12125550104: not_mapped',
    ]);
  });

  test('the owner is owed one even without a mailbox to look for', () => {
    const owner = { mobile: '+12125550118', email: null, name: null };
    expect(owed(item({ owner, recipients: [owner] }), world())).toEqual(['+12125550118: not_mapped']);
  });

  test('the custom mapping first, then the e-mail; switched off, the mapping alone', () => {
    const rows = [mapped('+12125550101', 'archive@company.com')];
    expect(owed(item(), world({ rows }))).toEqual([
      '+12125550101: mapping archive@company.com, automatic grace@company.com',
    ]);
    expect(owed(item(), world({ rows, automatic: false }))).toEqual(['+12125550101: mapping archive@company.com']);
    expect(owed(item(), world({ automatic: false }))).toEqual(['+12125550101: not_mapped']);
  });

  test('the e-mail property counts in verified domains only', () => {
    const owner = { ...OWNER, email: 'grace@homemail.example' };
    expect(owed(item({ owner, recipients: [owner] }), world())).toEqual(['+12125550101: foreign_address']);
    const other = { ...OWNER, email: 'Grace@Group.Company.com' };
    expect(owed(item({ owner: other, recipients: [other] }), world())).toEqual([
      '+12125550101: automatic grace@group.company.com',
    ]);
  });

  test('the row that is valid at the time of the message decides, not today’s', () => {
    const rows = [
      mapped('+12125550101', 'old@company.com', null, '2026-04-01'),
      mapped('+12125550101', 'new@company.com', '2026-04-01'),
    ];
    const context = world({ rows, automatic: false });
    expect(owed(item({ messageTime: '2026-03-31T23:59:59.999Z' }), context)).toEqual([
      '+12125550101: mapping old@company.com',
    ]);
    expect(owed(item({ messageTime: '2026-04-01T00:00:00.000Z' }), context)).toEqual([
      '+12125550101: mapping new@company.com',
    ]);
    // an impossible time is no time: the one at which it was archived decides
    expect(owed(item({ messageTime: '57300-06-03T18:46:03Z' }), context)).toEqual([
      '+12125550101: mapping new@company.com',
    ]);
  });

  test.each(['62626', 'VERIZON', 'ben@company.com', ''.padEnd(1, '0')])('%j never matches a mapping row', (mobile) => {
    const anything: OwedContext = {
      ...world(),
      mapping: () => ({ mailbox: address('wrong@company.com'), versionId: 'v', row: 2 }),
      isRegistered: () => true,
    };
    const result = owedParticipants(item({ sender: { mobile } }), { ...anything, automaticMapping: false });
    expect(result.map(({ participant }) => participant)).toEqual(['+12125550101']);
  });
});

describe('national numbers', () => {
  const owner = { mobile: '+442079460100', email: null, name: null };
  const british = (sender: string): Item => item({ owner, sender: { mobile: sender }, recipients: [owner] });

  test('are read in the region of the owner’s number, not the connector’s', () => {
    expect(owed(british('07911 123456'), world({ rows: [mapped('+447911123456', 'front@company.com')] }))).toEqual([
      '+442079460100: not_mapped',
      '+447911123456: mapping front@company.com',
    ]);
  });

  test('wait where the connector’s region would give another mapped mailbox', () => {
    // ten digits that are a possible number in either country
    const national = '2125550101';
    const london = parseNumber(national, 'GB');
    if (!london.ok) throw new Error('the example needs two readings');
    const here = mapped(london.number, 'london@company.com');
    const there = mapped('+12125550101', 'newyork@company.com');
    expect(owed(british(national), world({ rows: [here, there] }))[1]).toBe(`${london.number}: ambiguous_number`);
    expect(owed(british(national), world({ rows: [there] }))[1]).toBe(`${london.number}: ambiguous_number`);
    expect(owed(british(national), world({ rows: [here] }))[1]).toBe(`${london.number}: mapping london@company.com`);
    expect(owed(british(national), world({ rows: [here, mapped('+12125550101', 'london@company.com')] }))[1]).toBe(
      `${london.number}: mapping london@company.com`,
    );
  });
});

describe('chooseMailbox', () => {
  const rows = [mapped('+12125550101', 'archive@company.com')];
  const [participant] = owedParticipants(item(), world({ rows }));
  const box = (userId: string): DirectoryAnswer => ({
    kind: 'mailbox',
    userId,
    address: `${userId}@company.com`,
    displayName: userId,
  });
  const choose = (answers: Readonly<Record<string, DirectoryAnswer>>): unknown => {
    if (participant === undefined) throw new Error('nobody is owed a copy');
    return chooseMailbox(participant, (one) => answers[one]);
  };

  test('the mapping wins where its mailbox answers', () => {
    expect(choose({ 'archive@company.com': box('a'), 'grace@company.com': box('g') })).toMatchObject({
      kind: 'mailbox',
      userId: 'a',
      candidate: { rule: 'mapping', versionId: 'version-1', row: 2 },
    });
  });

  test.each(['none', 'guest', 'ambiguous', 'no_mailbox'] as const)(
    'a mapping that gives %s falls back to the e-mail',
    (kind) => {
      expect(choose({ 'archive@company.com': { kind }, 'grace@company.com': box('g') })).toMatchObject({
        kind: 'mailbox',
        userId: 'g',
        candidate: { rule: 'automatic' },
      });
    },
  );

  test('where nobody answers, the mapping’s reason is told', () => {
    expect(choose({ 'archive@company.com': { kind: 'guest' }, 'grace@company.com': { kind: 'none' } })).toMatchObject({
      kind: 'waiting',
      reason: 'guest',
    });
    expect(choose({ 'archive@company.com': { kind: 'none' }, 'grace@company.com': { kind: 'none' } })).toMatchObject({
      reason: 'mailbox_not_found',
    });
  });

  test('a forgotten look-up is no answer', () => {
    expect(() => choose({})).toThrow(RangeError);
  });

  test('addressesToLookUp names each address once', () => {
    const owed = [...owedParticipants(item(), world({ rows })), ...owedParticipants(item(), world({ rows }))];
    expect([...addressesToLookUp(owed)]).toEqual(['archive@company.com', 'grace@company.com']);
  });
});

describe('coverage', () => {
  test('counts registered users with a mailbox and says why the others have none', () => {
    const user = (mobile: string, email: string | null, status: 'activated' | 'deleted' | 'pending' = 'activated') =>
      ({ mobile, email, name: null, status, lastArchivedTime: null }) as const;
    const users = [
      user('+12125550101', 'grace@company.com'),
      user('+12125550118', null),
      user('+12125550119', 'd@homemail.example', 'pending'),
      user('+12125550120', null, 'deleted'),
    ];
    const owedUsers = owedToUsers(users, new Date('2026-11-20T00:00:00Z'), world());
    const coverage = coverageOf(owedUsers, () => ({
      kind: 'mailbox',
      userId: 'g',
      address: 'grace@company.com',
      displayName: 'Grace',
    }));
    expect(coverage).toMatchObject({ registered: 3, withMailbox: 1 });
    expect(
      coverage.without.map(({ user: { mobile }, choice }) => [mobile, choice.kind === 'waiting' && choice.reason]),
    ).toEqual([
      ['+12125550118', 'not_mapped'],
      ['+12125550119', 'foreign_address'],
    ]);
  });
});
