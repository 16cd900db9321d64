import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from './html-text.ts';

const words = (html: string) => textOf(html).split(/\s+/).filter(Boolean).join(' ');

describe('the text of HTML', () => {
  it.each([
    ['<p>Hello <b>you</b></p>', 'Hello you'],
    ['<style>p { color: red }</style><p>seen</p>', 'seen'],
    ['<STYLE type="text/css">x</style>seen', 'seen'],
    ['<styled>seen</styled>', 'seen'],
    ['<style>never ends', ''],
    ['1 < 2', '1 < 2'],
    ['<a', '<a'],
    ['', ''],
  ])('%j is %j', (html, text) => expect(words(html)).toBe(text));

  it('has no tags left', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', 'a', '<style>', '</style>') }), (html) => {
        return !/<[^>]*>/.test(textOf(html));
      }),
    );
  });
});
