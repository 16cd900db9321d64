/**
 * Items that were unreadable when they were listed first and can be read now, because the source mended them or this
 * portal learned their form. They are imported then, once: their identity stays, and so does the import to whose numbers
 * they belong.
 */
import type { ArchiveSource } from '../archive/source.ts';
import type { ImportDeps } from './deps.ts';
import { fanOut } from './fan-out.ts';
import type { KnownItem, PageEntry, ReadableEntry } from './page.ts';
import { newItem, PagePacker } from './page-packer.ts';
import { stageItems } from './stage-page.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { Origin } from './store/new-items.ts';

export interface MendedItems {
  /** what of the page was imported in place of what could not be read */
  readonly entries: ReadonlySet<PageEntry>;
  /** that have something to deliver now */
  readonly shards: ReadonlySet<number>;
}

interface Candidate {
  readonly entry: ReadableEntry;
  readonly known: KnownItem;
}

const NOTHING: MendedItems = { entries: new Set(), shards: new Set() };

/**
 * Imports those of the entries that the ledger holds as unreadable. Safe to repeat.
 *
 * @throws PageConflictError where an import's staged content is being cleared just now: the page is to be read again
 */
export async function importMended(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  perhaps: readonly Candidate[],
  signal: AbortSignal,
): Promise<MendedItems> {
  if (perhaps.length === 0) return NOTHING;
  const origins = await deps.ledger.unreadableItems(perhaps.map(({ known }) => known));
  if (origins.size === 0) return NOTHING;
  const byImport = new Map<string, Map<string, Candidate>>();
  for (const candidate of perhaps) {
    const origin = origins.get(candidate.known.itemId);
    if (!origin) continue;
    const of = byImport.get(origin.id) ?? new Map<string, Candidate>();
    // Of several contents under one id the first counts, here as anywhere.
    if (!of.has(candidate.known.itemId)) of.set(candidate.known.itemId, candidate);
    byImport.set(origin.id, of);
  }
  const entries = new Set<PageEntry>();
  const shards = new Set<number>();
  for (const of of byImport.values()) {
    const candidates = [...of.values()];
    const origin = origins.get(candidates[0]?.known.itemId ?? '');
    if (!origin) continue;
    const imported = await importOf(deps, connector, source, origin, candidates, signal);
    for (const { entry, shards: its } of imported) {
      entries.add(entry);
      for (const shard of its) shards.add(shard);
    }
  }
  return { entries, shards };
}

async function importOf(
  deps: ImportDeps,
  connector: RunningConnector,
  source: ArchiveSource,
  origin: Origin,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<{ readonly entry: ReadableEntry; readonly shards: readonly number[] }[]> {
  const entries = candidates.map(({ entry }) => entry);
  const { items: fannedOut, versionId } = await fanOut(
    deps,
    connector,
    entries.map(({ item }) => item),
    signal,
  );
  const attachments = await stageItems(deps, source, origin, entries, signal);
  const page = await deps.ledger.reservePage(origin.id);
  const packer = new PagePacker(deps, connector, page);
  const drafts = candidates.map(({ entry, known }, index) => ({
    // It stays where its evidence lies, whatever arrival the source names now.
    entry: { ...entry, archivedAt: known.archivedAt },
    itemId: known.itemId,
    fannedOut: fannedOut[index] ?? null,
    attachments: attachments[index] ?? [],
  }));
  for (const draft of drafts) packer.addItem(draft);
  const places = await packer.store(origin, signal);
  const items = drafts.map((draft) => newItem(draft, places));
  const written = await deps.ledger.commitMended(origin, page, items, { connector, versionId });
  return candidates.flatMap(({ entry, known }, index) => {
    if (!written.has(known.itemId)) return [];
    const owed = (items[index]?.deliveries ?? []).filter(({ state }) => state === 'pending');
    return [{ entry, shards: owed.map(({ shard }) => shard) }];
  });
}
