import { expect, test } from 'vitest';
import { findIn, forbidden } from './tracked-files.ts';

const rules = forbidden('/srv/checkout');
const lines = (text: string) => findIn(text, rules).map(({ line }) => line);

test.each([
  [`      "${'resolved'}": "https://example.org/a.tgz",`],
  [`npm config set registry https://${'registry'}.npmjs.org`],
  ['cd /srv/checkout && npm test'],
  [`see ${'/'}root/notes.md`],
])('%s is found', (text) => {
  expect(lines(`first\n${text}`)).toEqual([2]);
});

test.each([['/srv/checkouts-of-others'], ['https://example.org/root/page'], ['a resolved promise'], ['./root/x']])(
  '%s is not',
  (text) => {
    expect(lines(text)).toEqual([]);
  },
);
