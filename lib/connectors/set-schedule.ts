/** The hour of a connector's daily import: chosen by an administrator, or left to the portal. */

import { auditIn } from '../audit/entries.ts';
import { inTransaction } from '../db.ts';
import type { CommandDeps } from '../imports/commands.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { type ChangedMeanwhile, changedMeanwhile } from './changed-meanwhile.ts';
import { dailyMinute } from './schedule.ts';

export interface NewSchedule {
  readonly connectorId: string;
  /** UTC, 0 to 23; null: left to the portal */
  readonly hour: number | null;
  /** the hour that it was changed from on the page; left out: whatever it is */
  readonly seen?: number | null;
}

export type SetScheduleResult = 'done' | 'unchanged' | 'not_found' | 'bad_hour' | ChangedMeanwhile<number | null>;

/**
 * No day is imported twice by that, and none is left out: a day whose hour has passed by now and that was not planned is
 * planned within a minute, and one that was planned is not planned again.
 *
 * @throws NotAllowed
 */
export async function setSchedule(
  deps: Pick<CommandDeps, 'pool' | 'notify'>,
  actor: Actor,
  { connectorId, hour, seen }: NewSchedule,
): Promise<SetScheduleResult> {
  authorize(actor, 'connectors.manage');
  const { organizationId } = actor;
  if (hour !== null && !(Number.isInteger(hour) && hour >= 0 && hour <= 23)) return 'bad_hour';
  const result = await inTransaction(deps.pool, async (client): Promise<SetScheduleResult> => {
    const { rows } = await client.query<{ hour: number | null; minute: number }>(
      `SELECT schedule_hour AS hour, schedule_minute AS minute FROM connector
       WHERE organization_id = $1 AND id = $2 AND status = 'live' FOR NO KEY UPDATE`,
      [organizationId, connectorId],
    );
    const [before] = rows;
    if (!before) return 'not_found';
    if (before.hour === hour) return 'unchanged';
    if (seen !== undefined && before.hour !== seen)
      return changedMeanwhile(
        client,
        { organizationId, connectorId, action: 'connector.schedule-changed' },
        before.hour,
      );
    const minute = dailyMinute(connectorId, hour);
    await client.query(
      `UPDATE connector SET schedule_hour = $3, schedule_minute = $4, updated_at = now()
       WHERE organization_id = $1 AND id = $2`,
      [organizationId, connectorId, hour, minute],
    );
    const detail = {
      before: timeOfDay(before.minute),
      after: timeOfDay(minute),
      chosenBefore: before.hour !== null,
      chosen: hour !== null,
    };
    await auditIn(client, actor, { action: 'connector.schedule-changed', connectorId, detail });
    return 'done';
  });
  if (result === 'done') deps.notify({ organizationId, connectorId, importId: null });
  return result;
}

/** A minute of the UTC day as `06:14 UTC`. Pure. */
export function timeOfDay(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)} UTC`;
}
