/**
 * Whether the database is the one that this installation has worked with, and knows all that happened since. Pure.
 *
 * The database counts a minute and commits before the storage is told, so the storage never knows a later one, except of a
 * database that was restored. A home that is another one (`ledger_home()`: cluster, timeline, database, table) says the same
 * of a restore that is less than a minute behind.
 */
import type { EpochMark } from './epoch-blob.ts';

export const CAUSES = ['older', 'moved', 'no_record', 'storage_lost', 'by_operator'] as const;
/** Why the ledger may lack what happened. */
export type Cause = (typeof CAUSES)[number];

export interface LedgerFacts {
  /** what the database says it counted, and where; null: it never did */
  readonly counted: Pick<EpochMark, 'epoch' | 'home'> | null;
  /** the home of the database that answers now */
  readonly home: string;
  /** what the storage says; null: nothing */
  readonly stored: EpochMark | null;
  /** the epoch that this process saw last; null: none yet */
  readonly seen: bigint | null;
  /** the operator's word that another home has everything, where the count says nothing else */
  readonly failoverLosesNothing: boolean;
}

export type Verdict =
  | { readonly kind: 'sound' }
  /** nothing was ever counted here: a new installation, or one from before there was counting */
  | { readonly kind: 'first' }
  | { readonly kind: 'restored'; readonly cause: Extract<Cause, 'older' | 'moved' | 'no_record'> }
  /** the storage forgot: nobody can say whether the database is older */
  | { readonly kind: 'storage_lost' };

export function verdictOf({ counted, home, stored, seen, failoverLosesNothing }: LedgerFacts): Verdict {
  if (counted === null) {
    return stored === null && seen === null ? { kind: 'first' } : { kind: 'restored', cause: 'no_record' };
  }
  if (seen !== null && counted.epoch < seen) return { kind: 'restored', cause: 'older' };
  if (stored !== null && counted.epoch < stored.epoch) return { kind: 'restored', cause: 'older' };
  if (counted.home !== home && !failoverLosesNothing) return { kind: 'restored', cause: 'moved' };
  // Another database counts into the same storage: one of the two was left behind.
  if (stored !== null && stored.home !== counted.home && counted.epoch === stored.epoch) {
    return { kind: 'restored', cause: 'moved' };
  }
  if (stored === null && seen === null) return { kind: 'storage_lost' };
  return { kind: 'sound' };
}
