import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alderByrne } from '../world/alder-byrne.ts';
import { kestrelBank } from '../world/tenants.ts';
import { generatedPhones } from './generated.ts';
import { comparePositions, type FeedEntry, type Phones } from './item.ts';
import { type ArchiverKind, archiverKinds, findArchiverKind } from './kinds.ts';
import { DAY_MS } from './rhythm.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

function kind(id: string): ArchiverKind {
  const found = findArchiverKind(id);
  if (found === undefined) throw new Error(`no kind ${id}`);
  return found;
}

const android = (itemsPerDay: number, seed = 1): Phones =>
  generatedPhones({ seed, tenant: alderByrne, kind: kind('android-archiver'), itemsPerDay });

const places = (entries: Iterable<FeedEntry>): string[] =>
  [...entries].map((one) => `${one.at} ${one.id} ${one.occurrence}`);
const items = (phones: Phones, from: number, to: number) =>
  [...phones.archivedBetween(from, to)].map((one) => one.item);

describe('a window of the feed', () => {
  it('holds the same entries however it is cut', () => {
    const phones = android(2_000);
    const offset = fc.integer({ min: 0, max: 6 * 3_600_000 });
    fc.assert(
      fc.property(offset, offset, offset, (one, two, three) => {
        const [a = 0, b = 0, c = 0] = [one, two, three].sort((x, y) => x - y).map((ms) => NOON + ms);
        const whole = [...phones.archivedBetween(a, c)];
        const parts = [...phones.archivedBetween(a, b), ...phones.archivedBetween(b, c)];
        expect(parts).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on behind any entry as if it had never stopped', () => {
    const phones = android(3_000);
    const [from, to] = [NOON, NOON + 3_600_000];
    const whole = [...phones.archivedBetween(from, to)];
    expect(whole.length).toBeGreaterThan(100);
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (at) => {
        expect(places(phones.archivedBetween(from, to, whole[at]))).toEqual(places(whole.slice(at + 1)));
      }),
      { numRuns: 30 },
    );
  });

  it('is ordered by arrival and stays inside its bounds', () => {
    const entries = [...android(5_000).archivedBetween(NOON, NOON + DAY_MS / 2)];
    entries.forEach((entry, at) => {
      const next = entries[at + 1];
      if (next !== undefined) expect(comparePositions(entry, next)).toBeLessThan(0);
      expect(Date.parse(entry.item.archivedTime)).toBe(entry.at);
    });
    expect(entries.every((one) => one.at >= NOON && one.at < NOON + DAY_MS / 2)).toBe(true);
  });

  it('is another one for another seed, tenant, kind or number of items', () => {
    const from = NOON - DAY_MS;
    const base = { seed: 1, tenant: alderByrne, kind: kind('android-archiver'), itemsPerDay: 200 };
    const ids = [
      base,
      { ...base, seed: 2 },
      { ...base, tenant: kestrelBank },
      { ...base, kind: kind('o2-network') },
      { ...base, itemsPerDay: 201 },
    ].map((options) => [...generatedPhones(options).archivedBetween(from, NOON)][0]?.id.split('-')[0]);
    expect(new Set(ids).size).toBe(5);
  });

  it.each([10, 200, 5_000])('holds about %i items a day', (itemsPerDay) => {
    const days = itemsPerDay < 100 ? 60 : 6;
    const count = items(android(itemsPerDay), NOON - days * DAY_MS, NOON).length / days;
    expect(count / itemsPerDay).toBeGreaterThan(0.7);
    expect(count / itemsPerDay).toBeLessThan(1.3);
  });

  it('begins at any place of a feed of a million a day without making what lies before', () => {
    const entries = android(1_000_000)
      .archivedBetween(NOON + 17_000, NOON + DAY_MS)
      [Symbol.iterator]();
    for (let at = 0; at < 1_000; at += 1) expect(entries.next().done).toBe(false);
  });
});

describe('ids', () => {
  it('are unique but for the items that come twice, and those are equal', () => {
    const entries = [...android(1_000).archivedBetween(NOON - 7 * DAY_MS, NOON)];
    const byId = Map.groupBy(entries, (one) => one.id);
    const repeated = [...byId.values()].filter((group) => group.length > 1);
    expect(repeated.length).toBeGreaterThan(0);
    for (const [first, ...more] of repeated) for (const other of more) expect(other.item).toEqual(first?.item);
    expect(entries.filter((one) => one.occurrence === 0).length).toBe(byId.size);
  });
});

describe('what the phones say', () => {
  const week = items(android(400), NOON - 7 * DAY_MS, NOON);

  it('is of the types that the archiver takes, but for a rare unknown one', () => {
    const types = new Set(week.map((item) => item.type));
    expect(types).toEqual(new Set(['sms', 'mms', 'voiceCall', 'callLog', 'liveLocation']));
    expect(week.filter((item) => item.type === 'liveLocation').length / week.length).toBeLessThan(0.02);
  });

  it.each(archiverKinds)('suits $name', (archiver) => {
    const said = items(
      generatedPhones({ seed: 1, tenant: alderByrne, kind: archiver, itemsPerDay: 300 }),
      NOON - 3 * DAY_MS,
      NOON,
    );
    const known = said.filter((item) => item.type !== 'liveLocation');
    expect(known.some((item) => item.type === archiver.text)).toBe(true);
    expect(known.some((item) => item.type === archiver.media)).toBe(archiver.media !== null);
    expect(known.some((item) => item.type === 'voiceCall')).toBe(archiver.recordings);
    expect(known.some((item) => item.type === 'callLog')).toBe(archiver.callLogs);
    expect(known.some((item) => item.type === 'deletedMessage')).toBe(archiver.deletions);
  });

  it('names the owner among the parties, on the right side', () => {
    for (const item of week) {
      const own = item.direction === 'outgoing' ? [item.sender] : item.recipients;
      expect(own.map((party) => party.mobile)).toContain(item.owner.mobile);
    }
  });

  it('comes only from phones whose account is activated', () => {
    const activated = alderByrne.people.filter((one) => one.telemessageStatus === 'activated').map((one) => one.mobile);
    for (const item of week) expect(activated).toContain(item.owner.mobile);
    expect(new Set(week.map((item) => item.owner.mobile)).size).toBeGreaterThan(30);
  });

  it('has groups, other scripts, and peers of every form', () => {
    const peers = new Set(week.filter((item) => item.direction === 'incoming').map((item) => item.sender.mobile));
    const some = (pattern: RegExp): boolean => [...peers].some((mobile) => pattern.test(mobile));
    expect(some(/^\+\d{8,15}$/)).toBe(true);
    expect(some(/^(\(\d{3}\) |0)/)).toBe(true);
    expect(some(/^\d{5}$/)).toBe(true);
    expect(some(/^[A-Za-z]+$/)).toBe(true);
    expect(some(/@/)).toBe(true);
    expect(week.some((item) => item.groupName !== null && item.recipients.length > 1)).toBe(true);
    const text = week.map((item) => item.text).join(' ');
    for (const script of [
      /\p{Script=Hebrew}/u,
      /\p{Script=Arabic}/u,
      /\p{Script=Hiragana}/u,
      /\p{Script=Devanagari}/u,
      /\p{Extended_Pictographic}/u,
      /[äöüß]/,
      /[éèç]/,
    ]) {
      expect(script.test(text), String(script)).toBe(true);
    }
    expect(/[{}]/.test(text)).toBe(false);
  });

  it('comes in copies from several phones, with and without a common messageKey', () => {
    const copies = [...Map.groupBy(week, (item) => item.id.slice(0, -1)).values()].filter(
      (group) => new Set(group.map((item) => item.owner.mobile)).size > 1,
    );
    const keyed = copies.filter(([first]) => first?.messageKey !== null);
    expect(keyed.length).toBeGreaterThan(0);
    expect(keyed.length).toBeLessThan(copies.length);
    for (const group of keyed) expect(new Set(group.map((item) => item.messageKey)).size).toBe(1);
    const keys = week.flatMap((item) => item.messageKey ?? []);
    expect(new Set(keys).size).toBe(new Set(keyed.map(([first]) => first?.messageKey)).size);
  });

  it('goes on over days in one conversation', () => {
    const days = Map.groupBy(week, (item) => item.conversationId);
    const longest = Math.max(
      ...[...days.values()].map((group) => new Set(group.map((item) => item.archivedTime.slice(0, 10))).size),
    );
    expect(longest).toBeGreaterThanOrEqual(3);
  });

  it('arrives late now and then, and shows the impossible date', () => {
    const late = week.filter((item) => Date.parse(item.archivedTime) - Date.parse(item.messageTime) > DAY_MS);
    expect(late.length).toBeGreaterThan(0);
    expect(week.map((item) => item.messageTime)).toContain('57300-06-03T18:46:03Z');
    expect(week.some((item) => 'xDevice' in item)).toBe(true);
  });

  it('has calls of every outcome, as long as their recordings', () => {
    const calls = week.flatMap((item) => (item.call === null ? [] : [{ item, call: item.call }]));
    expect(new Set(calls.map(({ call }) => call.status))).toEqual(
      new Set(['answered', 'missed', 'rejected', 'voicemail']),
    );
    for (const { item, call } of calls.filter((one) => one.item.type === 'voiceCall')) {
      expect(item.attachments[0]?.size).toBe(44 + call.durationMs * 16);
      expect(Date.parse(call.endTime ?? '') - Date.parse(call.startTime)).toBe(call.durationMs);
    }
    for (const { item } of calls.filter((one) => one.item.type === 'callLog')) expect(item.attachments).toEqual([]);
  });
});

describe('attachments', () => {
  const phones = android(400);
  const attached = items(phones, NOON - 7 * DAY_MS, NOON).flatMap((item) => item.attachments);

  it('are of every sort, one of them above 10 MB', () => {
    const types = new Set(attached.map((one) => one.contentType));
    expect(types).toEqual(
      new Set(['image/png', 'image/jpeg', 'audio/wav', 'application/pdf', 'text/vcard', 'video/mp4']),
    );
    expect(Math.max(...attached.map((one) => one.size))).toBeGreaterThan(10 * 1024 * 1024);
  });

  it('are found by their id with the size and hash that the item says', () => {
    for (const entry of attached.slice(0, 50)) {
      const found = phones.attachment(entry.id);
      expect(found?.entry).toEqual(entry);
      expect(found?.content.size).toBe(entry.size);
      expect(found?.content.sha256).toBe(entry.sha256);
    }
  });

  it('are nobody else’s and none that was never archived', () => {
    const [first] = attached;
    expect(
      generatedPhones({ seed: 1, tenant: kestrelBank, kind: kind('android-archiver'), itemsPerDay: 400 }).attachment(
        first?.id ?? '',
      ),
    ).toBeNull();
    for (const id of ['', 'x', '../../etc', `${first?.id}x`, first?.id.replace(/.\.1$/, 'z.1') ?? '']) {
      expect(phones.attachment(id)).toBeNull();
    }
  });
});

describe('what a reader would notice', () => {
  const week = items(android(400), NOON - 7 * DAY_MS, NOON);

  it('nobody has two names', () => {
    const names = new Map<string, Set<string>>();
    for (const { sender, recipients } of week) {
      for (const { mobile, name } of [sender, ...recipients]) {
        if (name !== null && name !== mobile) names.set(mobile, (names.get(mobile) ?? new Set()).add(name));
      }
    }
    expect([...names].filter(([, known]) => known.size > 1)).toEqual([]);
    expect(new Set([...names.values()].flatMap((known) => [...known])).size).toBeGreaterThan(60);
  });

  it('a number is written as inside a country only on a phone of that country', () => {
    const national = week.flatMap(({ owner, sender, recipients }) =>
      [sender, ...recipients].filter(({ mobile }) => /^[(0]/.test(mobile)).map(({ mobile }) => ({ owner, mobile })),
    );
    expect(national.length).toBeGreaterThan(10);
    for (const { owner, mobile } of national) {
      expect(owner.mobile.startsWith(mobile.startsWith('(') ? '+1' : '+4'), `${mobile} at ${owner.mobile}`).toBe(true);
    }
  });

  it('what is written after a call suits it', () => {
    const missed = week.filter((item) => /^(Missed you|Tried to reach)/.test(item.text ?? ''));
    expect(missed.length).toBeGreaterThan(0);
    for (const written of missed) {
      const before = week.find((item) => item.id === written.id.replace(/-\w+$/, '-0a'));
      expect(before).toMatchObject({ direction: 'outgoing', call: { status: expect.not.stringMatching('answered') } });
    }
  });
});
