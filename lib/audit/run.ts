/** What workers do for the audit log: link within seconds, anchor every hour, look through all of it every day. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from '../queue/producer.ts';
import { type AnchorDeps, anchorHeads } from './anchor-heads.ts';
import { linkEntries } from './link-entries.ts';
import { type VerifiedLog, verifyAuditLog } from './verify.ts';

export type AuditDeps = AnchorDeps;

const LINK_MS = 2_000;
const DAY_SECONDS = 24 * 60 * 60;

/** Links until the signal. What the database refuses now is linked the next time. */
export async function keepLinking(deps: Pick<AuditDeps, 'pool' | 'keys' | 'log'>, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    try {
      await linkEntries(deps.pool, deps.keys);
      failing = false;
    } catch (error) {
      if (!failing)
        deps.log.warn({ name: error instanceof Error ? error.name : 'unknown' }, 'the audit log is not linked');
      failing = true;
    }
    await sleep(LINK_MS, undefined, { signal }).catch(() => {});
  }
}

/** Asked for once a minute by every worker. */
export async function dispatchAudit(deps: AuditDeps, enqueue: Producer['enqueue']): Promise<void> {
  await deps.pool.query(`SELECT ensure_audit_partition(at) FROM unnest(ARRAY[now(), now() + interval '1 month']) at`);
  const { rows } = await deps.pool.query<{ id: string }>('SELECT id FROM organization');
  for (const { id } of rows) {
    await enqueue('verifyAudit', { organizationId: id }, { key: id, onceInSeconds: DAY_SECONDS });
  }
  await anchorHeads(deps);
}

/** Verifies an organization's audit log and keeps how it ended, for the page. */
export async function verifyAndKeep(
  deps: AuditDeps,
  organizationId: string,
  signal?: AbortSignal,
): Promise<VerifiedLog> {
  const verified = await verifyAuditLog(deps, organizationId, signal);
  const { throughSeq, throughTime, anchor, finding } = verified;
  await deps.pool.query(
    `INSERT INTO audit_verification (organization_id, verified_at, through_seq, through_time, anchor_seq, finding)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id) DO UPDATE SET verified_at = excluded.verified_at, through_seq = excluded.through_seq,
       through_time = excluded.through_time, anchor_seq = excluded.anchor_seq, finding = excluded.finding`,
    [organizationId, deps.now(), throughSeq, throughTime, anchor?.seq ?? null, finding && JSON.stringify(finding)],
  );
  if (finding) deps.log.error({ organizationId, finding }, 'the audit log is not as it was written');
  return verified;
}
