import { validateHeaderValue } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { servedType } from './attachment-type.ts';

describe('an attachment is served', () => {
  it.each(['image/jpeg', 'text/plain; charset=utf-8', 'application/vnd.ms-excel.12+xml', 'text/x;'])('as %s', (type) =>
    expect(servedType(type)).toBe(type),
  );

  it.each(['', ' ', 'x', 'text/', '/x', 'text/x\r\na: b', 'text/x; a=\u0000', 'caf\u00e9/x', `a/${'x'.repeat(255)}`])(
    'as bytes when it was called %j',
    (type) => expect(servedType(type)).toBe('application/octet-stream'),
  );

  it('as something that a header can carry, whatever it was called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => validateHeaderValue('content-type', servedType(`text/${text}`))).not.toThrow();
      }),
    );
  });
});
