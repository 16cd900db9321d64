/** Every failure that the engine can meet, and what it means: tried again, the customer's, or ours. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { SourceError, type SourceFailure } from '../archive/source.ts';
import { AppTokenError, type AppTokenFailure } from '../microsoft/app-token.ts';
import { GraphError, type GraphFailure } from '../microsoft/graph-errors.ts';
import { StagingRefusedError, StagingUnavailableError } from '../staging/errors.ts';
import { FeedNeverEndsError } from './feed-bound.ts';
import { type Problem, problemOf } from './problems.ts';
import { mayDeliver, REASONS, STOPPED_BY_SOURCE } from './reasons.ts';

type Row = readonly [class_: Problem['class'], code: string];

const SOURCE: Readonly<Record<SourceFailure, Row>> = {
  invalid_credentials: ['customer', 'invalid_credentials'],
  login_paused: ['transient', 'source_throttled'],
  suspended: ['customer', 'suspended'],
  pin_required: ['customer', 'pin_required'],
  kind_not_ordered: ['customer', 'kind_not_ordered'],
  other_account: ['customer', 'other_account'],
  throttled: ['transient', 'source_throttled'],
  not_settled: ['transient', 'source_throttled'],
  cursor_expired: ['transient', 'source_throttled'],
  unreachable: ['transient', 'source_unreachable'],
  bad_answer: ['transient', 'source_bad_answer'],
  answer_too_large: ['transient', 'source_page_too_large'],
  not_found: ['transient', 'source_bad_answer'],
  attachment_not_ready: ['transient', 'source_bad_answer'],
  attachment_gone: ['transient', 'source_bad_answer'],
  attachment_changed: ['transient', 'source_bad_answer'],
  bad_window: ['ours', 'internal'],
};

const TOKENS: Readonly<Record<AppTokenFailure, Row>> = {
  credential_refused: ['customer', 'app_credential_refused'],
  app_not_in_tenant: ['customer', 'consent_missing'],
  tenant_unknown: ['customer', 'consent_missing'],
  refused: ['customer', 'consent_missing'],
  throttled: ['transient', 'graph_unreachable'],
  unreachable: ['transient', 'graph_unreachable'],
  unexpected: ['transient', 'graph_unreachable'],
};

const GRAPH: Readonly<Record<GraphFailure, Row>> = {
  throttled: ['transient', 'graph_unreachable'],
  unavailable: ['transient', 'graph_unreachable'],
  unreachable: ['transient', 'graph_unreachable'],
  dependency_failed: ['transient', 'graph_unreachable'],
  bad_answer: ['transient', 'graph_unreachable'],
  token_refused: ['transient', 'graph_unreachable'],
  forbidden: ['customer', 'consent_missing'],
  blocked_by_policy: ['customer', 'consent_missing'],
  no_such_user: ['ours', 'internal'],
  no_mailbox: ['ours', 'internal'],
  mailbox_full: ['ours', 'internal'],
  too_large: ['ours', 'internal'],
  folder_exists: ['ours', 'internal'],
  item_not_found: ['ours', 'internal'],
  bad_request: ['ours', 'internal'],
};

const graphError = (failure: GraphFailure, retryAfterSeconds: number | null = null): GraphError =>
  new GraphError({ failure, status: 400, code: 'Code', retryAfterSeconds, requestId: null, inDoubt: false }, 'm');

const databaseError = (code: string): Error => Object.assign(new pg.DatabaseError('m', 1, 'error'), { code });

const rows = <F extends string>(table: Readonly<Record<F, Row>>) => Object.entries(table) as [F, Row][];
const cases: [string, Error, Row][] = [
  ...rows(SOURCE).map(([f, row]): [string, Error, Row] => [`source: ${f}`, new SourceError(f, 'm'), row]),
  ...rows(TOKENS).map(([f, row]): [string, Error, Row] => [`token: ${f}`, new AppTokenError(f, 'm'), row]),
  ...rows(GRAPH).map(([f, row]): [string, Error, Row] => [`Graph: ${f}`, graphError(f), row]),
  ['a feed that never ends', new FeedNeverEndsError(true), ['transient', 'feed_never_ends']],
  ['our storage: away', new StagingUnavailableError('m'), ['transient', 'storage_unreachable']],
  ['our storage: refused', new StagingRefusedError('m'), ['ours', 'internal']],
  ['PostgreSQL: shut down', databaseError('57P01'), ['transient', 'storage_unreachable']],
  ['PostgreSQL: too many connections', databaseError('53300'), ['transient', 'storage_unreachable']],
  ['PostgreSQL: a statement of ours', databaseError('42703'), ['ours', 'internal']],
  [
    'PostgreSQL: nobody listens',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    ['transient', 'storage_unreachable'],
  ],
  [
    'PostgreSQL: the connection broke',
    new Error('Connection terminated unexpectedly'),
    ['transient', 'storage_unreachable'],
  ],
  ['asked to stop', new DOMException('m', 'AbortError'), ['transient', 'internal']],
  ['a fault of ours', new TypeError('m'), ['ours', 'internal']],
];

it.each(cases)('%s', (_name, error, [class_, code]) => {
  const problem = problemOf(error, 0, () => 0);
  expect([problem.class, problem.code]).toEqual([class_, code]);
  expect(Object.keys(REASONS)).toContain(problem.code);
  // What only the customer can mend tells them what to do.
  if (class_ === 'customer') expect(REASONS[problem.code].remedy).not.toBeNull();
});

it('what the source refuses does not keep what is here already from its mailboxes', () => {
  const ofSource = rows(SOURCE).flatMap(([, [class_, code]]) => (class_ === 'customer' ? code : []));
  expect([...STOPPED_BY_SOURCE].sort()).toEqual(ofSource.sort());
  const ofMicrosoft = [...rows(TOKENS), ...rows(GRAPH)].flatMap(([, [class_, code]]) =>
    class_ === 'customer' ? code : [],
  );
  expect(ofMicrosoft.filter(mayDeliver)).toEqual([]);
});

describe('the next try', () => {
  const seconds = (error: unknown, attempts: number, random = 0): number =>
    problemOf(error, attempts, () => random).retrySeconds;

  it('comes later each time, with jitter, and within an hour', () => {
    const error = new SourceError('unreachable', 'm');
    expect([0, 1, 2, 5].map((attempts) => seconds(error, attempts))).toEqual([5, 10, 20, 160]);
    expect(seconds(error, 2, 0.999)).toBeCloseTo(40, 0);
    expect(seconds(error, 1_000, 0.999)).toBeLessThanOrEqual(3_600);
  });

  it('waits for as long as it is asked to', () => {
    expect(seconds(new SourceError('throttled', 'm', 900), 0)).toBe(900);
    expect(seconds(graphError('throttled', 700), 0)).toBe(700);
    expect(seconds(new SourceError('throttled', 'm', 1), 5)).toBe(160);
  });

  it('begins a feed anew at once, does not hurry after a fault of ours, and leaves an endless feed alone', () => {
    expect(seconds(new SourceError('cursor_expired', 'm'), 3)).toBe(0);
    expect(seconds(new TypeError('m'), 0)).toBe(30);
    expect(seconds(new FeedNeverEndsError(true), 0)).toBe(3_600);
  });
});
