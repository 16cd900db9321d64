/** *Validate connection*: one test after the other, of TeleMessage and of Microsoft 365, each with what to do about it. */
import type pg from 'pg';
import { type SignedInSource, type SourceClock, SourceError, type SourceFailure } from '../archive/source.ts';
import type { Reach } from '../archive/telemessage/reach.ts';
import type { SignInGuard } from '../archive/telemessage/session.ts';
import type { Credentials } from '../archive/telemessage/sign-in.ts';
import { isSoundClock } from '../imports/windows.ts';
import { versionRows } from '../mapping/version-rows.ts';
import type { AppTokens } from '../microsoft/app-token.ts';
import type { Graph } from '../microsoft/graph.ts';
import { type ConsentMode, consentChecks } from '../microsoft/prove-consent.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { KeyRing } from '../security/keyring.ts';
import { openPassword } from './password.ts';
import { signInGuard } from './sign-in-guard.ts';
import type { ConnectionTest, ConnectionTestName, SourceProblem } from './validation-answer.ts';

export interface ValidateParts {
  readonly pool: pg.Pool;
  readonly keyRing: KeyRing;
  readonly reachSource: (signal: AbortSignal) => Promise<Reach>;
  readonly openSource: (
    kind: string,
    credentials: Credentials,
    guard: SignInGuard,
    organizationId: string,
  ) => Pick<SignedInSource, 'account' | 'connectorStatus' | 'clock'>;
  readonly tokens: AppTokens;
  readonly graphOf: (organizationId: string) => Graph;
  readonly now: () => Date;
}

/** Longest that one test may take. A sign-in may wait for another process's. */
const PATIENCE_MS = 30_000;
/** A source that is further behind than this settles no whole day in time. */
const LATE_MS = 24 * 60 * 60_000;
/** Of the mapping's mailboxes; one that answers is enough, and the first may be a leaver's. */
const MAILBOXES = 5;

interface Row {
  readonly kind: string;
  readonly username: string;
  readonly password_sealed: string;
  readonly source_connector_id: string;
  readonly account_id: string;
  readonly consent_mode: ConsentMode;
  /** by which the limit to chosen mailboxes was proven */
  readonly inside_mailbox: string | null;
  readonly refused_before: boolean;
  readonly mailboxes: readonly string[];
}

/**
 * Runs the tests of a live connector with the credentials that are stored. A password that TeleMessage refused is not sent
 * again, whoever sent it. Nothing is changed: a stop is not lifted by it.
 *
 * @param signal ends it
 * @returns null where the organization has no such live connector
 * @throws NotAllowed; while it runs, the signal's reason
 */
export async function validateConnection(
  parts: ValidateParts,
  actor: Actor,
  connectorId: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<ConnectionTest> | null> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  const { rows } = await parts.pool.query<Row>(
    `SELECT c.kind, c.username, c.password_sealed, c.source_connector_id, s.account_id, c.consent_mode,
       c.inside_mailbox, coalesce(c.refused_password_sealed = c.password_sealed, false)
         OR coalesce(c.stopped_reason = 'invalid_credentials', false) AS refused_before,
       ARRAY(SELECT DISTINCT r.mailbox FROM ${versionRows('v.id')} r
         WHERE r.valid_from <= now() AND r.valid_to > now() LIMIT ${MAILBOXES}) AS mailboxes
     FROM connector c JOIN source s ON s.id = c.source_id AND s.organization_id = c.organization_id
     LEFT JOIN mapping_version v ON v.connector_id = c.id AND v.organization_id = c.organization_id
       AND v.status = 'in_force'
     WHERE c.organization_id = $1 AND c.id = $2 AND c.status = 'live'`,
    [organizationId, connectorId],
  );
  const [row] = rows;
  return row === undefined ? null : allTests(parts, organizationId, { ...row, id: connectorId }, signal);
}

type Tested = Row & { readonly id: string };

