import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alderByrne } from '../../world/alder-byrne.ts';
import { findArchiverKind } from '../kinds.ts';
import { DAY_MS } from '../rhythm.ts';
import { corpusPhones } from './corpus-phones.ts';

const FROM = Date.UTC(2026, 10, 21, 7);
const TO = FROM + DAY_MS / 2;
const corpus = Array.from({ length: 997 }, (_, at) => ({ text: `text  ${at}\n`, author: String(at % 17) }));
const android = findArchiverKind('android-archiver');
if (android === undefined) throw new Error('no android-archiver');
const phones = corpusPhones({ corpus, tenant: alderByrne, kind: android, from: FROM, to: TO });

describe('phones that speak a corpus', () => {
  const all = [...phones.archivedBetween(FROM, TO)];

  it('say every message once, by its position, text unchanged', () => {
    expect(all.map((one) => one.id)).toEqual(corpus.map((_, at) => String(at + 1)));
    expect(all.map((one) => one.item.text)).toEqual(corpus.map((one) => one.text));
  });

  it('say the same however the time is cut, and behind any message', () => {
    fc.assert(
      fc.property(fc.integer({ min: FROM, max: TO }), fc.nat({ max: all.length - 1 }), (cut, at) => {
        expect([...phones.archivedBetween(FROM, cut), ...phones.archivedBetween(cut, TO)]).toEqual(all);
        expect([...phones.archivedBetween(FROM, TO, all[at])]).toEqual(all.slice(at + 1));
      }),
      { numRuns: 20 },
    );
  });

  it('are spread over the tenant’s people, some of them among each other', () => {
    const registered = new Set(alderByrne.people.map((one) => one.mobile));
    const owners = new Set(all.map((one) => one.item.owner.mobile));
    expect(owners.size).toBeGreaterThan(25);
    const among = all.filter(({ item }) =>
      [item.sender, ...item.recipients].every((one) => registered.has(one.mobile)),
    );
    expect(among.length).toBeGreaterThan(50);
    expect(among.length).toBeLessThan(all.length / 4);
    for (const { item } of all)
      expect(new Set([item.sender.mobile, ...item.recipients.map((one) => one.mobile)]).size).toBe(2);
  });
});
