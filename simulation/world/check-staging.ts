/** Sealed content lies there as long as somebody may want it, opens, and is gone after that. */
import { itemIdentity } from '#lib/mail/identity.ts';
import { openFrame } from '#lib/staging/frames.ts';
import { attachmentName, pageName, parseStagedName } from '#lib/staging/names.ts';
import type { ItemRow } from '../ledger/rows.ts';
import { copiesOf } from './copies.ts';
import { keyRing } from './machine.ts';
import { ORGANIZATION_ID, SCOPE } from './people.ts';
import type { World } from './world.ts';

const SWEPT_MS = 58 * 3_600_000;

export function checkStaging(world: World): string[] {
  const found: string[] = [];
  const { tables } = world.ledger;
  const { blobs } = world.blobs;
  const needed = new Set<string>();
  const need = (
    importId: string,
    page: number,
    offset: number,
    length: number,
    sourceItemId: string,
    what: string,
  ): void => {
    const name = pageName(ORGANIZATION_ID, importId, page);
    needed.add(name);
    const bytes = blobs.get(name)?.bytes;
    if (!bytes) return void found.push(`the content of ${what} is gone`);
    try {
      openFrame(keyRing, bytes.subarray(offset, offset + length), itemIdentity(SCOPE, sourceItemId));
    } catch (error) {
      found.push(`the content of ${what} does not open: ${String(error)}`);
    }
  };
  const items = new Map([...tables.items].map((item) => [item.id, item]));
  const wanting = new Set<string>();
  for (const copy of tables.deliveries) {
    const item = items.get(copy.itemId);
    if (!item || copy.state === 'imported' || copy.state === 'skipped' || copy.signOffId !== null) continue;
    wanting.add(copy.itemId);
    need(
      copy.importId,
      copy.page,
      copy.frameOffset,
      copy.frameLength,
      item.sourceItemId,
      `copy ${copy.id} (${copy.state})`,
    );
  }
  for (const item of items.values()) {
    if (!['waiting', 'failed', 'unreadable'].includes(item.outcome) || isSignedOff(world, item)) continue;
    need(item.importId, item.page, item.frameOffset, item.frameLength, item.sourceItemId, `item ${item.sourceItemId}`);
  }
  for (const change of tables.changes) {
    const item = items.get(change.itemId);
    if (item)
      need(
        change.importId,
        change.page,
        change.frameOffset,
        change.frameLength,
        item.sourceItemId,
        `a change of ${item.sourceItemId}`,
      );
  }
  // What a deleted connector had not collected to its end is nobody's: its imports are never complete, and never cleared.
  const abandoned = new Set(
    [...tables.imports]
      .filter(
        ({ phase, connectorId }) => connectorId !== world.connectorId && (phase === 'queued' || phase === 'collecting'),
      )
      .map(({ id }) => id),
  );
  const staged = new Set<string>();
  for (const { id, importId, itemId, state } of tables.attachments) {
    const name = attachmentName(ORGANIZATION_ID, importId, BigInt(id));
    if (state === 'staged') staged.add(name);
    if (wanting.has(itemId) && state === 'staged' && !blobs.has(name)) found.push(`attachment ${id} is gone`);
    if (wanting.has(itemId) && state === 'deleted') found.push(`attachment ${id} is deleted, and wanted`);
  }
  for (const [name, { modifiedAt }] of blobs) {
    // What no row ever named is swept after 48 hours.
    if (world.scheduler.now - modifiedAt < SWEPT_MS || abandoned.has(parseStagedName(name)?.importId ?? '')) continue;
    if (parseStagedName(name)?.kind === 'pages' ? needed.has(name) : staged.has(name) && isWanted(world, name))
      continue;
    found.push(`${name} is still staged`);
  }
  return found;
}

/** Whether nothing of an item is wanted by anybody any more. */
function isSignedOff(world: World, item: Readonly<ItemRow>): boolean {
  if (item.outcome === 'unreadable') return item.signOffId !== null;
  return copiesOf(world, item).every(({ state, signOffId }) => state === 'skipped' || signOffId !== null);
}

/** Skipped copies keep attachments while the copy that they were skipped for is not in its mailbox. */
function isWanted(world: World, name: string): boolean {
  const id = parseStagedName(name)?.id;
  const { tables } = world.ledger;
  const attachment = [...tables.attachments].find((one) => one.id === id);
  return [...tables.deliveries].some((copy) => copy.itemId === attachment?.itemId && copy.state !== 'imported');
}
