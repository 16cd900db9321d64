import { describe, expect, test } from 'vitest';
import {
  conversationKey,
  conversationRoot,
  internetMessageId,
  itemIdentity,
  itemPropertyId,
  itemPropertyValue,
} from './identity.ts';

const scope = { organizationId: 'org', kind: 'android-archiver', account: 'acme' };
const others = [
  { ...scope, organizationId: 'other' },
  { ...scope, kind: 'o2-network' },
  { ...scope, account: 'acme2' },
  { organizationId: 'or', kind: 'gandroid-archiver', account: 'acme' },
];

describe('identity', () => {
  test('the message id is the same each time and another in every other account', () => {
    expect(internetMessageId(scope, '7', 'mobile.invalid')).toMatch(/^<[0-9a-f]{64}@mobile\.invalid>$/);
    const ids = [scope, { ...scope }, ...others].map((one) => internetMessageId(one, '7', 'mobile.invalid'));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(5);
  });

  test('the property value ends with the source item id and begins with what tells accounts apart', () => {
    const value = itemPropertyValue(scope, 'msg-7');
    expect(value).toMatch(/^[0-9a-f]{16}\.[0-9a-f]{16}:msg-7$/);
    const values = [scope, ...others].map((one) => itemPropertyValue(one, 'msg-7').slice(0, 16));
    expect(new Set(values).size).toBe(5);
  });

  test('property values differ also where Graph compares without case, and for ids with equal ends', () => {
    const end = 'x'.repeat(300);
    const values = ['abc', 'ABC', `1${end}`, `2${end}`].map((id) => itemPropertyValue(scope, id).toLowerCase());
    expect(new Set(values).size).toBe(4);
    for (const value of values) expect(value.length).toBeLessThanOrEqual(255);
  });

  test('the property id is written as Graph wants it', () => {
    const guid = '6f1d2c3b-4a59-4e68-9d77-8c5b4a392817';
    expect(itemPropertyId({ guid, name: 'AndroidArchiverItemId' })).toBe(`String {${guid}} Name AndroidArchiverItemId`);
  });

  test('no two identities share a text', () => {
    expect(itemIdentity({ ...scope, account: 'a","b' }, 'c')).not.toBe(
      itemIdentity({ ...scope, account: 'a' }, 'b","c'),
    );
  });
});

describe('a conversation', () => {
  const anna = { mobile: '+15550100100' };
  const ben = { mobile: '+15550100101' };
  const cem = { mobile: '+15550100102' };

  test('without an id is known by its participants, whoever wrote', () => {
    const there = conversationKey({ owner: anna, sender: anna, recipients: [cem, ben] });
    const back = conversationKey({ owner: anna, sender: ben, recipients: [anna, cem] });
    expect(there).toBe(back);
    expect(conversationKey({ owner: anna, sender: anna, recipients: [{ mobile: '+1' }] })).not.toBe(there);
  });

  test('with an id is known by it, within its account', () => {
    const key = conversationKey({ conversationId: 'c1', owner: anna, sender: anna, recipients: [ben] });
    expect(key).toBe(conversationKey({ conversationId: 'c1', owner: ben, sender: anna, recipients: [] }));
    const roots = [scope, ...others].map((one) => conversationRoot(one, key, 'mobile.invalid'));
    expect(new Set(roots).size).toBe(5);
    expect(roots[0]).toMatch(/^<conversation-[0-9a-f]{64}@mobile\.invalid>$/);
  });
});
