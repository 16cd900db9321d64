/** The items of a page on their way into the ledger: their frames in one sealed blob, and the rows that say where each lies. */
import { itemIdentity } from '../mail/identity.ts';
import { type Place, packFrames } from '../staging/frames.ts';
import { pageName } from '../staging/names.ts';
import type { ImportDeps } from './deps.ts';
import type { FannedOutItem } from './fan-out.ts';
import { encodeFrame, type StagedItem, stagedItem } from './frame.ts';
import type { PageEntry } from './page.ts';
import { UNASSIGNED } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { ImportRun } from './store/imports.ts';
import type { FramePlace, NewAttachment, NewItem } from './store/new-items.ts';

export interface ItemDraft {
  readonly entry: PageEntry;
  readonly itemId: string;
  readonly fannedOut: FannedOutItem | null;
  readonly attachments: readonly NewAttachment[];
}

export interface Places {
  of(entry: PageEntry, group: number): FramePlace;
  /** what the frames hold, by their offsets: as much of it as may be kept in memory until the page is written */
  readonly contents: ReadonlyMap<number, StagedItem>;
}

/**
 * Bytes that an item's frames may take together. A text lies once for each shard that is owed it; what is larger, or owed
 * to very many, lies once, and its shards read it from there: a page must not grow with the size of a group.
 */
const SHARED_BYTES = 64 * 1024;
/** Of frames whose content is kept in memory until the page is written: several times that, as objects. */
const KEPT_BYTES = 2 * 1024 * 1024;

interface PackedFrame {
  readonly itemIdentity: string;
  readonly body: Buffer;
  readonly group: number;
  /** null: no message is made of it at once */
  readonly content: StagedItem | null;
}

/** Collects the frames of a page: as a rule one a group of each item, so that a shard reads its own only. */
export class PagePacker {
  readonly #deps: ImportDeps;
  readonly #connector: RunningConnector;
  readonly #page: number;
  readonly #keepsContents: boolean;
  readonly #frames: PackedFrame[] = [];
  readonly #index = new Map<PageEntry, Map<number, number>>();

  /** @param keepsContents whether a run is at work here that may take copies of the page */
  constructor(deps: ImportDeps, connector: RunningConnector, page: number, keepsContents = false) {
    this.#deps = deps;
    this.#connector = connector;
    this.#page = page;
    this.#keepsContents = keepsContents;
  }

  addItem({ entry, fannedOut }: ItemDraft): void {
    if (entry.kind === 'unreadable' || fannedOut === null) {
      this.addRaw(entry);
      return;
    }
    const body = encodeFrame(fannedOut, entry.mended);
    const groups = new Set(fannedOut.copies.map(({ shard }) => shard));
    // Attachments are read when a copy is claimed, and what waits is for a later day.
    const isSentAtOnce = groups.size > 0 && fannedOut.item.attachments.length === 0;
    const content = this.#keepsContents && isSentAtOnce ? stagedItem(fannedOut, entry.mended) : null;
    if (groups.size === 0) groups.add(UNASSIGNED);
    const isShared = body.length * groups.size > SHARED_BYTES;
    for (const group of isShared ? [Math.min(...groups)] : groups) this.#add(entry, body, group, content);
  }

  addRaw(entry: PageEntry): void {
    this.#add(entry, Buffer.from(entry.original, 'utf8'), UNASSIGNED, null);
  }

  #add(entry: PageEntry, body: Buffer, group: number, content: StagedItem | null): void {
    const { organizationId, kind, accountId } = this.#connector;
    const identity = itemIdentity({ organizationId, kind, account: accountId }, entry.sourceItemId);
    const of = this.#index.get(entry) ?? new Map<number, number>();
    of.set(group, this.#frames.length);
    this.#index.set(entry, of);
    this.#frames.push({ itemIdentity: identity, body, group, content });
  }

  async store(run: Pick<ImportRun, 'id' | 'organizationId'>, signal: AbortSignal): Promise<Places> {
    const { blob, places } = packFrames(this.#deps.keyRing, this.#frames);
    if (places.length > 0)
      await this.#deps.staging.putPage(pageName(run.organizationId, run.id, this.#page), blob, signal);
    return {
      contents: this.#contents(places),
      of: (entry, group) => {
        const groups = this.#index.get(entry);
        const place = places[groups?.get(group) ?? groups?.values().next().value ?? -1];
        if (!place) throw new Error('a frame was not packed');
        return { page: this.#page, offset: place.offset, length: place.length };
      },
    };
  }

  #contents(places: readonly Place[]): Map<number, StagedItem> {
    const contents = new Map<number, StagedItem>();
    let bytes = 0;
    for (const [index, { offset, length }] of places.entries()) {
      const content = this.#frames[index]?.content ?? null;
      if (content === null || bytes + length > KEPT_BYTES) continue;
      bytes += length;
      contents.set(offset, content);
    }
    return contents;
  }
}

/** The row of an item whose frames are stored. */
export function newItem({ entry, itemId, fannedOut, attachments }: ItemDraft, places: Places): NewItem {
  const base = {
    itemId,
    sourceItemId: entry.sourceItemId,
    sha256: entry.sha256,
    archivedAt: entry.archivedAt,
    place: places.of(entry, UNASSIGNED),
  };
  if (entry.kind === 'unreadable') {
    return {
      ...base,
      type: 'unreadable',
      messageTime: null,
      messageKey: null,
      unreadable: entry.reason,
      deliveries: [],
      attachments: [],
    };
  }
  return {
    ...base,
    type: entry.item.type,
    messageTime: entry.messageTime,
    // An empty key says nothing: messages without one are no twins.
    messageKey: entry.item.messageKey || null,
    unreadable: null,
    deliveries: (fannedOut?.copies ?? []).map((copy) => ({ ...copy, place: places.of(entry, copy.shard) })),
    attachments,
  };
}
