/**
 * A database that was restored from a backup lacks what was written since, and goes on from an earlier head: its chain and
 * the anchors part. Somebody says so, once, with a reason, in an entry of its own. Which entries are lost stays visible: the
 * anchors of what was left behind name their number.
 */
import type pg from 'pg';
import { z } from 'zod';
import { inTransaction } from '../db.ts';
import { auditOrganizationIn, SYSTEM } from './entries.ts';
import type { AuditRecord } from './record.ts';
import type { VerifiedLog } from './verify.ts';

export interface Fork {
  /** place of the entry that says so */
  readonly seq: string;
  /** ISO 8601 in UTC */
  readonly at: string;
  /** the last place that both chains have */
  readonly commonSeq: string;
  readonly reason: string;
}

const detailSchema = z.object({ commonSeq: z.string().regex(/^\d+$/), reason: z.string() });

/** The fork that an entry at this place tells of; null where it tells of none. */
export function forkOf(seq: string, { action, at, detail }: AuditRecord): Fork | null {
  if (action !== 'audit.forked') return null;
  const parsed = detailSchema.safeParse(detail);
  return parsed.success ? { seq, at, ...parsed.data } : null;
}

/** Whether what was found is what a restore looks like. */
export function looksRestored({ finding }: Pick<VerifiedLog, 'finding'>): boolean {
  return finding?.kind === 'cut_off' || finding?.kind === 'other_chain';
}

/** Adds the entry. From then on the anchors of the chain that was left behind are no fault. */
export function acceptRestore(pool: pg.Pool, verified: VerifiedLog, reason: string): Promise<void> {
  return inTransaction(pool, (client) =>
    auditOrganizationIn(
      client,
      { ...SYSTEM, organizationId: verified.organizationId },
      {
        action: 'audit.forked',
        detail: { commonSeq: verified.throughSeq, reason, found: { ...verified.finding } },
      },
    ),
  );
}
