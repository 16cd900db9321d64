import { describe, expect, test } from 'vitest';
import { errorOfAnswer, errorWithoutAnswer, retryAfterOf } from './graph-errors.ts';

const NOW = new Date('2026-11-20T10:00:00Z');
const body = (code: string, message = ''): unknown => ({
  error: { code, message, innerError: { 'request-id': 'r-1', date: '2026-11-20' } },
});

describe('what a refusal means', () => {
  test.each([
    [404, 'Request_ResourceNotFound', 'no_such_user', 'customer'],
    [404, 'ErrorInvalidUser', 'no_such_user', 'customer'],
    [404, 'MailboxNotEnabledForRESTAPI', 'no_mailbox', 'customer'],
    [404, 'ResourceNotFound', 'no_mailbox', 'customer'],
    [403, 'ErrorAccessDenied', 'forbidden', 'customer'],
    [403, 'Authorization_RequestDenied', 'forbidden', 'customer'],
    [404, 'ErrorItemNotFound', 'item_not_found', 'ours'],
    [400, 'ErrorInvalidIdMalformed', 'bad_request', 'ours'],
    [400, 'ErrorFolderExists', 'folder_exists', 'ours'],
    [409, 'ErrorFolderExists', 'folder_exists', 'ours'],
    [409, '', 'folder_exists', 'ours'],
    [507, 'ErrorQuotaExceeded', 'mailbox_full', 'customer'],
    [400, 'ErrorMessageSizeExceeded', 'too_large', 'customer'],
    [413, '', 'too_large', 'customer'],
    [422, 'UnprocessableType', 'bad_request', 'ours'],
    [401, 'InvalidAuthenticationToken', 'token_refused', 'customer'],
    [424, '', 'dependency_failed', 'transient'],
    [429, 'ApplicationThrottled', 'throttled', 'transient'],
    [500, '', 'unavailable', 'transient'],
    [503, '', 'unavailable', 'transient'],
    [504, '', 'unavailable', 'transient'],
  ])('%i %s is %s', (status, code, failure, kind) => {
    const error = errorOfAnswer({ status, headers: {}, body: body(code) }, 'GET', NOW);
    expect(error).toMatchObject({ status, failure, kind, requestId: 'r-1' });
  });

  test('an access policy is told from a missing permission', () => {
    const error = errorOfAnswer(
      { status: 403, headers: {}, body: body('ErrorAccessDenied', 'Access to OData is disabled: [RAOP] …') },
      'GET',
      NOW,
    );
    expect(error?.failure).toBe('blocked_by_policy');
  });

  test.each([undefined, null, 'text', {}, { error: 'x' }, { error: { code: 5 } }, []])(
    'a body of %j is survived',
    (odd) => {
      expect(errorOfAnswer({ status: 502, headers: {}, body: odd }, 'GET', NOW)).toMatchObject({
        code: 'Http502',
        failure: 'unavailable',
      });
    },
  );

  test('success is no error', () => {
    expect(errorOfAnswer({ status: 201, headers: {}, body: {} }, 'POST', NOW)).toBeNull();
  });

  test('the message repeats nothing of the body but its code', () => {
    const error = errorOfAnswer(
      { status: 400, headers: {}, body: body('ErrorInvalidRecipients', 'susan@company.com is not valid') },
      'POST',
      NOW,
    );
    expect(error?.message).not.toContain('susan');
  });
});

describe('whether a write may have happened', () => {
  const doubt = (status: number, headers: Record<string, string>, method = 'POST', code = ''): boolean | undefined =>
    errorOfAnswer({ status, headers, body: body(code) }, method, NOW)?.inDoubt;

  test.each([
    [500, {}, true],
    [502, {}, true],
    [504, {}, true],
    [504, { 'retry-after': '5' }, true],
    [503, {}, true],
    [503, { 'retry-after': '5' }, false],
    [429, {}, false],
    [507, {}, false],
    [400, {}, false],
    [404, {}, false],
  ])('%i %j: %s', (status, headers, expected) => {
    expect(doubt(status, headers)).toBe(expected);
  });

  test('a read leaves no doubt', () => {
    expect(doubt(504, {}, 'GET')).toBe(false);
  });

  test('without an answer it depends on whether anything was sent', () => {
    expect(errorWithoutAnswer('x', 'POST', true).inDoubt).toBe(true);
    expect(errorWithoutAnswer('x', 'POST', false).inDoubt).toBe(false);
    expect(errorWithoutAnswer('x', 'GET', true).inDoubt).toBe(false);
  });
});

describe('Retry-After', () => {
  test.each([
    ['120', 120],
    ['0', 0],
    ['1.2', 2],
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30],
    ['Fri, 20 Nov 2026 09:00:00 GMT', 0],
    ['99999999', 3600],
    ['soon', null],
  ])('%s is %s seconds', (value, seconds) => {
    expect(retryAfterOf({ 'Retry-After': value }, NOW)).toBe(seconds);
  });
});
