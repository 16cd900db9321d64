/** *Connector status with source*: what TeleMessage says of a live connector, asked when somebody looks. */
import type pg from 'pg';
import { type SignedInSource, SourceError, type SourceFailure } from '../archive/source.ts';
import type { SignInGuard } from '../archive/telemessage/session.ts';
import type { Credentials } from '../archive/telemessage/sign-in.ts';
import type { ReasonCode } from '../imports/reasons.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { KeyRing } from '../security/keyring.ts';
import { openPassword } from './password.ts';
import { signInGuard } from './sign-in-guard.ts';
import type { SourceStatusAnswer } from './source-status-answer.ts';

export interface SourceStatusParts {
  readonly pool: pg.Pool;
  readonly keyRing: KeyRing;
  readonly openSource: (
    kind: string,
    credentials: Credentials,
    guard: SignInGuard,
    organizationId: string,
  ) => Pick<SignedInSource, 'connectorStatus'>;
}

const REASONS: Partial<Record<SourceFailure, ReasonCode>> = {
  invalid_credentials: 'invalid_credentials',
  login_paused: 'invalid_credentials',
  suspended: 'suspended',
  pin_required: 'pin_required',
  kind_not_ordered: 'kind_not_ordered',
  other_account: 'other_account',
  throttled: 'source_throttled',
  unreachable: 'source_unreachable',
};

/**
 * Asks the source. A connector that was stopped because its password was refused is not asked about: the same password
 * is never sent twice.
 *
 * @returns null where the organization has no such live connector
 * @throws NotAllowed
 */
export async function sourceStatus(
  parts: SourceStatusParts,
  actor: Actor,
  connectorId: string,
  signal: AbortSignal,
): Promise<SourceStatusAnswer | null> {
  authorize(actor, 'connectors.read');
  const { rows } = await parts.pool.query<{
    kind: string;
    username: string;
    password_sealed: string;
    source_connector_id: string;
    stopped_reason: string | null;
  }>(
    `SELECT kind, username, password_sealed, source_connector_id, stopped_reason FROM connector
      WHERE organization_id = $1 AND id = $2 AND status = 'live'`,
    [actor.organizationId, connectorId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (row.stopped_reason === 'invalid_credentials') return { known: false, reason: row.stopped_reason };
  const password = openPassword(parts.keyRing, connectorId, row.password_sealed);
  try {
    const guard = signInGuard(parts.pool, { id: connectorId, passwordSealed: row.password_sealed });
    const source = parts.openSource(row.kind, { username: row.username, password }, guard, actor.organizationId);
    const { id: _, ...status } = await source.connectorStatus(row.source_connector_id, signal);
    return { known: true, status };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { known: false, reason: REASONS[error.failure] ?? 'source_bad_answer' };
  }
}
