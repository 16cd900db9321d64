/**
 * Sealed content goes when it is in all its mailboxes. When an import is complete, what is still needed (waiting, failed,
 * unreadable or changed items) moves to pages of its own, and the rest is deleted. No timer deletes what is in no mailbox.
 *
 * Two workers may clear one import at once: each reserves page numbers of its own, only the one with the highest may change
 * rows, and each deletes only pages below its own.
 */
import { StagedContentMissingError } from '../staging/errors.ts';
import { importPrefix, pageName, parseStagedName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import type { KeptFrame, KeptOfPage, MovedFrame } from './store/clearing.ts';

/** What is kept lies in pages of about this size: of one that is wholly needed nothing moves when another is looked through. */
const KEPT_PAGE_BYTES = 32 * 1024 * 1024;

interface StagedPage {
  readonly page: number;
  /** bytes of its blob */
  readonly size: number;
}

/** What of the world this takes. */
export type ClearDeps = Pick<ImportDeps, 'keyRing' | 'ledger' | 'log' | 'staging'>;

/** Clears what a completed import no longer needs. Safe to repeat: an interruption leaves nothing worse than a copy. */
export async function clearStaging(deps: ClearDeps, organizationId: string, importId: string): Promise<void> {
  const count = Math.max(1, inSets(await deps.ledger.keptOfPages(importId)).length);
  const reserved = await deps.ledger.reserveKeptPages(organizationId, importId, count);
  if (reserved === null) return;
  const first = reserved - count + 1;
  // Read once nobody else can move anything any more.
  const staged = await stagedPages(deps, organizationId, importId);
  const kept = new Map((await deps.ledger.keptOfPages(importId)).map((one) => [one.page, one]));
  const sets = inSets(staged.map((page) => ({ ...page, bytes: kept.get(page.page)?.bytes ?? 0 })));
  const whole = new Set<number>();
  let lost = 0;
  for (let index = 0; index < count; index++) {
    const set = index === count - 1 ? sets.slice(index).flat() : (sets[index] ?? []);
    const kept = await keep(deps, { organizationId, importId, to: first + index }, set, whole);
    if (kept === null) return;
    const { moved, beyond } = kept;
    lost += beyond;
    if (!(await deps.ledger.moveFrames(importId, reserved, first + index, moved))) return;
  }
  // Only what a row said is staged and unneeded: bytes that another worker is writing just now have no row yet.
  const unneeded = new Set(await deps.ledger.markUnneededAttachments(importId));
  for await (const { name } of deps.staging.list(importPrefix(organizationId, importId))) {
    const content = parseStagedName(name);
    if (content === null) continue;
    const page = Number(content.id);
    const goes = content.kind === 'pages' ? page < first && !whole.has(page) : unneeded.has(content.id);
    if (goes) await deps.staging.delete(name);
  }
  await deps.ledger.finishClearing(importId, reserved);
  for (const { page } of staged) kept.delete(page);
  const missing = [...kept.values()].reduce((sum, { rows }) => sum + rows, lost);
  await tellOfMissing(deps, organizationId, importId, missing);
  // What was looked through has just been settled: its numbers must add up as they did at its end.
  await deps.ledger.judgeLater(organizationId, importId);
}

/** Pages in sets, of each of which as much is kept as one page may hold. */
function inSets<T extends Pick<KeptOfPage, 'bytes'>>(pages: readonly T[]): T[][] {
  const sets: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const page of pages) {
    if (bytes + page.bytes > KEPT_PAGE_BYTES) {
      sets.push([]);
      bytes = 0;
    }
    sets.at(-1)?.push(page);
    bytes += page.bytes;
  }
  return sets;
}

interface Kept {
  readonly moved: MovedFrame[];
  readonly beyond: number;
}

/**
 * Copies what is needed of some pages into a new one, each frame once.
 *
 * @param whole takes pages that stay as they are
 * @returns rows and the new places of their frames, and how many rows name what lies beyond the end of their page: it was
 *   cut short. Null where a page went while it was read: another worker clears this import, and it is asked for again
 */
async function keep(
  deps: ClearDeps,
  { organizationId, importId, to }: { readonly organizationId: string; readonly importId: string; readonly to: number },
  pages: readonly StagedPage[],
  whole: Set<number>,
): Promise<Kept | null> {
  const ids = pages.map(({ page }) => page);
  const needed = Map.groupBy(await deps.ledger.framesToKeep(importId, ids), ({ page }) => page);
  const frames: KeptFrame[] = [];
  let beyond = 0;
  for (const { page, size } of pages) {
    const all = needed.get(page) ?? [];
    const named = all.filter(({ offset, length }) => offset + length <= size);
    beyond += all.length - named.length;
    const places = new Map(named.map(({ offset, length }) => [offset, length]));
    const isWhole = [...places.values()].reduce((sum, length) => sum + length, 0) === size && named.length > 0;
    if (isWhole && !(await isUnderOldKey(deps, pageName(organizationId, importId, page), size))) whole.add(page);
    else frames.push(...named);
  }
  if (frames.length === 0) return { moved: [], beyond };
  const places = [...new Map(frames.map((frame) => [placeOf(frame), frame])).values()];
  const copies = await deps.staging
    .copyFrames(
      deps.keyRing,
      places.map(({ page, ...frame }) => ({ ...frame, blob: pageName(organizationId, importId, page) })),
      pageName(organizationId, importId, to),
    )
    .catch((error: unknown) => {
      if (error instanceof StagedContentMissingError) return null;
      throw error;
    });
  if (copies === null) return null;
  const copied = new Map(places.map((frame, index) => [placeOf(frame), copies[index]]));
  const moved = frames.flatMap((frame) => {
    const place = copied.get(placeOf(frame));
    return place === undefined ? [] : [{ frame, ...place }];
  });
  return { moved, beyond };
}

/** With one key in the ring there is no older one, and nothing is asked. */
async function isUnderOldKey({ keyRing, staging }: ClearDeps, page: string, size: number): Promise<boolean> {
  if (keyRing.keys.size === 1) return false;
  const keyId = await staging.keyOfPage(page, size).catch((error: unknown) => {
    if (error instanceof StagedContentMissingError) return null;
    throw error;
  });
  return keyId !== keyRing.current.id;
}

const placeOf = ({ page, offset }: KeptFrame): string => `${page} ${offset}`;

/** In their order. */
async function stagedPages(deps: ClearDeps, organizationId: string, importId: string): Promise<StagedPage[]> {
  const pages: StagedPage[] = [];
  for await (const { name, size } of deps.staging.list(importPrefix(organizationId, importId))) {
    const staged = parseStagedName(name);
    if (staged?.kind === 'pages') pages.push({ page: Number(staged.id), size });
  }
  return pages.sort((a, b) => a.page - b.page);
}

/** Content that is still needed and that nobody here deleted: the storage has lost it. */
async function tellOfMissing(deps: ClearDeps, organizationId: string, importId: string, frames: number): Promise<void> {
  const run = await deps.ledger.findImport(organizationId, importId);
  if (!run) return;
  const { connectorId, windowId } = run;
  const code = 'content_missing';
  if (frames === 0) return deps.ledger.resolveWindowAlert(connectorId, windowId, code);
  deps.log.error({ importId, frames }, 'staged content is missing');
  await deps.ledger.raiseAlert({ organizationId, connectorId, importId, windowId, code, detail: { frames } });
}
