import { expect, it } from 'vitest';
import { pathValues } from './document.ts';

it('gives the values of a path decoded, and as they were sent where they are no encoding', () => {
  expect(pathValues('/users/{id}/messages', '/users/a%40b/messages')).toEqual(new Map([['id', 'a@b']]));
  expect(pathValues('/users/{id}', '/users/100%')).toEqual(new Map([['id', '100%']]));
});
