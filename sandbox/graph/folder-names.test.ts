import { describe, expect, it } from 'vitest';
import { folderNameKey, freeName } from './folder-names.ts';

describe('names of folders', () => {
  it.each([
    ['Inbox', 'INBOX'],
    ['\u00c4rger', '\u00e4rger'],
    ['\u00c4rger', 'A\u0308rger'],
    ['\u0414\u0435\u043b\u0430', '\u0434\u0415\u041b\u0410'],
  ])('%s and %s are one', (one, other) => expect(folderNameKey(one)).toBe(folderNameKey(other)));

  it('are told apart by marks and by letters', () => {
    expect(new Set(['Arger', '\u00c4rger', 'Stra\u00dfe', 'Strasse'].map(folderNameKey)).size).toBe(4);
  });

  it('are numbered where they are taken', () => {
    const taken = new Set(['A', 'A (1)']);
    expect(freeName('A', (name) => taken.has(name))).toBe('A (2)');
    expect(freeName('B', (name) => taken.has(name))).toBe('B');
  });
});
