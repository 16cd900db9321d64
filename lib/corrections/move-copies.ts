/**
 * Copying, its first half: misfiled copies become the right mailboxes' in the ledger, with their content staged again.
 *
 * The content comes from the source and not from the wrong mailbox. The message there was made by the wrong mapping: it
 * names the wrong person as sender or recipient, and somebody who should not have had it could change it since. A MIME
 * copy of it would be a draft of today, without the property by which copies are known. The source's item has its hash
 * in the ledger, and the message that is made of it has its own time, the right names and the same identity.
 */

import { chooseAgain } from '../imports/decide-again.ts';
import { callForDelivery } from '../imports/delivery-calls.ts';
import { shardOf } from '../imports/shards.ts';
import type { RunningConnector } from '../imports/store/connectors.ts';
import type { Chosen } from '../imports/store/waiting.ts';
import type { CopyReason } from './correction.ts';
import type { CorrectionDeps } from './deps.ts';
import type { Slice } from './slice.ts';
import { type ItemToStage, stageContent } from './stage-content.ts';
import { keepBack } from './store/copies.ts';
import type { HeldCorrection } from './store/corrections.ts';
import { type Families, type FamilyCopy, type MisfiledCopy, nextFamilies } from './store/families.ts';
import { refile } from './store/refile.ts';

/** Copies of one transaction, with those that depend on them. */
const SET = 50;

type ChosenCopy = Chosen & { readonly row: MisfiledCopy };

/**
 * Moves what the correction has listed, set by set.
 *
 * @returns whether nothing is left to be moved; false too where something changed just now, and is to be read again soon
 * @throws SourceError, FeedNeverEndsError, GraphError, AppTokenError, CorrectionLostError; what staging throws
 */
export async function moveCopies(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  slice: Slice,
): Promise<boolean> {
  const { organizationId } = held;
  while (!slice.over) {
    const families = await nextFamilies(deps.pool, held, SET);
    if (families.moving.length + families.changed.length === 0) return true;
    await keepBack(deps.pool, held, families.changed, 'changed_meanwhile');
    if (families.moving.length === 0) continue;
    const shards = await moveSet(deps, connector, held, families, slice.signal);
    if (shards === 'again') return false;
    await callForDelivery(deps, organizationId, shards);
    deps.notify({ organizationId, connectorId: held.connectorId, importId: null });
  }
  return false;
}

/** @returns shards that have something to deliver now */
async function moveSet(
  deps: CorrectionDeps,
  connector: RunningConnector,
  held: HeldCorrection,
  families: Families,
  signal: AbortSignal,
): Promise<ReadonlySet<number> | 'again'> {
  const { chosen, versionId, mappedElsewhere } = await confirmChoices(deps, connector, families.moving, signal);
  await keepBack(deps.pool, held, mappedElsewhere, 'mapping_changed');
  // Where one of them stays, its dependents are others': the set is read again.
  if (mappedElsewhere.length > 0 || chosen.length === 0) return new Set();
  const needed = neededContent(families);
  const content = await stageContent(deps, connector, needed, signal);
  const refused = refusedCopies(families, content.refused);
  for (const [reason, rows] of refused) await keepBack(deps.pool, held, rows, reason);
  if (refused.size > 0) return new Set();
  if (content.versionId !== versionId) return 'again';
  const moved = await refile(deps.pool, held, connector, {
    ...content,
    chosen,
    staying: families.staying,
    versionId,
  });
  deps.log.info({ correctionId: held.id, copies: chosen.length, moved }, 'misfiled copies were moved in the ledger');
  if (moved === 'again') return moved;
  return new Set([
    ...chosen.map(({ choice }) => shardOf(choice.userId)),
    ...families.staying.map(({ user_id }) => shardOf(user_id)),
  ]);
}

/** Nothing goes elsewhere than somebody saw and confirmed, whatever the mapping says by now. */
async function confirmChoices(
  deps: CorrectionDeps,
  connector: RunningConnector,
  moving: readonly MisfiledCopy[],
  signal: AbortSignal,
): Promise<{
  readonly chosen: readonly ChosenCopy[];
  readonly mappedElsewhere: readonly MisfiledCopy[];
  readonly versionId: string | null;
}> {
  const { decided, versionId } = await chooseAgain(deps, connector, moving, signal);
  const chosen: ChosenCopy[] = [];
  const mappedElsewhere: MisfiledCopy[] = [];
  for (const { row, choice } of decided) {
    if (choice.kind === 'mailbox' && choice.userId === row.to_user_id) chosen.push({ row, choice });
    else mappedElsewhere.push(row);
  }
  return { chosen, mappedElsewhere, versionId };
}

const placeOf = ({ item_id, user_id }: FamilyCopy): string => `${user_id} ${item_id}`;

/**
 * Whose content is needed: of all that move; and of another phone's copies that were skipped for one of them, unless its
 * message stays where it is, with another participant of the same item.
 */
function neededContent({ moving, staying }: Families): ItemToStage[] {
  const inherited = new Set(staying.filter(({ twin_item_id }) => twin_item_id === null).map(placeOf));
  const twins = staying.filter(
    ({ twin_item_id, user_id }) => twin_item_id !== null && !inherited.has(`${user_id} ${twin_item_id}`),
  );
  const items = new Map([...moving, ...twins].map((copy) => [copy.itemId, { ...copy, importId: copy.import_id }]));
  return [...items.values()];
}

/** Copies that cannot be moved because content is missing: their own, or that of somebody who was skipped for them. */
function refusedCopies(
  { moving, staying }: Families,
  refused: ReadonlyMap<string, CopyReason>,
): ReadonlyMap<CopyReason, readonly MisfiledCopy[]> {
  const byReason = new Map<CopyReason, MisfiledCopy[]>();
  const needs = new Set(
    staying.flatMap((copy) =>
      copy.twin_item_id !== null && refused.has(copy.itemId) ? [`${copy.user_id} ${copy.twin_item_id}`] : [],
    ),
  );
  for (const copy of moving) {
    const reason = refused.get(copy.itemId) ?? (needs.has(placeOf(copy)) ? 'others_not_at_source' : null);
    if (reason !== null) byReason.set(reason, [...(byReason.get(reason) ?? []), copy]);
  }
  return byReason;
}
