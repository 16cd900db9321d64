import { expect, it } from 'vitest';
import { addressBlock, clientAddress } from './client-address.ts';

it.each([
  ['203.0.113.7', 1, '203.0.113.7'],
  ['10.0.0.1, 203.0.113.7', 1, '203.0.113.7'],
  ['198.51.100.9, 203.0.113.7, 10.1.1.1', 2, '203.0.113.7'],
  ['2001:db8::7', 1, '2001:db8::7'],
  ['::ffff:127.0.0.1', 1, '::ffff:127.0.0.1'],
  ['<script>', 1, undefined],
  ['203.0.113.7', 2, undefined],
  ['', 1, undefined],
  [null, 1, undefined],
])('of %o behind %i proxies is %o', (forwarded, proxies, address) => {
  expect(clientAddress(forwarded, proxies)).toBe(address);
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:1:2::7', '2001:db8:1:2::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (address, block) => {
  expect(addressBlock(address)).toBe(block);
});
