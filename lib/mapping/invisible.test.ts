import { expect, test } from 'vitest';
import { hasInvisible, withInvisibleShown, withoutInvisible } from './invisible.ts';

test.each([
  ['\u200B', '‹U+200B›'],
  ['\u200F', '‹U+200F›'],
  ['\u202E', '‹U+202E›'],
  ['\u2066', '‹U+2066›'],
  ['\uFEFF', '‹U+FEFF›'],
  ['\u00AD', '‹U+00AD›'],
  ['\u3164', '‹U+3164›'],
  ['\u0001', '‹U+0001›'],
  ['\u{E0061}', '‹U+E0061›'],
])('%j cannot be seen, and is shown by its code point', (character, shown) => {
  expect(hasInvisible(`a${character}b`)).toBe(true);
  expect(withInvisibleShown(`a${character}b`)).toBe(`a${shown}b`);
  expect(withoutInvisible(`a${character}b`)).toBe('ab');
});

test.each(['', 'a b', 'a\u00A0b', 'a\tb\r\nc', 'é', '電話', '٢٠'])('%j can be seen', (text) => {
  expect(hasInvisible(text)).toBe(false);
  expect(withInvisibleShown(text)).toBe(text);
  expect(withoutInvisible(text)).toBe(text);
});
