import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globPattern, globsMeet } from './globs.ts';

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 });

describe('routes with stars', () => {
  it.each([
    ['*', 'POST /x', true],
    ['POST *', 'GET *', false],
    ['POST */token', '* /tenant/*', true],
    ['*/items', 'GET /v1/archives/*', true],
    ['', '*', true],
    ['', 'a', false],
    ['get /A', 'GET /a', true],
  ])('%s and %s meet: %s', (left, right, meet) => {
    expect(globsMeet(left, right)).toBe(meet);
    expect(globsMeet(right, left)).toBe(meet);
  });

  it('meet wherever a text fits both', () => {
    const stars = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 3 }), {
      minLength: 9,
      maxLength: 9,
    });
    fc.assert(
      fc.property(glob, glob, stars, (left, right, fillings) => {
        let at = 0;
        const text = left.replace(/\*/g, () => fillings[at++] ?? '');
        fc.pre(globPattern(right).test(text));
        expect(globsMeet(left, right)).toBe(true);
      }),
    );
  });

  it('do not meet where no short text fits both', () => {
    const texts = [''];
    for (let at = 0; at < 364; at += 1) for (const one of ['a', 'b', '/']) texts.push(`${texts[at]}${one}`);
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 3 });
    fc.assert(
      fc.property(short, short, (left, right) => {
        const some = texts.some((text) => globPattern(left).test(text) && globPattern(right).test(text));
        expect(globsMeet(left, right)).toBe(some);
      }),
    );
  });
});
