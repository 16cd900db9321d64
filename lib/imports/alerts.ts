/**
 * A connector's open alerts. Most end by themselves once their cause is gone. A few tell of something that cannot be undone:
 * they stay, and call for somebody, until a person closes them with a reason.
 */
import type pg from 'pg';
import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { isAllowed } from '../security/roles.ts';
import type { CommandDeps } from './commands.ts';
import type { ReasonCode } from './reasons.ts';
import { COMMENT_LIMIT } from './sign-off-reasons.ts';
import { anyMissing } from './store/missing.ts';

/** Nothing that this product does ends these. A manifest that differs ends where a later reading agrees, which none may. */
export const CLOSED_BY_A_PERSON = [
  'lost_at_source',
  'missing_in_mailbox',
  'message_twice',
  'manifest_differs',
  'found_elsewhere',
  'not_compared',
] as const;

const MISSING: ReasonCode = 'missing_in_mailbox';

export interface OpenAlert {
  readonly id: string;
  readonly code: string;
  /** ISO 8601 */
  readonly raisedAt: string;
  /** the time that it is about; null where it is about no window. ISO 8601 */
  readonly from: string | null;
  readonly to: string | null;
  readonly importNumber: number | null;
  readonly isClosedByAPerson: boolean;
  /** mailboxes that it is about; null: none, or not for these eyes */
  readonly mailboxes: { readonly named: readonly string[]; readonly more: number } | null;
}

/** The oldest first, of this organization's connector. @throws NotAllowed */
export async function openAlerts(pool: pg.Pool, actor: Actor, connectorId: string): Promise<OpenAlert[]> {
  authorize(actor, 'connectors.read');
  // Whoever maps numbers to them, or closes the alert.
  const seesMailboxes = isAllowed(actor.roles, 'mapping.manage') || isAllowed(actor.roles, 'items.sign-off');
  const { rows } = await pool.query<{
    id: string;
    code: string;
    raised_at: Date;
    from: Date | null;
    to: Date | null;
    number: number | null;
    addresses: string | null;
    mailboxes: number | null;
  }>(
    // What was lost, or a day, is told by the alert itself: it may be several windows.
    `SELECT a.id, a.code, a.raised_at, i.number, a.detail->>'addresses' AS addresses,
       coalesce((a.detail->>'unread')::int, (a.detail->>'mailboxes')::int) AS mailboxes,
       coalesce((a.detail->>'from')::timestamptz, day.from, w.starts_at) AS from,
       coalesce((a.detail->>'to')::timestamptz, day.from + interval '24 hours', w.ends_at) AS to
     FROM alert a LEFT JOIN import_window w ON w.id = a.window_id LEFT JOIN import i ON i.id = a.import_id
     CROSS JOIN LATERAL (SELECT (a.detail->>'day' || 'T00:00:00Z')::timestamptz AS from) AS day
     WHERE a.organization_id = $1 AND a.connector_id = $2 AND a.resolved_at IS NULL ORDER BY a.id`,
    [actor.organizationId, connectorId],
  );
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    raisedAt: row.raised_at.toISOString(),
    from: row.from?.toISOString() ?? null,
    to: row.to?.toISOString() ?? null,
    importNumber: row.number,
    isClosedByAPerson: isClosedByAPerson(row.code),
    mailboxes: seesMailboxes ? mailboxesOf(row.addresses, row.mailboxes) : null,
  }));
}

function mailboxesOf(addresses: string | null, count: number | null): OpenAlert['mailboxes'] {
  if (addresses === null || addresses === '') return null;
  const named = addresses.split(', ');
  return { named, more: Math.max(0, (count ?? 0) - named.length) };
}

export interface CloseAlert {
  readonly connectorId: string;
  readonly alertId: string;
  /** what the person found out, or decided */
  readonly comment: string;
}

export type CloseAlertResult =
  | 'done'
  /** of no open alert of this connector: somebody else may have closed it */
  | 'not_found'
  /** shorter than 3 characters, or longer than `COMMENT_LIMIT` */
  | 'bad_comment'
  /** it ends when its cause does, and would only come again */
  | 'ends_by_itself'
  /** what it tells of is signed off first, one by one or all of it: a closed alert buries nothing */
  | 'not_signed_off';

/**
 * Closes an alert that nothing ends. It means that something is accepted as not imported, so it asks for the right to sign
 * off. A window whose manifest differs is closed with its alert. Also of a deleted connector. @throws NotAllowed
 */
export async function closeAlert(deps: CommandDeps, actor: Actor, close: CloseAlert): Promise<CloseAlertResult> {
  authorize(actor, 'items.sign-off');
  const { organizationId } = actor;
  const { connectorId, alertId } = close;
  const comment = close.comment.trim();
  if (comment.length < 3 || comment.length > COMMENT_LIMIT) return 'bad_comment';
  const result = await inTransaction(deps.pool, async (client): Promise<CloseAlertResult> => {
    const { rows } = await client.query<{ code: string; window_id: string | null }>(
      `SELECT code, window_id FROM alert WHERE organization_id = $1 AND connector_id = $2 AND id = $3 AND resolved_at IS NULL
       FOR UPDATE`,
      [organizationId, connectorId, alertId],
    );
    const [alert] = rows;
    if (!alert) return 'not_found';
    if (!isClosedByAPerson(alert.code)) return 'ends_by_itself';
    if (alert.code === MISSING && (await anyMissing(client, organizationId, connectorId))) return 'not_signed_off';
    await client.query('UPDATE alert SET resolved_at = now() WHERE id = $1', [alertId]);
    // What the source holds is accepted as it is; a later reading that still differs says so again.
    if (alert.code === 'manifest_differs') {
      await client.query(
        `UPDATE import_window w SET state = 'closed', closed_at = now() WHERE w.id = $1 AND w.state = 'open'
           AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.window_id = w.id AND a.code = 'does_not_balance'
             AND a.resolved_at IS NULL)`,
        [alert.window_id],
      );
    }
    const detail = { alert: alertId, code: alert.code, comment };
    await auditIn(client, actor, { action: 'alert.closed', connectorId, detail });
    return 'done';
  });
  if (result === 'done') deps.notify({ organizationId, connectorId, importId: null });
  return result;
}

function isClosedByAPerson(code: string): boolean {
  return (CLOSED_BY_A_PERSON as readonly string[]).includes(code);
}
