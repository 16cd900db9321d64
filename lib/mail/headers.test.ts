import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerValue, mailHeaders } from './headers.ts';

test('there are five, and each name starts with x-', () => {
  const headers = mailHeaders({ itemId: 'i', type: 'sms', direction: 'incoming', conversation: 'c', contentHash: 'h' });
  expect(headers).toHaveLength(5);
  for (const { name } of headers) expect(name).toMatch(/^x-[a-z-]+$/);
});

test('values are visible ASCII of at most 995 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1500, size: 'max' }), (text) => {
      expect(headerValue(text)).toMatch(/^[\x21-\x7e]{0,995}$/);
    }),
    { numRuns: 50 },
  );
});

test('short values can be read back, long ones are told apart', () => {
  expect(decodeURIComponent(headerValue('Grüße 100%\r\n😀'))).toBe('Grüße 100%\r\n😀');
  expect(headerValue('a b%')).toBe('a%20b%25');
  expect(headerValue('x'.repeat(995))).toBe('x'.repeat(995));
  expect(headerValue('x'.repeat(996)).length).toBeLessThanOrEqual(995);
  expect(headerValue(`${'x'.repeat(2000)}1`)).not.toBe(headerValue(`${'x'.repeat(2000)}2`));
});
