/**
 * What a failure means for an import, in the three classes of the product: transient ones are tried again with backoff
 * and jitter, the customer's stop the connector with one alert instead of a storm, ours are logged loudly and tried again.
 */
import { SourceError, type SourceFailure } from '../archive/source.ts';
import { AppTokenError } from '../microsoft/app-token.ts';
import { GraphError } from '../microsoft/graph-errors.ts';
import type { ImportDeps } from './deps.ts';
import { FeedNeverEndsError } from './feed-bound.ts';
import type { ReasonCode } from './reasons.ts';
import type { RunningConnector } from './store/connectors.ts';

export interface Problem {
  readonly code: ReasonCode;
  readonly class: 'transient' | 'customer' | 'ours';
  readonly retrySeconds: number;
}

const SOURCE_REASONS: Partial<Record<SourceFailure, ReasonCode>> = {
  invalid_credentials: 'invalid_credentials',
  suspended: 'suspended',
  pin_required: 'pin_required',
  kind_not_ordered: 'kind_not_ordered',
  throttled: 'source_throttled',
  unreachable: 'source_unreachable',
  not_settled: 'source_throttled',
  cursor_expired: 'source_throttled',
  bad_answer: 'source_bad_answer',
  answer_too_large: 'source_page_too_large',
};

/** Reading a list that does not end costs the source as much as a whole window. */
const FEED_PAUSE_SECONDS = 3600;

/** Classifies a failure. Pure but for the jitter, which is a parameter. */
export function problemOf(error: unknown, attempts: number, random: () => number): Problem {
  const backoff = Math.min(10 * 2 ** Math.min(attempts, 9), 3600) * (0.5 + random() / 2);
  if (error instanceof SourceError) {
    const code = SOURCE_REASONS[error.failure] ?? 'source_bad_answer';
    const retrySeconds = error.failure === 'cursor_expired' ? 0 : Math.max(error.retryAfterSeconds ?? 0, backoff);
    return {
      code,
      class: error.class === 'customer' && code !== 'source_bad_answer' ? 'customer' : 'transient',
      retrySeconds,
    };
  }
  if (error instanceof AppTokenError) {
    if (error.failure === 'credential_refused')
      return { code: 'app_credential_refused', class: 'customer', retrySeconds: backoff };
    if (error.kind === 'customer') return { code: 'consent_missing', class: 'customer', retrySeconds: backoff };
    return { code: 'graph_unreachable', class: 'transient', retrySeconds: backoff };
  }
  if (error instanceof GraphError) {
    const retrySeconds = Math.max(error.retryAfterSeconds ?? 0, backoff);
    if (error.failure === 'forbidden') return { code: 'consent_missing', class: 'customer', retrySeconds };
    return { code: 'graph_unreachable', class: 'transient', retrySeconds };
  }
  if (error instanceof FeedNeverEndsError) {
    return { code: 'feed_never_ends', class: 'transient', retrySeconds: Math.max(backoff, FEED_PAUSE_SECONDS) };
  }
  return { code: 'internal', class: 'ours', retrySeconds: Math.max(backoff, 30) };
}

/** Classifies a failure, logs it without content, and stops the connector where only the customer can mend it. */
export async function handleProblem(
  deps: ImportDeps,
  connector: RunningConnector,
  error: unknown,
  attempts: number,
): Promise<Problem> {
  const problem = problemOf(error, attempts, deps.random);
  const log = deps.log.child({ connectorId: connector.id, organizationId: connector.organizationId });
  const err = error instanceof Error ? { name: error.name, message: error.message } : { name: 'unknown' };
  if (problem.class === 'ours') {
    log.error({ ...err, stack: error instanceof Error ? error.stack : undefined }, 'import failed by a fault of ours');
  } else {
    log.warn({ ...err, code: problem.code, retrySeconds: Math.round(problem.retrySeconds) }, 'import cannot go on now');
  }
  if (problem.class === 'customer') {
    await deps.ledger.stopConnector(connector.organizationId, connector.id, problem.code);
  }
  return problem;
}
