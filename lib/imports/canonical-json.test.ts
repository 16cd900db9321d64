import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

const nested = (depth: number, core: string): string => '{"b":1,"a":['.repeat(depth) + core + ']}'.repeat(depth);

test('the same content gives the same bytes, in whichever order its members came', () => {
  expect(canonicalJson(JSON.parse('{"b":[{"d":1,"c":null}],"a":"x"}'))).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
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
