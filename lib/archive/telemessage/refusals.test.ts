import { describe, expect, test } from 'vitest';
import { SourceError } from '../source.ts';
import { refusal, SessionExpired, secondsOf } from './refusals.ts';

const NOW = new Date('2026-11-20T10:00:00Z');

describe('what a refusal means', () => {
  test.each([
    [401, 300, 'invalid_credentials', 'customer'],
    [401, 301, 'invalid_credentials', 'customer'],
    [403, 309, 'suspended', 'customer'],
    [403, 310, 'pin_required', 'customer'],
    [403, 320, 'kind_not_ordered', 'customer'],
    [400, 410, 'cursor_expired', 'transient'],
    [400, 411, 'bad_window', 'ours'],
    [412, 412, 'not_settled', 'transient'],
    [404, 404, 'not_found', 'ours'],
    [410, 413, 'attachment_gone', 'customer'],
    [425, 425, 'attachment_not_ready', 'transient'],
    [429, 400, 'throttled', 'transient'],
    [503, 400, 'throttled', 'transient'],
    [500, 400, 'unreachable', 'transient'],
    [400, 400, 'bad_answer', 'ours'],
    [418, 777, 'bad_answer', 'ours'],
  ])('HTTP %i, result %i: %s', (status, resultCode, failure, kind) => {
    expect(refusal(status, { resultCode, resultDescription: 'X' }, null, NOW)).toMatchObject({ failure, class: kind });
  });

  test('302 is the end of a session, and so is a 401 that says nothing', () => {
    expect(refusal(401, { resultCode: 302, resultDescription: 'SESSION_EXPIRED' }, null, NOW)).toBeInstanceOf(
      SessionExpired,
    );
    expect(refusal(401, undefined, null, NOW)).toBeInstanceOf(SessionExpired);
  });

  test.each([undefined, null, [], 'x', { resultCode: 'x' }, { resultCode: 1.5 }])(
    'a body of %j is survived',
    (body) => {
      expect(refusal(502, body, null, NOW)).toBeInstanceOf(SourceError);
    },
  );

  test('says how long to wait where the site does, and only where waiting helps', () => {
    const wait = (status: number, header: string | null): unknown => {
      const error = refusal(status, { resultCode: 400, resultDescription: '' }, header, NOW);
      return error instanceof SourceError ? error.retryAfterSeconds : 'session';
    };
    expect(wait(429, '40')).toBe(40);
    expect(wait(503, 'Fri, 20 Nov 2026 10:01:00 GMT')).toBe(60);
    expect(wait(425, '20')).toBe(20);
    expect(wait(429, null)).toBeNull();
    expect(wait(400, '40')).toBeNull();
  });

  test('repeats nothing of the site’s words', () => {
    const error = refusal(403, { resultCode: 309, resultDescription: 'susan@company.com is suspended' }, null, NOW);
    expect(error.message).not.toContain('susan');
  });
});

test.each([
  ['0', 0],
  ['999999999', 3600],
  ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
  ['soon', null],
  [null, null],
])('Retry-After %s is %s seconds', (value, seconds) => {
  expect(secondsOf(value, NOW)).toBe(seconds);
});
