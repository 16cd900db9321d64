/**
 * Listing: every archived copy of a number is held against the mapping that is in force now, at the time of its message.
 * Nothing is changed, and no mailbox is asked.
 */
import { chooseAgain } from '../imports/decide-again.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import type { CopyKey } from './correction.ts';
import type { CorrectionDeps } from './deps.ts';
import type { Slice } from './slice.ts';
import type { HeldCorrection } from './store/corrections.ts';
import { type ArchivedCopy, archivedCopies, endListing, type ListedCopy, writeListed } from './store/listing.ts';

const SET = 500;

/**
 * Goes on where the listing stands.
 *
 * @returns whether it came to its end
 * @throws GraphError, AppTokenError: the directory could not be asked; CorrectionLostError
 */
export async function listCopies(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  slice: Slice,
): Promise<boolean> {
  let after: CopyKey | null = held.listedTo;
  while (!slice.over) {
    const copies = await archivedCopies(deps.pool, held, after, SET);
    const last = copies.at(-1);
    if (!last) {
      await endListing(deps.pool, held);
      return true;
    }
    const { decided, versionId } = await chooseAgain(deps, connector, copies, slice.signal);
    const listed = decided.map(({ row, choice }): ListedCopy => {
      if (choice.kind === 'waiting') return { copy: row, to: null, state: 'nowhere', reason: choice.reason };
      return { copy: row, to: { userId: choice.userId, address: choice.address }, ...stateOf(row, choice.userId) };
    });
    const goesOn = await writeListed(deps.pool, held, versionId, listed);
    after = goesOn ? { archivedAt: last.archived_at, deliveryId: last.id } : null;
  }
  return false;
}

function stateOf(copy: ArchivedCopy, rightUserId: string): Pick<ListedCopy, 'state' | 'reason'> {
  if (copy.user_id === rightUserId) return { state: 'right', reason: null };
  // What somebody signed off stays as it is for ever: the ledger refuses to send it again.
  if (copy.signed_off) return { state: 'kept_back', reason: 'signed_off' };
  // The mapping before is sending it: what is not settled is not moved, and what would be passed over is not corrected.
  if (copy.under_way) return { state: 'kept_back', reason: 'under_way' };
  return { state: 'listed', reason: null };
}