async function* allTests(
  parts: ValidateParts,
  organizationId: string,
  row: Tested,
  signal: AbortSignal,
): AsyncGenerator<ConnectionTest> {
  yield* sourceTests(parts, organizationId, row, signal);
  const checks = consentChecks({
    tokens: parts.tokens,
    graph: parts.graphOf(organizationId),
    mode: row.consent_mode,
    // A limit is proven by the mailbox that is known to be inside; others of the mapping may be outside.
    probeAddresses: row.inside_mailbox === null ? row.mailboxes : [row.inside_mailbox, ...row.mailboxes],
    signal: AbortSignal.any([signal, AbortSignal.timeout(3 * PATIENCE_MS)]),
  });
  for await (const { check, result, problem, missingRoles } of checks) {
    const isRun = result !== 'not_run';
    yield {
      test: check,
      result: isRun ? result : 'waiting',
      problem: isRun ? problem : 'not_run',
      missingRoles: [...missingRoles],
      found: null,
    };
  }
}

async function* sourceTests(
  parts: ValidateParts,
  organizationId: string,
  row: Tested,
  signal: AbortSignal,
): AsyncGenerator<ConnectionTest> {
  const guard = signInGuard(parts.pool, { id: row.id, passwordSealed: row.password_sealed });
  const password = openPassword(parts.keyRing, row.id, row.password_sealed);
  const source = parts.openSource(row.kind, { username: row.username, password }, guard, organizationId);
  const tests: readonly [ConnectionTestName, (signal: AbortSignal) => Promise<Outcome>][] = [
    ['host', async (limit) => ofReach(await parts.reachSource(limit))],
    [
      'sign_in',
      async (limit) => {
        if (row.refused_before) return failed('refused_before');
        const account = await source.account(limit);
        return account.id === row.account_id ? passed(account.name) : failed('other_account', account.name);
      },
    ],
    [
      'product',
      async (limit) => {
        const { status } = await source.connectorStatus(row.source_connector_id, limit);
        return status === 'active' ? passed(null) : failed('suspended');
      },
    ],
    ['clock', async (limit) => ofClock(await source.clock(limit), parts.now())],
  ];
  let goesOn = true;
  for (const [test, run] of tests) {
    const outcome: Outcome = goesOn ? await attempt(run, signal) : NOT_RUN;
    goesOn = outcome.result === 'passed';
    yield { test, missingRoles: [], ...outcome };
  }
}

type Outcome = Pick<ConnectionTest, 'result' | 'problem' | 'found'>;

const NOT_RUN: Outcome = { result: 'waiting', problem: 'not_run', found: null };
const passed = (found: string | null): Outcome => ({ result: 'passed', problem: null, found });
const failed = (problem: SourceProblem, found: string | null = null): Outcome => ({ result: 'failed', problem, found });
const waiting = (problem: SourceProblem, found: string | null = null): Outcome => ({
  result: 'waiting',
  problem,
  found,
});

async function attempt(run: (signal: AbortSignal) => Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await run(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (error instanceof SourceError) return ofFailure(error.failure);
    if (limit.aborted && !signal.aborted) return failed('no_connection');
    throw error;
  }
}

function ofReach(reach: Reach): Outcome {
  return reach.reached ? passed(reach.tls) : failed(reach.problem);
}

function ofClock(clock: SourceClock, now: Date): Outcome {
  const settledThrough = clock.settledThrough.toISOString();
  if (!isSoundClock(clock, now)) return failed('clock_wrong');
  const isLate = clock.now.getTime() - clock.settledThrough.getTime() > LATE_MS;
  return isLate ? waiting('settles_late', settledThrough) : passed(settledThrough);
}

function ofFailure(failure: SourceFailure): Outcome {
  switch (failure) {
    case 'throttled':
    case 'login_paused':
    case 'unreachable':
      return waiting(failure);
    case 'invalid_credentials':
    case 'other_account':
    case 'suspended':
    case 'pin_required':
    case 'kind_not_ordered':
      return failed(failure);
    case 'not_found':
      return failed('not_registered');
    default:
      return failed('bad_answer');
  }
}
