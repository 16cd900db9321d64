/** Upload sessions that are under way: `store/upload-sessions.ts`. */
import type { ClaimedDelivery } from '#lib/imports/store/claims.ts';
import type { ShardLease } from '#lib/imports/store/leases.ts';
import type { UploadSessionRow } from '#lib/imports/store/upload-sessions.ts';
import { isOurs } from './leases.ts';
import { key, type Tables } from './tables.ts';

type DeliveryKey = Pick<ClaimedDelivery, 'archivedAt' | 'id'>;

const DAY_MS = 24 * 3_600_000;

const rowOf = (tables: Tables, { id }: DeliveryKey, attachment: string) =>
  tables.uploadSessions.find('session', key(id, attachment));

function mayWrite(tables: Tables, lease: ShardLease, { archivedAt, id }: DeliveryKey): boolean {
  const row = tables.deliveries.find('id', key(archivedAt.getTime(), id));
  return (
    row !== undefined &&
    (row.state === 'sending' || row.state === 'created') &&
    String(row.epoch) === lease.epoch &&
    isOurs(tables, lease)
  );
}

export function recallUploadSession(
  tables: Tables,
  delivery: DeliveryKey,
  attachment: string,
): UploadSessionRow | null {
  const row = rowOf(tables, delivery, attachment);
  return row ? { urlSealed: row.urlSealed, sent: row.sent } : null;
}

export function rememberUploadSession(
  tables: Tables,
  lease: ShardLease,
  delivery: DeliveryKey,
  session: { readonly attachment: string; readonly urlSealed: string; readonly expiresAt: Date },
): boolean {
  const known = rowOf(tables, delivery, session.attachment);
  for (const row of [...tables.uploadSessions])
    if (row !== known && row.expiresAt.getTime() < tables.now().getTime() - DAY_MS) tables.uploadSessions.delete(row);
  if (!mayWrite(tables, lease, delivery)) return false;
  const { urlSealed, expiresAt } = session;
  if (known) tables.uploadSessions.update(known, { urlSealed, expiresAt, sent: 0 });
  else {
    const { archivedAt, id: deliveryId } = delivery;
    const { organizationId } = lease;
    tables.uploadSessions.insert({ archivedAt, deliveryId, organizationId, sent: 0, ...session });
  }
  return true;
}

export function noteUploaded(
  tables: Tables,
  lease: ShardLease,
  delivery: DeliveryKey,
  attachment: string,
  sent: number,
): boolean {
  const row = rowOf(tables, delivery, attachment);
  if (row === undefined || !mayWrite(tables, lease, delivery)) return false;
  tables.uploadSessions.update(row, { sent });
  return true;
}

export function forgetUploadSession(
  tables: Tables,
  lease: ShardLease,
  delivery: DeliveryKey,
  attachment: string,
): void {
  const row = rowOf(tables, delivery, attachment);
  if (row && mayWrite(tables, lease, delivery)) tables.uploadSessions.delete(row);
}
