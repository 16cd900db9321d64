/**
 * Sealed content goes when it is in all its mailboxes. When an import is complete, what is still needed (waiting, failed,
 * unreadable or changed items) moves to a page of its own, and the rest is deleted. No timer deletes what is in no mailbox.
 *
 * Two workers may clear one import at once: each reserves a page number of its own, only the one with the highest number
 * may change rows, and each deletes only pages below its own.
 */
import { StagedContentMissingError } from '../staging/errors.ts';
import type { Place } from '../staging/frames.ts';
import { importPrefix, pageName, parseStagedName } from '../staging/names.ts';
import type { StagedPlace } from '../staging/reads.ts';
import type { ImportDeps } from './deps.ts';

/** Clears what a completed import no longer needs. Safe to repeat: an interruption leaves nothing worse than a copy. */
export async function clearStaging(deps: ImportDeps, organizationId: string, importId: string): Promise<void> {
  const keptPage = await deps.ledger.reserveKeptPage(organizationId, importId);
  if (keptPage === null) return;
  const blobOf = (page: number): string => pageName(organizationId, importId, page);
  const needed = await deps.ledger.framesToKeep(importId);
  const pages = needed.length === 0 ? new Set<number>() : await stagedPages(deps, organizationId, importId);
  const kept = needed.filter(({ page }) => pages.has(page));
  const places = await copied(
    deps,
    kept.map((frame) => ({ blob: blobOf(frame.page), offset: frame.offset, length: frame.length })),
    blobOf(keptPage),
  );
  if (places === null) return;
  const moved = kept.flatMap((frame, index) => {
    const place = places[index];
    return place ? [{ frame, offset: place.offset }] : [];
  });
  if (!(await deps.ledger.moveFrames(importId, keptPage, moved))) return;
  // Only what a row said is staged and unneeded: bytes that another worker is writing just now have no row yet.
  const unneeded = new Set(await deps.ledger.markUnneededAttachments(importId));
  for await (const { name } of deps.staging.list(importPrefix(organizationId, importId))) {
    const staged = parseStagedName(name);
    if (staged === null) continue;
    const goes = staged.kind === 'pages' ? Number(staged.id) < keptPage : unneeded.has(staged.id);
    if (goes) await deps.staging.delete(name);
  }
  await deps.ledger.finishClearing(importId, keptPage);
  await tellOfMissing(deps, organizationId, importId, needed.length - kept.length);
  // What was looked through has just been settled: its numbers must add up as they did at its end.
  await deps.ledger.judgeLater(organizationId, importId);
}

/** Null where a page went while it was read: another worker clears this import just now, and it is asked for again. */
async function copied({ staging }: ImportDeps, frames: readonly StagedPlace[], to: string): Promise<Place[] | null> {
  if (frames.length === 0) return [];
  try {
    return await staging.copyFrames(frames, to);
  } catch (error) {
    if (error instanceof StagedContentMissingError) return null;
    throw error;
  }
}

async function stagedPages(deps: ImportDeps, organizationId: string, importId: string): Promise<ReadonlySet<number>> {
  const pages = new Set<number>();
  for await (const { name } of deps.staging.list(importPrefix(organizationId, importId))) {
    const staged = parseStagedName(name);
    if (staged?.kind === 'pages') pages.add(Number(staged.id));
  }
  return pages;
}

/** Content that is still needed and that nobody here deleted: the storage has lost it. */
async function tellOfMissing(
  deps: ImportDeps,
  organizationId: string,
  importId: string,
  frames: number,
): Promise<void> {
  const run = await deps.ledger.findImport(organizationId, importId);
  if (!run) return;
  const { connectorId, windowId } = run;
  const code = 'content_missing';
  if (frames === 0) return deps.ledger.resolveWindowAlert(connectorId, windowId, code);
  deps.log.error({ importId, frames }, 'staged content is missing');
  await deps.ledger.raiseAlert({ organizationId, connectorId, importId, windowId, code, detail: { frames } });
}
