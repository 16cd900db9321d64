import { describe, expect, it } from 'vitest';
import { recent } from './recent.ts';

describe('what is remembered', () => {
  it('is what was used last', () => {
    const numbers = recent<number>(2);
    numbers.set('one', 1);
    numbers.set('two', 2);
    expect(numbers.get('one')).toBe(1);
    numbers.set('three', 3);
    expect(['one', 'two', 'three'].map(numbers.get)).toEqual([1, undefined, 3]);
    numbers.clear();
    expect(numbers.get('one')).toBeUndefined();
  });
});
