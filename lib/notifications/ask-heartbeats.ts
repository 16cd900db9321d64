/**
 * A heartbeat follows each import that is complete while nothing is wrong: who hears none knows that something is. Only the
 * newest is sent, and none that is not true any more.
 */
import type { ConnectorRow } from '../connectors/snapshot.ts';
import { putIntoOutbox, type ToTell } from './outbox.ts';
import type { Round } from './round.ts';
import { claimHeartbeats } from './store/claims.ts';
import { dropHeartbeats } from './store/outbox.ts';
import { monitorOf } from './targets.ts';

export async function askHeartbeats({ client, organizationId, watched }: Round): Promise<void> {
  const beating = [...watched.values()].filter(({ setting }) => setting.heartbeatHost !== null);
  await dropHeartbeats(
    client,
    organizationId,
    beating.filter(({ row }) => isUnwell(row)).map(({ row }) => row.id),
  );
  const complete = beating.flatMap(({ setting, row }) =>
    row.lastNumber !== null && !isUnwell(row) && row.lastNumber > setting.heartbeatNumber
      ? [{ connectorId: row.id, number: row.lastNumber }]
      : [],
  );
  if (complete.length === 0) return;
  const claimed = new Set(await claimHeartbeats(client, organizationId, complete));
  const toTell = beating.flatMap(({ setting, row: { id, name, lastNumber } }): ToTell[] => {
    const target = monitorOf(setting);
    if (target === null || lastNumber === null || !claimed.has(id)) return [];
    return [{ target, content: { kind: 'heartbeat', connector: { id, name }, import: lastNumber } }];
  });
  await putIntoOutbox(client, organizationId, toTell);
}

function isUnwell({ stoppedReason, alerts }: ConnectorRow): boolean {
  return stoppedReason !== null || alerts.length > 0;
}
