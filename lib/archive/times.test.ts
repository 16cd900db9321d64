import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageTime, parseTime } from './times.ts';

const archivedTime = '2026-11-21T06:14:05.250Z';

describe('messageTime', () => {
  test.each([
    ['its own time', '2026-11-20T23:00:00Z', '2026-11-20T23:00:00.000Z'],
    ['its own time with an offset', '2026-11-20T23:00:00.5+02:00', '2026-11-20T21:00:00.500Z'],
    ['a time without a zone as UTC', '2026-11-20 23:00:00', '2026-11-20T23:00:00.000Z'],
    ['a time without a zone as UTC, with a T', '2026-11-20T23:00:00', '2026-11-20T23:00:00.000Z'],
    ['a time without seconds', '2026-11-20T23:00Z', '2026-11-20T23:00:00.000Z'],
    ['the first moment of 1990', '1990-01-01T00:00:00Z', '1990-01-01T00:00:00.000Z'],
    ['a phone that runs a day ahead', '2026-11-22T06:14:05.250Z', '2026-11-22T06:14:05.250Z'],
  ])('takes %s', (_what, own, expected) => {
    const time = messageTime({ messageTime: own, archivedTime });
    expect([time.sentAt.toISOString(), time.impossible]).toEqual([expected, false]);
  });

  test.each([
    '57300-06-03T18:46:03Z',
    '+057300-06-03T18:46:03Z',
    '1970-01-01T00:00:00Z',
    '1989-12-31T23:59:59.999Z',
    '2026-11-22T06:14:05.251Z',
    '2026-02-30T10:00:00Z',
    '2026-11-20T24:00:01Z',
    '2026-11-20',
    'Fri Nov 20 2026',
    'soon',
    '',
  ])('takes the arrival for "%s"', (own) => {
    const time = messageTime({ messageTime: own, archivedTime });
    expect([time.sentAt.toISOString(), time.impossible]).toEqual([archivedTime, true]);
  });

  test('an arrival before 1990 is no time for a mailbox either', () => {
    const time = messageTime({ messageTime: 'x', archivedTime: '0001-01-01T00:00:00Z' });
    expect(time.sentAt.toISOString()).toBe('1990-01-01T00:00:00.000Z');
  });
});

test('parseTime knows leap years', () => {
  expect(parseTime('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
  expect(parseTime('2026-02-29T00:00:00Z')).toBeNull();
});

test('the usual form is a time exactly where the calendar has it', () => {
  const about = (most: number) => fc.integer({ min: 0, max: most });
  const digits = (value: number, count: number): string => String(value).padStart(count, '0');
  const fields = fc.tuple(fc.integer({ min: 100, max: 9999 }), about(13), about(32), about(25), about(61), about(61));
  fc.assert(
    fc.property(fields, fc.option(about(999)), ([year, month, day, hour, minute, second], ms) => {
      const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
      const time = `${digits(hour, 2)}:${digits(minute, 2)}:${digits(second, 2)}`;
      const whole = `${date}T${time}.${digits(ms ?? 0, 3)}Z`;
      const parsed = new Date(whole);
      const exists = !Number.isNaN(parsed.getTime()) && parsed.toISOString() === whole;
      expect(parseTime(ms === null ? `${date}T${time}Z` : whole)).toBe(exists ? parsed.getTime() : null);
    }),
    { numRuns: 2_000 },
  );
});

test.each(['2026-11-2 T06:14:05Z', '2026-11-21T06:14:0xZ', '2026-11-21T06:14:05.2 0Z', '2026/11/21T06:14:05Z'])(
  '%s is no time',
  (text) => expect(parseTime(text)).toBeNull(),
);
