import fc from 'fast-check';
import { expect, it } from 'vitest';
import { remembered } from './remembered.ts';

it('gives what the function gives, whatever was asked before', () => {
  const ask = (a: string, b: string): string | null => (a === '' ? null : `${a} in ${b}`);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('', 'x', 'y', 'x\ny'), fc.constantFrom('y', 'y\nx'))),
      (questions) => {
        const memory = remembered(3, ask);
        for (const [a, b] of questions) expect(memory(a, b)).toBe(ask(a, b));
      },
    ),
  );
});

it('asks once for what it remembers, null too, and forgets what is oldest', () => {
  const asked: string[] = [];
  const memory = remembered(2, (a: string, b: string) => {
    asked.push(a + b);
    return null;
  });
  for (const a of ['1', '1', '2', '1', '3', '2', '1']) memory(a, '');
  expect(asked).toEqual(['1', '2', '3', '1']);
});
