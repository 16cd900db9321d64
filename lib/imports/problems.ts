/**
 * What a failure means for an import, in the three classes of the product: transient ones are tried again with backoff
 * and jitter, the customer's stop the connector with one alert instead of a storm, ours are logged loudly and tried again.
 */
import { SourceError, type SourceFailure } from '../archive/source.ts';
import { isDatabaseAway } from '../db.ts';
import { AppTokenError, type AppTokenFailure } from '../microsoft/app-token.ts';
import { GraphError, type GraphFailure } from '../microsoft/graph-errors.ts';
import { StagingUnavailableError } from '../staging/errors.ts';
import type { ImportDeps } from './deps.ts';
import { FeedNeverEndsError } from './feed-bound.ts';
import type { ReasonCode } from './reasons.ts';
import type { RunningConnector } from './store/connectors.ts';

export interface Problem {
  readonly code: ReasonCode;
  readonly class: 'transient' | 'customer' | 'ours';
  readonly retrySeconds: number;
}

type Verdict = Pick<Problem, 'code' | 'class'>;

const transient = (code: ReasonCode): Verdict => ({ code, class: 'transient' });
const customer = (code: ReasonCode): Verdict => ({ code, class: 'customer' });
const ours: Verdict = { code: 'internal', class: 'ours' };

/** What a source's failure means for an import. What one attachment alone can meet says nothing of the source. */
const OF_SOURCE: Readonly<Record<SourceFailure, Verdict>> = {
  invalid_credentials: customer('invalid_credentials'),
  suspended: customer('suspended'),
  pin_required: customer('pin_required'),
  kind_not_ordered: customer('kind_not_ordered'),
  other_account: customer('other_account'),
  throttled: transient('source_throttled'),
  login_paused: transient('source_throttled'),
  not_settled: transient('source_throttled'),
  cursor_expired: transient('source_throttled'),
  unreachable: transient('source_unreachable'),
  bad_answer: transient('source_bad_answer'),
  answer_too_large: transient('source_page_too_large'),
  not_found: transient('source_bad_answer'),
  attachment_not_ready: transient('source_bad_answer'),
  attachment_gone: transient('source_bad_answer'),
  attachment_changed: transient('source_bad_answer'),
  // We asked for a window that is none.
  bad_window: ours,
};

/** That there is no token. A policy of the tenant and a consent that is gone are both the organization's to mend. */
const OF_TOKENS: Readonly<Record<AppTokenFailure, Verdict>> = {
  credential_refused: customer('app_credential_refused'),
  app_not_in_tenant: customer('consent_missing'),
  tenant_unknown: customer('consent_missing'),
  refused: customer('consent_missing'),
  throttled: transient('graph_unreachable'),
  unreachable: transient('graph_unreachable'),
  // Something between us and Entra ID answered in its place.
  unexpected: transient('graph_unreachable'),
};

/**
 * What a failure of Graph means that concerns no single mailbox: reading the directory, mostly. What one mailbox refuses
 * is that copy's matter (`delivery/`) and should not come here.
 */
const OF_GRAPH: Readonly<Record<GraphFailure, Verdict>> = {
  throttled: transient('graph_unreachable'),
  unavailable: transient('graph_unreachable'),
  unreachable: transient('graph_unreachable'),
  dependency_failed: transient('graph_unreachable'),
  bad_answer: transient('graph_unreachable'),
  // Graph refuses a token that Entra ID has just given out. Where the organization is the reason, the next one is missing.
  token_refused: transient('graph_unreachable'),
  forbidden: customer('consent_missing'),
  blocked_by_policy: customer('consent_missing'),
  no_such_user: ours,
  no_mailbox: ours,
  mailbox_full: ours,
  too_large: ours,
  folder_exists: ours,
  item_not_found: ours,
  bad_request: ours,
};

/** Reading a list that does not end costs the source as much as a whole window. */
const FEED_PAUSE_SECONDS = 3600;

/** Classifies a failure. Pure but for the jitter, which is a parameter. */
export function problemOf(error: unknown, attempts: number, random: () => number): Problem {
  const backoff = Math.min(10 * 2 ** Math.min(attempts, 9), 3600) * (0.5 + random() / 2);
  // A cursor that is over is not waited for: the feed is begun anew.
  if (error instanceof SourceError && error.failure === 'cursor_expired')
    return { ...OF_SOURCE.cursor_expired, retrySeconds: 0 };
  if (error instanceof FeedNeverEndsError) {
    return { ...transient('feed_never_ends'), retrySeconds: Math.max(backoff, FEED_PAUSE_SECONDS) };
  }
  const verdict = verdictOf(error);
  const asked = error instanceof SourceError || error instanceof GraphError ? (error.retryAfterSeconds ?? 0) : 0;
  return { ...verdict, retrySeconds: Math.max(asked, backoff, verdict.class === 'ours' ? 30 : 0) };
}

function verdictOf(error: unknown): Verdict {
  if (error instanceof SourceError) return OF_SOURCE[error.failure];
  if (error instanceof AppTokenError) return OF_TOKENS[error.failure];
  if (error instanceof GraphError) return OF_GRAPH[error.failure];
  if (error instanceof StagingUnavailableError || isDatabaseAway(error)) return transient('storage_unreachable');
  // This process is asked to stop.
  if (error instanceof Error && error.name === 'AbortError') return transient('internal');
  return ours;
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
