import { expect, test } from 'vitest';
import { fromOurPage } from './from-our-page.ts';

const PORTAL = 'https://portal.example/base';

test.each([
  ['a script of ours', { origin: 'https://portal.example' }, true],
  ['a form of ours', { origin: 'null', 'sec-fetch-site': 'same-origin' }, true],
  ['a script of another site', { origin: 'https://evil.example' }, false],
  [
    'a script of another site that says it is ours',
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    false,
  ],
  ['a form of another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }, false],
  ['a form of a site beside ours', { origin: 'null', 'sec-fetch-site': 'same-site' }, false],
  ['a form in a browser that says nothing', { origin: 'null' }, false],
  ['what is no browser', {}, false],
])('%s', (_who, headers, expected) => {
  expect(fromOurPage(new Headers(headers), PORTAL)).toBe(expected);
});
