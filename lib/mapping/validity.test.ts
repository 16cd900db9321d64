import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseValidity, writeValidity } from './validity.ts';

describe('parseValidity', () => {
  test('a day is the whole day in UTC, the last one included', () => {
    expect(parseValidity('2026-11-01', 'from')).toEqual(new Date('2026-11-01T00:00:00Z'));
    expect(parseValidity('2026-11-30', 'to')).toEqual(new Date('2026-12-01T00:00:00Z'));
  });

  test('a moment is that moment', () => {
    expect(parseValidity('2026-11-01T12:30:00Z', 'to')).toEqual(new Date('2026-11-01T12:30:00Z'));
    expect(parseValidity('2026-11-01 12:30+01:00', 'from')).toEqual(new Date('2026-11-01T11:30:00Z'));
  });

  test.each(["'2026-11-01", '="2026-11-01"', ' 2026-11-01 '])(
    '%j, as spreadsheets are told that it is text',
    (text) => {
      expect(parseValidity(text, 'from')).toEqual(new Date('2026-11-01T00:00:00Z'));
    },
  );

  test('empty is open', () => {
    expect(parseValidity('  ', 'from')).toBeNull();
  });

  test.each(['01/02/2026', '2026-02-30', '2026-13-01', '2026-11-01T25:00Z', '2026-11-01T12:00', 'soon', '45962'])(
    '%j is refused',
    (text) => {
      expect(parseValidity(text, 'from')).toBeUndefined();
    },
  );
});

test('what is written is read back as the same moment', () => {
  const moment = fc.date({
    min: new Date('1990-01-01T00:00:00Z'),
    max: new Date('2100-01-01T00:00:00Z'),
    noInvalidDate: true,
  });
  const day = moment.map((date) => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000));
  fc.assert(
    fc.property(fc.oneof(moment, day), fc.constantFrom('from' as const, 'to' as const), (date, end) => {
      expect(parseValidity(writeValidity(date, end), end)).toEqual(date);
    }),
  );
});
