import { describe, expect, test } from 'vitest';
import { MICROSOFT_CLOUDS, microsoftHosts } from './clouds.ts';

describe('microsoftHosts', () => {
  test.each(MICROSOFT_CLOUDS)('%s: every host is Microsoft’s', (cloud) => {
    const hosts = microsoftHosts(cloud);
    expect(hosts.foreignHosts).toEqual([]);
    expect(hosts.graphScope).toBe(`${hosts.graphUrl}/.default`);
  });

  test('an override is named as foreign, with its port, and changes no audience', () => {
    expect(
      microsoftHosts('public', { graphUrl: 'https://localhost:4444/', authority: 'https://localhost:4443' }),
    ).toEqual({
      graphUrl: 'https://localhost:4444',
      authority: 'https://localhost:4443',
      graphScope: 'https://graph.microsoft.com/.default',
      foreignHosts: ['localhost:4444', 'localhost:4443'],
    });
  });

  test('a host of another cloud is foreign, too', () => {
    expect(microsoftHosts('gcc-high', { graphUrl: 'https://graph.microsoft.com' }).foreignHosts).toEqual([
      'graph.microsoft.com',
    ]);
  });

  test.each(['http://localhost:4444', 'graph.microsoft.com', 'https://graph.microsoft.com.evil.example'])(
    '%s',
    (graphUrl) => {
      if (graphUrl.startsWith('https'))
        expect(microsoftHosts('public', { graphUrl }).foreignHosts).toEqual(['graph.microsoft.com.evil.example']);
      else expect(() => microsoftHosts('public', { graphUrl })).toThrow(RangeError);
    },
  );
});
