/** What a mailbox says of a copy, against what the ledger says. Pure. */
import type { LedgerCopy } from './copies.ts';

export const RESULTS = ['found', 'moved', 'missing', 'changed', 'unread'] as const;
/**
 * - `found`: in the archive's folder, as it was written
 * - `moved`: as it was written, in another folder of its mailbox
 * - `missing`: nowhere in its mailbox. Code `recoverable`: deleted, and Microsoft 365 can still recover it
 * - `changed`: not what was written
 * - `unread`: the mailbox could not be asked, or not to its end
 */
export type Result = (typeof RESULTS)[number];

/** With what the content was compared: `ledger`, the message's own `header`, or `nothing`, because neither has a hash of it. */
export type ComparedWith = 'ledger' | 'header' | 'nothing';

export interface Verdict {
  readonly result: Result;
  readonly comparedWith: ComparedWith | null;
  /** of what is in the mailbox, in hex */
  readonly contentHash: string | null;
  /** why: Graph's code where it could not be read, `recoverable`, or what is in the message that cannot be read back */
  readonly code: string | null;
}

export interface FoundMessage {
  readonly contentHash: string;
  readonly writtenHash: string | null;
  readonly parentFolderId: string | null;
}

/**
 * @param folderId the archive's folder in the mailbox; null where it has none any more
 * @param found the message, by its id or by its item's property
 */
export function verdictOf(copy: LedgerCopy, folderId: string | null, found: FoundMessage): Verdict {
  const [comparedWith, expected] = expectation(copy, found);
  const { contentHash } = found;
  if (expected !== null && expected !== contentHash)
    return { result: 'changed', comparedWith, contentHash, code: null };
  const isInPlace = folderId !== null && found.parentFolderId === folderId;
  return { result: isInPlace ? 'found' : 'moved', comparedWith, contentHash, code: null };
}

function expectation(
  { contentHash, state }: LedgerCopy,
  { writtenHash }: FoundMessage,
): readonly [ComparedWith, string | null] {
  if (contentHash !== null) return ['ledger', contentHash];
  // What is partially imported may lack what its header's hash speaks of.
  if (writtenHash === null || state === 'partially_imported') return ['nothing', null];
  return ['header', writtenHash];
}
