/** Leases of shards: `store/leases.ts`. */
import type { AcquiredShard, ShardLease } from '#lib/imports/store/leases.ts';
import { type Months, monthsOf } from '#lib/imports/store/months.ts';
import { ALONE_SECONDS } from '#lib/imports/store/new-claims.ts';
import { windowOf } from './imports.ts';
import { inDoubt } from './rows.ts';
import { key, type Tables } from './tables.ts';

/** In which months an organization may have copies on their way: `store/months.ts`. */
export function monthsToDo(tables: Tables, organizationId: string): Months | null {
  const starts = tables.imports.with('content', organizationId).map((row) => windowOf(tables, row).startsAt);
  return starts.length === 0 ? null : monthsOf(starts);
}

export const isIn = ([from, [before]]: Months, time: Date): boolean => time >= from && time < before;

export function acquireShard(
  tables: Tables,
  organizationId: string,
  shard: number,
  owner: string,
  seconds: number,
): AcquiredShard | null {
  const expiresAt = tables.inSeconds(seconds);
  const row = tables.leases.find('shard', key(organizationId, shard));
  const months = monthsToDo(tables, organizationId);
  const isInDoubt =
    months !== null &&
    tables.deliveries
      .with('open', key(organizationId, shard))
      .some((delivery) => inDoubt(delivery) && isIn(months, delivery.archivedAt));
  if (row === undefined) {
    tables.mustExist('organization', organizationId);
    tables.leases.insert({ organizationId, shard, epoch: 1, owner, expiresAt });
    return { organizationId, shard, epoch: '1', months, inDoubt: isInDoubt };
  }
  if (row.expiresAt > tables.now()) return null;
  tables.leases.update(row, { epoch: row.epoch + 1, owner, expiresAt });
  return { organizationId, shard, epoch: String(row.epoch), months, inDoubt: isInDoubt };
}

/** The row of a lease that has not been taken by another, whether it has run out or not. */
function rowOf(tables: Tables, lease: ShardLease) {
  const row = tables.leases.find('shard', key(lease.organizationId, lease.shard));
  return row && String(row.epoch) === lease.epoch ? row : undefined;
}

/** Whether a lease is this worker's now. */
export function isOurs(tables: Tables, lease: ShardLease): boolean {
  const row = rowOf(tables, lease);
  return row !== undefined && row.expiresAt > tables.now();
}

/** Whether nobody else had a shard of the organization a short time ago. */
export function isAlone(tables: Tables, organizationId: string, owner: string): boolean {
  const since = tables.inSeconds(-ALONE_SECONDS);
  return ![...tables.leases].some(
    (row) => row.organizationId === organizationId && row.owner !== owner && row.expiresAt > since,
  );
}

export function renewShard(tables: Tables, lease: ShardLease, seconds: number): boolean {
  const row = rowOf(tables, lease);
  if (row === undefined || row.expiresAt <= tables.now()) return false;
  tables.leases.update(row, { expiresAt: tables.inSeconds(seconds) });
  return true;
}

export function releaseShard(tables: Tables, lease: ShardLease): void {
  const row = rowOf(tables, lease);
  if (row) tables.leases.update(row, { expiresAt: tables.inSeconds(-0.001) });
}
