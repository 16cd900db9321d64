import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from './errors.ts';
import { checkedRange } from './upload-range.ts';

const expected = { bytes: 10, next: 20, total: 100 };

describe('Content-Range', () => {
  it('is the range where it is the next one', () => {
    expect(checkedRange('bytes 20-29/100', expected)).toEqual({ start: 20, end: 29 });
  });

  it.each([
    undefined,
    '',
    'bytes 20-29',
    'bytes 20-29/*',
    'bytes */100',
    'items 20-29/100',
    'bytes 20-28/100',
    'bytes 20-30/100',
    'bytes 29-20/100',
    'bytes 20-29/101',
    'bytes -1-8/100',
    'bytes 20-99999999999999999999/100',
    ' bytes 20-29/100 ',
  ])('%j does not fit: 400', (header) => {
    expect(() => checkedRange(header, expected)).toThrow(
      expect.objectContaining({ status: 400, code: 'ErrorInvalidContentRange' }),
    );
  });

  it('beyond the end does not fit: 400', () => {
    expect(() => checkedRange('bytes 95-104/100', { ...expected, next: 95 })).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  it.each(['bytes 0-9/100', 'bytes 10-19/100', 'bytes 15-24/100', 'bytes 21-30/100', 'bytes 90-99/100'])(
    '%j is out of order: 416',
    (header) => {
      expect(() => checkedRange(header, expected)).toThrow(expect.objectContaining({ status: 416 }));
    },
  );

  it('is never refused otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'bytes 0123456789-/*'.split('')) }), (header) => {
        try {
          return checkedRange(header, expected).start === 20;
        } catch (error) {
          return error instanceof GraphError;
        }
      }),
    );
  });
});
