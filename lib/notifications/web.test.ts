import { expect, it } from 'vitest';
import { mayConnect } from './addresses.ts';
import { createWeb } from './web.ts';

const web = createWeb({ hosts: ['hooks.example', 'other.example:8443'], privateHosts: ['monitor.corp:443'] });

it('takes https addresses of listed hosts, with the port that is listed', () => {
  expect(web.problemOf('https://hooks.example/a?b=c')).toBeNull();
  expect(web.problemOf('https://HOOKS.example:443/')).toBeNull();
  expect(web.problemOf('https://other.example:8443/')).toBeNull();
  expect(web.problemOf('https://monitor.corp/')).toBeNull();
});

it.each([
  ['hooks.example', 'not_a_url'],
  ['http://hooks.example/', 'not_https'],
  ['https://ada:secret@hooks.example/', 'has_credentials'],
  ['https://hooks.example:8443/', 'host_not_allowed'],
  ['https://other.example/', 'host_not_allowed'],
  ['https://hooks.example.evil.example/', 'host_not_allowed'],
  ['https://evil.example/?hooks.example', 'host_not_allowed'],
  ['https://127.0.0.1/', 'host_not_allowed'],
])('refuses %s', (url, problem) => {
  expect(web.problemOf(url)).toBe(problem);
});

it.each(['10.1.2.3', '192.168.0.1', '172.31.0.1', '127.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1', '100.64.0.1'])(
  'connects to %s for private hosts only',
  (address) => {
    expect([mayConnect(address, false), mayConnect(address, true)]).toEqual([false, true]);
  },
);

it.each(['169.254.169.254', '0.0.0.0', '::', 'fe80::1', '224.0.0.1', '255.255.255.255', '::ffff:169.254.169.254', 'x'])(
  'connects to %s for nobody',
  (address) => {
    expect([mayConnect(address, false), mayConnect(address, true)]).toEqual([false, false]);
  },
);

it.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])('connects to %s', (address) => {
  expect(mayConnect(address, false)).toBe(true);
});

it('asks nothing of a host that is not listed any more', async () => {
  expect(await web.send('https://gone.example/', { method: 'GET' })).toEqual({
    ok: false,
    answer: 'The operator does not allow this host any more',
  });
});
