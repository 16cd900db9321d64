import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

const nested = (depth: number, core: string): string => '{"b":1,"a":['.repeat(depth) + core + ']}'.repeat(depth);

test('the same content gives the same bytes, in whichever order its members came', () => {
  expect(canonicalJson(JSON.parse('{"b":[{"d":1,"c":null}],"a":"x"}'))).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
});

test('names that are numbers, or that objects have a meaning for, are members like any other', () => {
  const text = '{"__proto__":{"b":1,"a":2},"constructor":0,"b":1,"10":2,"9":3,"01":4,"toJSON":5}';
  const expected = '{"9":3,"10":2,"01":4,"__proto__":{"a":2,"b":1},"b":1,"constructor":0,"toJSON":5}';
  expect(canonicalJson(JSON.parse(text))).toBe(expected);
});

test('what is nested deeper than the call stack is written like anything else', () => {
  const depth = 200_000;
  const written = canonicalJson(JSON.parse(nested(depth, '')));
  expect(written === '{"a":['.repeat(depth) + '],"b":1}'.repeat(depth)).toBe(true);
});

test('any JSON, nested deep, is read back as it was', () => {
  const depth = 20_000;
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (core) => {
      const written = canonicalJson(JSON.parse(nested(depth, core)));
      expect(written.slice(6 * depth, -8 * depth)).toBe(canonicalJson(JSON.parse(core)));
    }),
    { numRuns: 30 },
  );
});
