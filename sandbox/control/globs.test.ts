import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher, globsMeet } from './globs.ts';

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 7 });

describe('routes with stars', () => {
  it.each([
    ['POST /v1.0/users/*', 'post /V1.0/users/x/messages', true],
    ['POST /v1.0/users/*', 'POST /v1.0/users', false],
    ['*/token', 'POST /x/token', true],
    ['*/token', 'POST /token/x', false],
    ['a*a', 'a', false],
    ['a**b*', 'a-b', true],
    ['a*bc*cd', 'abcd', false],
    ['', '', true],
    ['a.c', 'abc', false],
  ])('%s fits %s: %s', (glob, text, fits) => expect(globMatcher(glob)(text)).toBe(fits));

  it('fit what fits the regular expression that they mean', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 9 });
    fc.assert(
      fc.property(glob, text, (route, path) => {
        const meant = new RegExp(`^${route.replaceAll('*', '.*')}$`);
        expect(globMatcher(route)(path)).toBe(meant.test(path));
      }),
    );
  });

  it('hold nothing up, however many stars', () => {
    const route = `${'*a'.repeat(30)}*b`;
    expect(globMatcher(route)('a'.repeat(60))).toBe(false);
    expect(globsMeet(route, '*'.repeat(300))).toBe(true);
  });

  it.each([
    ['GET /x/*/items', true],
    ['GET /x/a/items', true],
    ['* /x/*', true],
    ['GET /x/a/b/items', false],
    ['GET /x/items', false],
  ])('%s and a place with {} for a segment meet: %s', (route, meet) => {
    expect(globsMeet(route, 'GET /x/{}/items')).toBe(meet);
    expect(globsMeet('GET /x/{}/items', route)).toBe(meet);
  });

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
        fc.pre(globMatcher(right)(text));
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
        const some = texts.some((text) => globMatcher(left)(text) && globMatcher(right)(text));
        expect(globsMeet(left, right)).toBe(some);
      }),
    );
  });
});
