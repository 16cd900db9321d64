import { describe, expect, it } from 'vitest';
import { localPath } from './local-path.ts';

const portal = 'https://portal.example';

describe('localPath', () => {
  it('keeps a page of this portal with its query', () => {
    expect(localPath('/data-connectors?search=sms', portal)).toBe('/data-connectors?search=sms');
    expect(localPath('https://portal.example/data-connectors/connectors', portal)).toBe('/data-connectors/connectors');
  });

  it('never leads elsewhere', () => {
    for (const url of [
      'https://evil.example/x',
      '//evil.example',
      '/\\evil.example',
      '/.//evil.example',
      '/a/..//evil.example/x',
      'https://portal.example//evil.example',
      'javascript:alert(1)',
      'http://[',
      '',
    ]) {
      expect(localPath(url, portal)).toBe('/data-connectors');
    }
  });

  it('does not come back to the sign-in page', () => {
    expect(localPath('/sign-in?error=x', portal)).toBe('/data-connectors');
    expect(localPath(undefined, portal)).toBe('/data-connectors');
    expect(localPath(['/a', '/b'], portal)).toBe('/data-connectors');
  });
});
