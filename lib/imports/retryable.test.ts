import { expect, test } from 'vitest';
import { UNDONE_KINDS } from './counts.ts';
import { REASONS } from './reasons.ts';
import { mayBeRetried } from './retryable.ts';

const retryable = UNDONE_KINDS.flatMap((kind) =>
  Object.keys(REASONS).flatMap((reason) => (mayBeRetried(kind, reason) ? [`${kind} ${reason}`] : [])),
);

test('whatever failed may be retried, and of the rest only what lacks an attachment that is here', () => {
  expect(retryable.filter((one) => !one.startsWith('failed '))).toEqual([
    'partial mailbox_full',
    'partial access_denied',
    'partial content_damaged',
    'partial content_missing',
    'partial content_sought',
    'partial content_not_given_again',
    'partial attachment_refused',
  ]);
  expect(retryable.filter((one) => one.startsWith('failed '))).toHaveLength(Object.keys(REASONS).length);
});

test('a remedy that says to retry is offered it', () => {
  const told = Object.entries(REASONS).filter(([, { remedy }]) => remedy !== null && /\bretry\b/i.test(remedy));
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter(([reason]) => !mayBeRetried('failed', reason))).toEqual([]);
});
