import { describe, expect, it } from 'vitest';
import { readFields } from './forms.ts';

describe('the fields of a form or a query', () => {
  it.each([
    [
      { a: '1', b: ['2', '3'] },
      { a: '1', b: '2' },
    ],
    [{ a: [] }, { a: '' }],
    [{ a: 1 }, {}],
    [['a'], {}],
    ['a', {}],
    [null, {}],
    [undefined, {}],
  ])('%j are %j', (sent, fields) => {
    expect(readFields(sent)).toEqual(fields);
  });
});
