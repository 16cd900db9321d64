/** For how long Graph asked us to wait: `store/pauses.ts`. */
import type { ShardLease } from '#lib/imports/store/leases.ts';
import type { GraphPause } from '#lib/imports/store/pauses.ts';
import { key, type Tables } from './tables.ts';

type OfShard = Pick<ShardLease, 'organizationId' | 'shard'>;

export function notePauses(tables: Tables, { organizationId, shard }: OfShard, pauses: readonly GraphPause[]): void {
  const later = (known: Date | null, until: Date): Date => (known !== null && known > until ? known : until);
  for (const { userId, seconds } of pauses) {
    const until = tables.inSeconds(seconds);
    const organization = tables.organizations.find('id', organizationId);
    if (userId === null) {
      if (organization)
        tables.organizations.update(organization, { graphPausedUntil: later(organization.graphPausedUntil, until) });
      continue;
    }
    const row = tables.pauses.find('mailbox', key(organizationId, userId));
    if (row) tables.pauses.update(row, { until: later(row.until, until) });
    else {
      tables.mustExist('organization', organizationId);
      tables.pauses.insert({ organizationId, userId, shard, until });
    }
  }
}

export function currentPauses(tables: Tables, { organizationId, shard }: OfShard): GraphPause[] {
  const left = (until: Date): number => (until.getTime() - tables.now().getTime()) / 1000;
  const mailboxes = [...tables.pauses].filter((row) => row.organizationId === organizationId && row.shard === shard);
  const whole = tables.organizations.find('id', organizationId)?.graphPausedUntil ?? null;
  return [
    ...mailboxes.map(({ userId, until }): GraphPause => ({ userId, seconds: left(until) })),
    ...(whole === null ? [] : [{ userId: null, seconds: left(whole) }]),
  ].filter(({ seconds }) => seconds > 0);
}
